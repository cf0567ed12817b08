mod ahead;
mod fixtures;
mod recent;
mod relied;
#[path = "../../../journal/tests/fixtures/seeds.rs"]
mod seeds;
mod spared;

use std::sync::Arc;

use domain::{
    Decider,
    identity::account::{Account, AccountCommand},
    kernel::Timestamp,
};
use fixtures::{Counted, Tally, TallyCommand, TallyEvent, journal};
use futures_util::future::join_all;
use journal::{Append, History, Journal, JournalError, NewEvent, Snapshot, StreamId, StreamWrite};
use proptest::{collection::vec, prelude::*};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Accepted, Dispatcher, Fault, Outcome, Request, StreamOptions,
    authorization::{Act, Needs},
    dispatch::Operation,
    stored::{self, to_new_events},
    streams::Ground,
    system_clock,
};

const OLD: Uuid = Uuid::from_u128(7);

fn stream() -> StreamId {
    StreamId::new(Tally::STREAM, OLD)
}

async fn dispatcher(journal: &Arc<Counted>, options: StreamOptions) -> Dispatcher {
    let vault = Arc::clone(&journal.vault);
    Dispatcher::init_with(Arc::clone(journal) as Arc<dyn Journal>, vault, system_clock, options).await.expect("a dispatcher")
}

async fn tell(dispatcher: &Dispatcher, command: TallyCommand) -> Result<Outcome<(), fixtures::Full>, Fault> {
    tell_of(dispatcher, OLD, command).await
}

async fn tell_of(dispatcher: &Dispatcher, id: Uuid, command: TallyCommand) -> Result<Outcome<(), fixtures::Full>, Fault> {
    let (request, operation) = (
        Request::system("test"),
        Operation::new(Act { name: "tally", needs: Needs::Program, dangerous: false, takes_password: false, enrolling: false }, json!({})),
    );
    dispatcher.command::<Tally>(&request, operation, id, || command.clone()).await
}

#[track_caller]
fn accepted(outcome: Result<Outcome<(), fixtures::Full>, Fault>) {
    match outcome {
        Ok(Outcome::Accepted(Accepted { .. })) => {}
        other => panic!("{other:?}"),
    }
}

/// Another node: it appends without our knowing.
async fn elsewhere(journal: &Arc<Counted>, expected: i64, events: &[TallyEvent]) {
    elsewhere_to(journal, stream(), expected, events).await;
}

async fn elsewhere_to(journal: &Arc<Counted>, stream: StreamId, expected: i64, events: &[TallyEvent]) {
    let write = StreamWrite { stream, expected, events: to_new_events(events).expect("JSON") };
    let metadata = Request::system("elsewhere").metadata("tally", None, None);
    journal.inner.append(Append { writes: vec![write], metadata, receipt: None, fence: None }).await.expect("appended");
}

const NO_SNAPSHOTS: StreamOptions = StreamOptions { cached: 100, snapshot_every: 0 };

#[tokio::test]
async fn a_stream_at_hand_is_loaded_once() {
    let journal = journal().await;
    let dispatcher = dispatcher(&journal, NO_SNAPSHOTS).await;
    for _ in 0..20 {
        accepted(tell(&dispatcher, TallyCommand::Add(1)).await);
    }
    assert_eq!(journal.loads(), 1);
    assert_eq!(dispatcher.state::<Tally>(OLD).await.expect("readable").sum, 20);
}

#[tokio::test]
async fn a_stream_at_hand_is_read_from_where_it_was_left() {
    let journal = journal().await;
    let dispatcher = dispatcher(&journal, NO_SNAPSHOTS).await;
    let sum = async || dispatcher.state::<Tally>(OLD).await.expect("readable").sum;
    for added in 1..=3 {
        elsewhere(&journal, added - 1, &[TallyEvent::Added { by: 1, sum: added }]).await;
        assert_eq!(sum().await, added, "what another node wrote is seen");
    }
    accepted(tell(&dispatcher, TallyCommand::Add(1)).await);
    assert_eq!(sum().await, 4);
    assert_eq!(journal.events_loaded(), 3, "each was read once, and what this node wrote never");
}

#[tokio::test]
async fn what_is_known_of_a_stream_is_not_asked_for_unless_more_of_it_must_be_known() {
    let journal = journal().await;
    let dispatcher = dispatcher(&journal, NO_SNAPSHOTS).await;
    let known = async |events| dispatcher.known(OLD, events, |tally: &Tally| tally.sum).await.expect("readable");
    accepted(tell(&dispatcher, TallyCommand::Add(1)).await);
    let loads = journal.loads();
    assert_eq!((known(0).await, known(1).await), (1, 1));
    elsewhere(&journal, 1, &[TallyEvent::Added { by: 1, sum: 2 }]).await;
    assert_eq!(known(1).await, 1, "what another node wrote may be missing");
    assert_eq!(journal.loads(), loads, "nothing was asked for until then");
    assert_eq!((known(2).await, known(1).await), (2, 2));
    assert_eq!(journal.loads(), loads + 1);
}

#[tokio::test]
async fn what_was_left_behind_is_read_on_and_not_anew() {
    let journal = journal().await;
    let dispatcher = dispatcher(&journal, NO_SNAPSHOTS).await;
    for _ in 0..10 {
        accepted(tell(&dispatcher, TallyCommand::Add(1)).await);
    }
    elsewhere(&journal, 10, &[TallyEvent::Added { by: 1, sum: 11 }]).await;
    let before = journal.events_loaded();
    accepted(tell(&dispatcher, TallyCommand::Add(1)).await);
    assert_eq!(journal.events_loaded() - before, 1);
    assert_eq!(dispatcher.known(OLD, 12, |tally: &Tally| tally.sum).await.expect("readable"), 12);
}

/// As if all ids had just been made.
fn long_ago() -> Timestamp {
    system_clock() - chrono::TimeDelta::hours(1)
}

#[tokio::test]
async fn a_stream_that_was_just_named_is_not_looked_for() {
    let journal = journal().await;
    for (options, loads) in [(NO_SNAPSHOTS, 0), (StreamOptions { cached: 0, snapshot_every: 0 }, 0)] {
        let vault = Arc::clone(&journal.vault);
        let dispatcher =
            Dispatcher::init_with(Arc::clone(&journal) as Arc<dyn Journal>, vault, long_ago, options).await.expect("a dispatcher");
        accepted(tell_of(&dispatcher, Uuid::now_v7(), TallyCommand::Add(1)).await);
        assert_eq!(journal.loads(), loads);
    }
}

#[tokio::test]
async fn what_a_stream_taken_for_new_turns_out_to_hold_decides() {
    let journal = journal().await;
    for cached in [0, 100] {
        let vault = Arc::clone(&journal.vault);
        let options = StreamOptions { cached, snapshot_every: 0 };
        let dispatcher =
            Dispatcher::init_with(Arc::clone(&journal) as Arc<dyn Journal>, vault, long_ago, options).await.expect("a dispatcher");
        let cases = [
            (100, TallyCommand::Add(1), None),       // accepted if it were new
            (-50, TallyCommand::Add(101), Some(51)), // refused
            (5, TallyCommand::Reach(0), Some(0)),    // nothing to do
            (5, TallyCommand::Add(7), Some(12)),     // another event
        ];
        for (sum, command, left) in cases {
            let stream = StreamId::new(Tally::STREAM, Uuid::now_v7());
            elsewhere_to(&journal, stream.clone(), 0, &[TallyEvent::Added { by: sum, sum }]).await;
            let outcome = tell_of(&dispatcher, stream.id, command.clone()).await.expect("decided");
            assert_eq!(matches!(outcome, Outcome::Accepted(_)), left.is_some(), "{command:?} after {sum}");
            let now = dispatcher.state::<Tally>(stream.id).await.expect("readable").sum;
            assert_eq!(now, left.unwrap_or(sum), "{command:?} after {sum}");
        }
    }
}

#[tokio::test]
async fn commands_on_one_stream_take_turns_and_nobody_waits_in_a_circle() {
    let journal = journal().await;
    let dispatcher = dispatcher(&journal, NO_SNAPSHOTS).await;
    accepted(tell(&dispatcher, TallyCommand::Add(1)).await);
    let streams = Arc::clone(&dispatcher.streams);
    let ground = move |wait| {
        let streams = Arc::clone(&streams);
        async move { streams.ground::<Tally>(&stream(), Some(system_clock()), wait).await.expect("readable").turn }
    };
    let first = ground(true).await;
    assert!(first.is_some());
    assert!(ground(false).await.is_none(), "who has another stream's turn goes ahead without");
    let second = tokio::spawn(ground(true));
    tokio::task::yield_now().await;
    assert!(!second.is_finished(), "it waits");
    drop(first);
    assert!(second.await.expect("no panic").is_some());
}

#[tokio::test]
async fn without_room_every_command_loads() {
    let journal = journal().await;
    let dispatcher = dispatcher(&journal, StreamOptions { cached: 0, snapshot_every: 0 }).await;
    for _ in 0..5 {
        accepted(tell(&dispatcher, TallyCommand::Add(1)).await);
    }
    assert_eq!(journal.loads(), 5);
}

#[tokio::test]
async fn what_another_node_wrote_is_seen_at_the_append() {
    let journal = journal().await;
    let dispatcher = dispatcher(&journal, NO_SNAPSHOTS).await;
    accepted(tell(&dispatcher, TallyCommand::Add(1)).await);
    elsewhere(&journal, 1, &[TallyEvent::Added { by: 40, sum: 41 }]).await;
    accepted(tell(&dispatcher, TallyCommand::Add(1)).await);
    assert_eq!(dispatcher.state::<Tally>(OLD).await.expect("readable").sum, 42);
}

#[tokio::test]
async fn a_refusal_is_decided_again_on_what_another_node_wrote() {
    let journal = journal().await;
    let dispatcher = dispatcher(&journal, NO_SNAPSHOTS).await;
    accepted(tell(&dispatcher, TallyCommand::Add(100)).await);
    assert!(matches!(tell(&dispatcher, TallyCommand::Add(1)).await, Ok(Outcome::Rejected(_))), "full");
    elsewhere(&journal, 1, &[TallyEvent::Added { by: -50, sum: 50 }]).await;
    accepted(tell(&dispatcher, TallyCommand::Add(1)).await);
}

#[tokio::test]
async fn that_there_is_nothing_to_do_is_decided_again_on_what_another_node_wrote() {
    let journal = journal().await;
    let dispatcher = dispatcher(&journal, NO_SNAPSHOTS).await;
    accepted(tell(&dispatcher, TallyCommand::Add(5)).await);
    accepted(tell(&dispatcher, TallyCommand::Reach(5)).await);
    assert_eq!(dispatcher.journal().head().await.expect("readable").0, 1, "nothing to do");
    elsewhere(&journal, 1, &[TallyEvent::Added { by: 1, sum: 6 }]).await;
    accepted(tell(&dispatcher, TallyCommand::Reach(5)).await);
    assert_eq!(dispatcher.state::<Tally>(OLD).await.expect("readable").sum, 5);
}

#[tokio::test]
async fn after_an_append_that_failed_nothing_kept_is_believed() {
    let journal = journal().await;
    let dispatcher = dispatcher(&journal, NO_SNAPSHOTS).await;
    accepted(tell(&dispatcher, TallyCommand::Add(1)).await);
    // The answer to a commit is lost.
    journal.lose_next_answer();
    let lost = tell(&dispatcher, TallyCommand::Add(1)).await;
    assert!(matches!(lost, Err(Fault::Journal(JournalError::Unknown))), "{lost:?}");
    let loads = journal.loads();
    accepted(tell(&dispatcher, TallyCommand::Add(1)).await);
    assert_eq!(journal.loads(), loads + 1);
    assert_eq!(dispatcher.state::<Tally>(OLD).await.expect("readable").sum, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_on_one_stream_from_two_nodes_add_up() {
    let journal = journal().await;
    let nodes = [dispatcher(&journal, StreamOptions { cached: 100, snapshot_every: 10 }).await, dispatcher(&journal, NO_SNAPSHOTS).await];
    let add = |nth: usize| {
        let dispatcher = nodes[nth % 2].clone();
        async move {
            for _ in 0..10 {
                while !matches!(tell(&dispatcher, TallyCommand::Add(1)).await, Ok(Outcome::Accepted(_))) {}
            }
        }
    };
    join_all((0..8).map(|nth| tokio::spawn(add(nth)))).await.into_iter().for_each(|joined| joined.expect("no panic"));
    let events = journal.inner.load(&stream(), 0).await.expect("readable");
    let sums: Vec<_> = events.iter().map(|event| stored::read::<Tally>(event).expect("readable")).collect();
    assert_eq!(sums, (1..=80).map(|sum| TallyEvent::Added { by: 1, sum }).collect::<Vec<_>>());
    for node in nodes {
        assert_eq!(node.state::<Tally>(OLD).await.expect("readable").sum, 80);
    }
}

#[tokio::test]
async fn no_personal_value_in_the_clear_is_kept() {
    let journal = journal().await;
    let account = domain::kernel::AccountId(Uuid::now_v7());
    let id = StreamId::new(Account::STREAM, account.0);
    let dispatcher = dispatcher(&journal, StreamOptions { cached: 10, snapshot_every: 1 }).await;
    let register = || fixtures::register(account, "ada@example.org", "plain-secret");
    let operation = || {
        Operation::new(
            Act { name: "register", needs: Needs::Program, dangerous: false, takes_password: false, enrolling: false },
            json!({}),
        )
    };
    dispatcher.command::<Account>(&Request::system("test"), operation(), account.0, register).await.expect("decided");
    let grant = || AccountCommand::GrantRole { account, role: domain::identity::Role::Author.into(), until: None, by: None };
    dispatcher.command::<Account>(&Request::system("test"), operation(), account.0, grant).await.expect("decided");
    let Ground { cell, kept, .. } = dispatcher.streams.ground::<Account>(&id, None, true).await.expect("readable");
    assert!(kept, "the second command has left it there");
    let state = cell.with(|state| serde_json::to_string(&state.value)).expect("sound").expect("JSON");
    assert!(state.contains("sealed") && state.contains("author"), "{state}");
    assert!(!state.contains("ada@example.org") && !state.contains("plain-secret"), "{state}");
    let snapshot = journal.snapshot_of(&id).await.state;
    assert!(snapshot.contains("sealed") && !snapshot.contains("ada@example.org") && !snapshot.contains("plain-secret"), "{snapshot}");
}

#[tokio::test]
async fn a_long_stream_is_read_from_its_snapshot() {
    let journal = journal().await;
    let options = StreamOptions { cached: 10, snapshot_every: 10 };
    let first = dispatcher(&journal, options).await;
    for _ in 0..25 {
        accepted(tell(&first, TallyCommand::Add(1)).await);
    }
    assert_eq!(journal.snapshot_at(20).await.sequence, 20);
    let read = journal.events_loaded();
    let other = dispatcher(&journal, options).await;
    assert_eq!(other.state::<Tally>(OLD).await.expect("readable").sum, 25);
    assert_eq!(journal.events_loaded() - read, 6, "the event it was taken after, and the five since");
}

#[tokio::test]
async fn a_snapshot_that_does_not_fit_the_events_is_not_believed() {
    let journal = journal().await;
    let dispatcher = dispatcher(&journal, StreamOptions { cached: 0, snapshot_every: 1000 }).await;
    accepted(tell(&dispatcher, TallyCommand::Add(3)).await);
    let last = journal.inner.load(&stream(), 0).await.expect("readable")[0].event_id;
    let other = Uuid::from_u128(1);
    let wrong = [
        (9, json!({ "event": last, "state": { "sum": 70 } })), // beyond the end, as after a restored backup
        (1, json!({ "event": other, "state": { "sum": 70 } })), // of a history that is no more
        (1, json!({ "event": last, "state": "70" })),          // not a state
        (1, json!(70)),
        (0, json!({ "event": last, "state": { "sum": 70 } })),
    ];
    for (sequence, state) in wrong {
        *journal.snapshot.lock().expect("held by nobody") =
            Some(Snapshot { stream: stream(), version: Tally::STATE_VERSION, sequence, state: state.to_string() });
        assert_eq!(dispatcher.state::<Tally>(OLD).await.expect("readable").sum, 3, "sequence {sequence}");
    }
    let fits = json!({ "event": last, "state": { "sum": 70 } });
    *journal.snapshot.lock().expect("held by nobody") =
        Some(Snapshot { stream: stream(), version: 1, sequence: 1, state: fits.to_string() });
    assert_eq!(dispatcher.state::<Tally>(OLD).await.expect("readable").sum, 3, "another version");
    *journal.snapshot.lock().expect("held by nobody") =
        Some(Snapshot { stream: stream(), version: Tally::STATE_VERSION, sequence: 1, state: fits.to_string() });
    assert_eq!(dispatcher.state::<Tally>(OLD).await.expect("readable").sum, 70, "one that fits is used: else this proves nothing");
}

#[tokio::test]
async fn a_stream_with_an_event_of_a_newer_build_is_not_decided_on() {
    let journal = journal().await;
    let dispatcher = dispatcher(&journal, NO_SNAPSHOTS).await;
    let newer = NewEvent { id: Uuid::now_v7(), name: "TallyDoubled".into(), version: 1, payload: json!({ "Doubled": {} }) };
    let write = StreamWrite { stream: stream(), expected: 0, events: vec![newer] };
    let metadata = Request::system("elsewhere").metadata("tally", None, None);
    journal.inner.append(Append { writes: vec![write], metadata, receipt: None, fence: None }).await.expect("appended");
    let refused = tell(&dispatcher, TallyCommand::Add(1)).await;
    assert!(matches!(&refused, Err(Fault::Newer { event, version: 1, .. }) if event == "TallyDoubled"), "{refused:?}");
}

#[tokio::test]
async fn old_forms_are_brought_forward_as_cqrs_es_would() {
    use cqrs_es::persist::SerializedEvent;
    let journal = journal().await;
    let old = NewEvent { id: Uuid::now_v7(), name: "TallyAdded".into(), version: 1, payload: json!({ "Added": 4 }) };
    let write = StreamWrite { stream: stream(), expected: 0, events: vec![old] };
    let metadata = Request::system("elsewhere").metadata("tally", None, None);
    journal.inner.append(Append { writes: vec![write], metadata, receipt: None, fence: None }).await.expect("appended");
    let dispatcher = dispatcher(&journal, NO_SNAPSHOTS).await;
    assert_eq!(dispatcher.state::<Tally>(OLD).await.expect("readable").sum, 4);

    let id = OLD.to_string();
    let stored = SerializedEvent::new(id, 1, "tally".into(), "TallyAdded".into(), "1".into(), json!({ "Added": 4 }), json!({}));
    let forward = stored::upcasters::<Tally>()
        .iter()
        .fold(stored, |event, step| if step.can_upcast(&event.event_type, &event.event_version) { step.upcast(event) } else { event });
    assert_eq!((forward.event_version.as_str(), forward.payload), ("2", json!({ "Added": { "by": 4, "sum": 4 } })));
}

proptest! {
    #![proptest_config(seeds::seeded(24))]
    #[test]
    fn with_snapshots_and_memory_or_without_a_history_comes_to_the_same(
        commands in vec(prop_oneof![(-60..60_i64).prop_map(TallyCommand::Add), (0..100_i64).prop_map(TallyCommand::Reach)], 1..60),
        every in 0..7_u32,
        cached in 0..3_u32,
        restarts in vec(any::<bool>(), 60),
    ) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(async {
            let journal = journal().await;
            let options = StreamOptions { cached, snapshot_every: every };
            let mut dispatcher = self::dispatcher(&journal, options).await;
            let mut model = Tally::default();
            for (command, restart) in commands.into_iter().zip(restarts) {
                if restart {
                    dispatcher = self::dispatcher(&journal, options).await;
                }
                let expected = model.decide(command.clone(), system_clock());
                let outcome = tell(&dispatcher, command).await.expect("decided");
                assert_eq!(matches!(outcome, Outcome::Accepted(_)), expected.is_ok());
                expected.unwrap_or_default().iter().for_each(|event| model.evolve(event));
                assert_eq!(dispatcher.state::<Tally>(OLD).await.expect("readable").sum, model.sum);
            }
        });
    }
}
