use std::{ops::Deref, os::unix::fs::PermissionsExt, path::Path};

use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use secrecy::ExposeSecret;
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;
use uuid::Uuid;

use super::{MasterKey, SqliteVault, Vault, VaultError};

/// A vault in a directory of its own.
pub(crate) struct Opened {
    vault: SqliteVault,
    directory: TempDir,
}

impl Deref for Opened {
    type Target = SqliteVault;

    fn deref(&self) -> &SqliteVault {
        &self.vault
    }
}

impl Opened {
    pub(crate) async fn init() -> Self {
        let directory = TempDir::new().expect("a directory");
        Self { vault: open_in(directory.path()).await.expect("a vault"), directory }
    }

    /// As another process would find it.
    async fn again(self) -> Self {
        self.vault.close().await;
        Self { vault: open_in(self.directory.path()).await.expect("a vault"), directory: self.directory }
    }

    async fn wrapped(&self, subject: Uuid) -> Option<Vec<u8>> {
        let url = format!("sqlite://{}", self.directory.path().join("vault.db").display());
        let mut connection = SqliteConnection::connect(&url).await.expect("a connection");
        let query = sqlx::query_scalar("SELECT wrapped FROM subject_keys WHERE subject = ?").bind(subject.to_string());
        let wrapped = query.fetch_one(&mut connection).await.expect("a row");
        connection.close().await.expect("closed");
        wrapped
    }
}

async fn open_in(directory: &Path) -> Result<SqliteVault, VaultError> {
    let key = MasterKey::from_file(&directory.join("master.key"), true)?;
    SqliteVault::init(directory.join("vault.db"), key).await
}

const ANN: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);
const EVENT: Uuid = Uuid::from_u128(0xe);

#[tokio::test]
async fn what_is_sealed_opens_after_a_restart() {
    let vault = Opened::init().await;
    let sealed = vault.seal(ANN, EVENT, b"Ann").await.expect("sealed");
    assert!(sealed.starts_with("v1.0000000000000000000000000000000e."), "{sealed}");
    assert_ne!(sealed, vault.seal(ANN, EVENT, b"Ann").await.expect("sealed"), "equal values must not look equal");
    let vault = vault.again().await;
    let opened = vault.open(ANN, &sealed).await.expect("opened").expect("not erased");
    assert_eq!(opened.expose_secret(), b"Ann");
}

#[tokio::test]
async fn many_open_in_order() {
    let vault = Opened::init().await;
    let mut sealed = Vec::new();
    for number in 0..20_u8 {
        let subject = Uuid::from_u128(u128::from(number % 7));
        sealed.push((subject, vault.seal(subject, EVENT, &[number]).await.expect("sealed")));
    }
    let vault = vault.again().await;
    vault.erase_subject(Uuid::from_u128(3)).await.expect("erased");
    let texts: Vec<(Uuid, &str)> = sealed.iter().map(|(subject, text)| (*subject, text.as_str())).collect();
    for (number, opened) in (0..).zip(vault.open_many(&texts).await.expect("opened")) {
        let expected = (number % 7 != 3).then_some(vec![number]);
        assert_eq!(opened.map(|bytes| bytes.expose_secret().to_vec()), expected);
    }
}

#[tokio::test]
async fn an_altered_text_does_not_open() {
    let vault = Opened::init().await;
    let sealed = vault.seal(ANN, EVENT, b"Ann").await.expect("sealed");
    vault.seal(BOB, EVENT, b"Bob").await.expect("sealed");
    let other_event = sealed.replacen("00e.", "00f.", 1);
    let (start, last) = sealed.split_at(sealed.len() - 3);
    let other_byte = format!("{start}{}", if last == "AAA" { "BBB" } else { "AAA" });
    for forged in [&other_event, &other_byte] {
        assert!(matches!(vault.open(ANN, forged).await, Err(VaultError::Forged(ANN))), "{forged}");
    }
    assert!(matches!(vault.open(BOB, &sealed).await, Err(VaultError::Forged(BOB))));
    for malformed in ["", "v1", "v2.0.0", "v1.x.AAAA", &sealed[..30], &format!("{sealed}=")] {
        assert!(matches!(vault.open(ANN, malformed).await, Err(VaultError::Malformed)), "{malformed}");
    }
    assert!(matches!(vault.open(Uuid::from_u128(3), &sealed).await, Err(VaultError::NoKey(_))));
}

#[tokio::test]
async fn an_erased_subject_stays_erased() {
    let vault = Opened::init().await;
    let sealed = vault.seal(ANN, EVENT, b"Ann").await.expect("sealed");
    for _ in 0..2 {
        vault.erase_subject(ANN).await.expect("erased");
        assert!(vault.open(ANN, &sealed).await.expect("opened").is_none(), "the cache still has the key");
        assert!(matches!(vault.seal(ANN, EVENT, b"Ann").await, Err(VaultError::Erased(ANN))));
    }
    let vault = vault.again().await;
    assert!(vault.open(ANN, &sealed).await.expect("opened").is_none());
    assert!(matches!(vault.seal(ANN, EVENT, b"Ann").await, Err(VaultError::Erased(ANN))));
}

#[tokio::test]
async fn an_erased_key_is_in_no_file() {
    let vault = Opened::init().await;
    vault.seal(ANN, EVENT, b"Ann").await.expect("sealed");
    let wrapped = vault.wrapped(ANN).await.expect("a key");
    let on_disk = || {
        let files = std::fs::read_dir(vault.directory.path()).expect("a directory");
        let bytes: Vec<u8> = files.flat_map(|file| std::fs::read(file.expect("a file").path()).expect("bytes")).collect();
        bytes.windows(wrapped.len()).any(|window| window == wrapped)
    };
    assert!(on_disk());
    vault.erase_subject(ANN).await.expect("erased");
    assert!(!on_disk());
    assert_eq!(vault.wrapped(ANN).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_use_races_to_one_key() {
    let vault = Opened::init().await;
    let sealed = join_all((0..30).map(|_| vault.seal(ANN, EVENT, b"Ann"))).await;
    let secrets = join_all((0..30).map(|_| vault.secret("signing", 32))).await;
    let secrets: Vec<Vec<u8>> = secrets.into_iter().map(|secret| secret.expect("a secret").expose_secret().to_vec()).collect();
    assert!(secrets.iter().all(|secret| *secret == secrets[0] && secret.len() == 32));
    let vault = vault.again().await;
    for sealed in sealed {
        assert!(vault.open(ANN, &sealed.expect("sealed")).await.expect("opened").is_some());
    }
    assert_eq!(vault.secret("signing", 32).await.expect("a secret").expose_secret(), secrets[0]);
    assert_ne!(vault.secret("other", 32).await.expect("a secret").expose_secret(), secrets[0]);
    let refused = vault.secret("signing", 16).await;
    assert!(matches!(refused, Err(VaultError::SecretLength { has: 32, wanted: 16, .. })));
}

#[tokio::test]
async fn a_blind_index_depends_on_purpose_value_and_vault() {
    let vault = Opened::init().await;
    let blind = vault.blind("email", "ann@example.org").await.expect("blind");
    assert_ne!(blind, vault.blind("email", "bob@example.org").await.expect("blind"));
    assert_ne!(blind, vault.blind("phone", "ann@example.org").await.expect("blind"));
    assert_ne!(blind, vault.blind("emaila", "nn@example.org").await.expect("blind"));
    let vault = vault.again().await;
    assert_eq!(blind, vault.blind("email", "ann@example.org").await.expect("blind"));
    assert_ne!(blind, Opened::init().await.blind("email", "ann@example.org").await.expect("blind"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_rotates_once() {
    let vault = Opened::init().await;
    let (sign_in, later) = (Uuid::now_v7(), Utc::now() + TimeDelta::days(1));
    let until = chrono::DateTime::from_timestamp_micros(later.timestamp_micros()).expect("a time");
    vault.refresh_issue(sign_in, b"first", later).await.expect("issued");
    assert_eq!(vault.refresh_find(b"first").await.expect("found"), Some((sign_in, until)));
    let new: Vec<[u8; 1]> = (0..20).map(|number| [number]).collect();
    let rotated = join_all(new.iter().map(|new| vault.refresh_rotate(sign_in, b"first", new, later))).await;
    let winners: Vec<usize> = (0..20).filter(|&at| matches!(rotated[at], Ok(true))).collect();
    assert_eq!((winners.len(), rotated.iter().filter(|rotated| rotated.is_ok()).count()), (1, 20));
    assert_eq!(vault.refresh_find(b"first").await.expect("found"), None);
    assert_eq!(vault.refresh_find(&new[winners[0]]).await.expect("found"), Some((sign_in, until)));
    vault.refresh_revoke(sign_in).await.expect("revoked");
    assert_eq!(vault.refresh_find(&new[winners[0]]).await.expect("found"), None);
    assert!(!vault.refresh_rotate(sign_in, &new[winners[0]], b"next", later).await.expect("rotated"));
}

#[tokio::test]
async fn expired_refresh_tokens_are_purged() {
    let vault = Opened::init().await;
    let now = Utc::now();
    vault.refresh_issue(ANN, b"old", now - TimeDelta::seconds(1)).await.expect("issued");
    vault.refresh_issue(BOB, b"new", now + TimeDelta::days(1)).await.expect("issued");
    assert_eq!(vault.purge_refresh_tokens(now).await.expect("purged"), 1);
    assert_eq!(vault.refresh_find(b"old").await.expect("found"), None);
    assert!(vault.refresh_find(b"new").await.expect("found").is_some());
}

#[tokio::test]
async fn a_wrong_master_key_is_told() {
    let vault = Opened::init().await;
    vault.close().await;
    let path = vault.directory.path().join("vault.db");
    let other = MasterKey::from_base64("NALABO_MASTER_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=").expect("a key");
    let refused = SqliteVault::init(&path, other).await;
    assert!(matches!(refused, Err(VaultError::WrongMasterKey { path: told }) if told == path));
    std::fs::write(&path, b"this is no database, however long it may be").expect("written");
    assert!(matches!(open_in(vault.directory.path()).await, Err(VaultError::Corrupt { .. })));
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
    let shown = format!("{key:?}");
    assert!(shown.contains("REDACTED") && !shown.contains(&format!("{:?}", key.expose()[0..2].to_vec())), "{shown}");
    std::fs::write(&path, "short").expect("written");
    assert!(matches!(MasterKey::from_file(&path, true), Err(VaultError::MasterKey { .. })));
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
