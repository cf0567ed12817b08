//! What every engine promises, said once. Each engine is a [`Store`] and one line at the end of this file.

mod appends;
#[path = "../fixtures/mod.rs"]
mod fixtures;
mod personal;
mod postgres;
mod reads;
mod receipts;
mod sqlite;
mod subscribers;
mod usage;

use std::sync::Arc;

use journal::{Journal, vault::Vault};

/// Where an engine keeps an empty journal for one test.
trait Store: Send + Sync {
    async fn init() -> Self;
    /// Opens the journal; again, if it was closed.
    async fn open(&self) -> Arc<dyn Journal>;
    fn vault(&self) -> Arc<dyn Vault>;
    /// Every byte that the engine has put on disk.
    async fn stored_bytes(&self) -> Vec<u8>;
}

/// Instantiates the suite for an engine.
macro_rules! contract {
    ($engine:ident, $store:ty) => {
        contract! { @ $engine, $store,
            appends: an_append_gets_the_next_positions, a_stale_writer_is_told_where_the_stream_is,
                several_streams_are_written_all_or_nothing, a_stream_without_events_is_a_precondition,
                a_malformed_append_is_refused, an_event_id_is_used_once, a_refused_append_fails_alone, an_event_has_a_size_limit,
                a_passed_lease_fences_its_holder, what_was_decided_on_what_is_queued_is_written_after_it,
                what_was_decided_on_what_was_not_written_is_refused_whatever_is_there, dropping_the_caller_does_not_cancel, a_closed_journal_refuses_and_keeps,
                opening_again_continues_positions_and_chain;
            receipts: a_retry_is_told_the_first_answer, a_retry_is_answered_though_the_stream_moved, a_key_wins_once_among_many,
                a_refusal_is_a_receipt_alone, an_expired_receipt_is_forgotten, expired_receipts_are_purged;
            reads: an_event_is_read_as_it_was_written, a_stream_is_loaded_in_order, pages_follow_each_other, reading_back_starts_at_the_end,
                streams_that_are_asked_for_at_once_are_each_read_as_alone, raw_events_are_as_stored, an_instant_has_a_position,
                a_tail_sees_what_is_there_and_what_comes, who_follows_misses_nothing_whatever_others_read, a_tail_ends_with_the_journal, the_chain_verifies_page_by_page,
                a_foreign_link_does_not_verify;
            personal: personal_values_are_sealed_on_disk, sealed_values_open_with_the_vault, an_erased_person_reads_as_erased,
                nothing_is_sealed_for_an_erased_person, a_malformed_personal_value_is_refused;
            subscribers: contents_are_kept_by_digest, a_lease_has_one_holder, an_expired_lease_is_taken_over,
                a_checkpoint_starts_at_zero_and_moves, timers_are_set_moved_and_cancelled,
                an_advance_is_fenced, streams_are_parked_and_released, a_snapshot_is_replaced_by_a_later_one,
                signed_checkpoints_are_kept;
            usage: a_measurement_is_kept_once, steps_are_means_over_time_and_what_is_there_last, clusters_are_summed_up,
                what_is_old_is_thinned_and_says_the_same;
        }
    };
    (@ $engine:ident, $store:ty, $($area:ident: $($case:ident),+;)+) => {
        mod $engine {
            $(mod $area {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    crate::$area::$case(&<$store as crate::Store>::init().await).await;
                })+
            })+
        }
    };
}

contract!(on_sqlite, crate::sqlite::SqliteStore);
contract!(on_postgres, crate::postgres::PostgresStore);
