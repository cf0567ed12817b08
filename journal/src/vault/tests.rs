//! Every vault passes the same cases: see [`suite`].

mod cases;
mod credentials;
mod passing;
mod postgres;
mod rotation;
mod secrets;
mod signing;
mod sqlite;
mod tries;

use std::{ops::Deref, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;
use uuid::Uuid;

use super::{MasterKey, MasterKeySource, PostgresVault, SqliteVault, Vault, VaultError};

/// A vault, and a directory with its master key.
pub(crate) struct Opened {
    vault: Arc<dyn Vault>,
    /// The address of its database; absent where it is a file in the directory.
    url: Option<String>,
    directory: TempDir,
}

impl Deref for Opened {
    type Target = dyn Vault;

    fn deref(&self) -> &Self::Target {
        &*self.vault
    }
}

impl Opened {
    pub(crate) async fn init() -> Self {
        Self::at(None).await
    }

    async fn postgres() -> Self {
        Self::at(Some(test_postgres::database())).await
    }

    async fn at(url: Option<String>) -> Self {
        let directory = TempDir::new().expect("a directory");
        let vault = open_in(directory.path(), url.as_deref()).await.expect("a vault");
        Self { vault, url, directory }
    }

    /// Another of the same kind.
    async fn other(&self) -> Self {
        if self.url.is_some() { Self::postgres().await } else { Self::init().await }
    }

    /// As another process would find it.
    async fn again(self) -> Self {
        self.vault.close().await;
        let vault = open_in(self.directory.path(), self.url.as_deref()).await.expect("a vault");
        Self { vault, ..self }
    }

    /// With master keys of one's own.
    async fn with(&self, keys: impl MasterKeySource) -> Result<Arc<dyn Vault>, VaultError> {
        open(self.directory.path(), self.url.as_deref(), keys).await
    }

    /// As a command beside the process looks at it.
    async fn look(&self, key: MasterKey) -> Result<Arc<dyn Vault>, VaultError> {
        Ok(match &self.url {
            None => Arc::new(SqliteVault::look(self.directory.path().join("vault.db"), key).await?),
            Some(url) => Arc::new(PostgresVault::look(url, key).await?),
        })
    }

    /// What is stored of a subject, if anything is.
    async fn wrapped(&self, subject: Uuid) -> Option<Option<Vec<u8>>> {
        match &self.url {
            None => {
                let url = format!("sqlite://{}", self.directory.path().join("vault.db").display());
                let mut connection = SqliteConnection::connect(&url).await.expect("a connection");
                let query = sqlx::query_scalar("SELECT wrapped FROM subject_keys WHERE subject = ?").bind(subject.to_string());
                let wrapped = query.fetch_optional(&mut connection).await.expect("an answer");
                connection.close().await.expect("closed");
                wrapped
            }
            Some(url) => {
                let mut connection = PgConnection::connect(url).await.expect("a connection");
                let query = sqlx::query_scalar("SELECT wrapped FROM vault.subject_keys WHERE subject = $1::text::uuid");
                query.bind(subject.to_string()).fetch_optional(&mut connection).await.expect("an answer")
            }
        }
    }

    /// Makes every secret unreadable.
    async fn damage_secrets(&self) {
        match &self.url {
            None => {
                let url = format!("sqlite://{}", self.directory.path().join("vault.db").display());
                let mut connection = SqliteConnection::connect(&url).await.expect("a connection");
                connection.execute("UPDATE secrets SET wrapped = zeroblob(72)").await.expect("damaged");
                connection.close().await.expect("closed");
            }
            Some(url) => {
                let mut connection = PgConnection::connect(url).await.expect("a connection");
                connection.execute("UPDATE vault.secrets SET wrapped = decode(repeat('00', 72), 'hex')").await.expect("damaged");
            }
        }
    }

    /// Runs statements in which `SCHEMA.` is before each table.
    async fn run(&self, statements: &str) {
        match &self.url {
            None => {
                let url = format!("sqlite://{}", self.directory.path().join("vault.db").display());
                let mut connection = SqliteConnection::connect(&url).await.expect("a connection");
                let statements = sqlx::raw_sql(AssertSqlSafe(statements.replace("SCHEMA.", "")));
                statements.execute(&mut connection).await.expect("done");
                connection.close().await.expect("closed");
            }
            Some(url) => {
                let mut connection = PgConnection::connect(url).await.expect("a connection");
                let statements = sqlx::raw_sql(AssertSqlSafe(statements.replace("SCHEMA.", "vault.")));
                statements.execute(&mut connection).await.expect("done");
            }
        }
    }

    /// Changes the master key to [`other_key`], as another process would.
    async fn rotate_behind_its_back(&self) {
        if self.url.is_none() {
            std::fs::remove_file(self.directory.path().join("vault.db.lock")).expect("unlocked");
        }
        let other = open_in(self.directory.path(), self.url.as_deref()).await.expect("a second process");
        other.rotate_master_key(other_key()).await.expect("rotated");
        other.close().await;
    }
}

async fn open_in(directory: &Path, url: Option<&str>) -> Result<Arc<dyn Vault>, VaultError> {
    let key = MasterKey::from_file(&directory.join("master.key"), true)?;
    open(directory, url, key).await
}

async fn open(directory: &Path, url: Option<&str>, keys: impl MasterKeySource) -> Result<Arc<dyn Vault>, VaultError> {
    Ok(match url {
        None => Arc::new(SqliteVault::init(directory.join("vault.db"), keys).await?),
        Some(url) => Arc::new(PostgresVault::init(url, keys).await?),
    })
}

/// A master key that is not the one in the file.
fn other_key() -> MasterKey {
    MasterKey::from_base64("NALABO_MASTER_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=").expect("a key")
}

const ANN: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);
const EVENT: Uuid = Uuid::from_u128(0xe);

macro_rules! suite {
    ($($case:ident)*) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::cases::$case(super::Opened::init().await).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::cases::$case(super::Opened::postgres().await).await;
            })*
        }
    };
}

suite! {
    what_is_sealed_opens_after_a_restart
    many_open_in_order
    an_altered_text_does_not_open
    an_erased_subject_stays_erased
    erasures_that_a_restored_vault_has_not_seen_are_applied_again
    first_use_races_to_one_key
    a_blind_index_depends_on_purpose_value_and_vault
    a_refresh_token_rotates_once
    expired_refresh_tokens_are_purged
    what_is_tried_is_counted_once
    what_was_tried_long_ago_is_forgotten
    what_is_kept_for_somebody_is_taken_once
    what_nobody_came_for_in_time_is_gone
    what_is_kept_for_somebody_outlives_a_new_master_key
    credentials_open_for_their_owner_and_version_alone
    credentials_are_kept_until_they_are_superseded_or_discarded
    credentials_survive_a_new_master_key
    a_number_is_one_key_and_is_kept_as_it_was_given
    keys_that_are_worth_nothing_are_removed_with_what_they_were_made_of
    signing_keys_survive_a_new_master_key
    a_signing_key_in_the_place_of_another_does_not_open
    a_wrong_master_key_is_told_from_the_one_that_is_wanted
    everything_opens_under_a_new_master_key_and_nothing_under_the_old
    a_rotation_that_fails_changes_nothing
    a_key_of_the_past_adds_nothing_and_opens_nothing
    a_process_goes_on_once_it_finds_the_new_key
    a_rotation_that_ended_half_way_opens_by_both_keys_and_goes_on
    everybody_is_served_while_keys_are_wrapped_anew
    a_look_beside_a_process_reads_and_changes_nothing
    a_destroyed_secret_is_gone_and_the_others_stay
    a_secret_that_another_process_destroyed_is_not_found_though_it_was_used
    whoever_reads_a_secret_while_it_is_destroyed_does_not_keep_it
}

#[test]
fn a_master_key_is_made_once_and_shows_nothing() {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("master.key");
    assert!(matches!(MasterKey::from_file(&path, false), Err(VaultError::Path { path: told, .. }) if told == path));
    let key = MasterKey::from_file(&path, true).expect("made");
    let again = MasterKey::from_file(&path, true).expect("read");
    assert_eq!(key.expose(), again.expose());
    assert_eq!(std::fs::metadata(&path).expect("metadata").permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read(&path).expect("bytes"), key.expose());
    assert!(matches!(MasterKey::generate_file(&path), Err(VaultError::Path { path: told, .. }) if told == path), "it would be lost");
    let shown = format!("{key:?}");
    assert!(shown.contains("REDACTED") && !shown.contains(&format!("{:?}", key.expose()[0..2].to_vec())), "{shown}");
    std::fs::write(&path, "short").expect("written");
    assert!(matches!(MasterKey::from_file(&path, true), Err(VaultError::MasterKey { .. })));
}

#[test]
fn a_new_key_takes_the_place_of_the_old_one() {
    let directory = TempDir::new().expect("a directory");
    let (old, new) = (directory.path().join("master.key"), directory.path().join("master.key.new"));
    let (before, after) = (MasterKey::generate_file(&old).expect("made"), MasterKey::generate_file(&new).expect("made"));
    assert_ne!(before.id(), after.id());
    assert_eq!(before.id().len(), 16);
    MasterKey::replace_file(&new, &old).expect("replaced");
    assert_eq!(MasterKey::from_file(&old, false).expect("read").id(), after.id());
    assert!(matches!(MasterKey::replace_file(&new, &old), Err(VaultError::Path { .. })), "there is none any more");
}

#[test]
fn a_master_key_from_text_is_checked() {
    for malformed in ["", "c2hvcnQ=", "not base64 at all!"] {
        let refused = MasterKey::from_base64("NALABO_MASTER_KEY", malformed).map(drop);
        assert_eq!(
            refused.expect_err("malformed").to_string(),
            "the master key from NALABO_MASTER_KEY is malformed: expected base64 of 32 bytes"
        );
    }
    MasterKey::from_base64("", " MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n").expect("white space around it does not matter");
}
