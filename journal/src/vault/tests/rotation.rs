//! Changing the master key. How it survives being killed is in `tests/rotation.rs` of this crate.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use secrecy::ExposeSecret;
use uuid::Uuid;

use super::{ANN, BOB, EVENT, Opened, VaultError, open_in, other_key};
use crate::vault::{CredentialsKey, MasterKey, MasterKeySource, Vault};

const PATIENCE: Duration = Duration::from_mins(1);

/// Where the key of the file is, and at some time the other as well.
struct Shelf {
    file: PathBuf,
    has_other: AtomicBool,
    asked: AtomicU32,
}

impl Shelf {
    fn beside(vault: &Opened, has_other: bool) -> Arc<Self> {
        let file = vault.directory.path().join("master.key");
        Arc::new(Self { file, has_other: AtomicBool::new(has_other), asked: AtomicU32::new(0) })
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

impl MasterKeySource for Arc<Shelf> {
    fn read(&self) -> Result<Vec<MasterKey>, VaultError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut keys = vec![MasterKey::from_file(&self.file, false)?];
        if self.has_other.load(Ordering::SeqCst) {
            keys.push(other_key());
        }
        Ok(keys)
    }
}

fn wants_other(error: &VaultError) -> bool {
    matches!(error, VaultError::WrongMasterKey { wanted: Some(wanted), .. } if *wanted == other_key().id())
}

pub(super) async fn everything_opens_under_a_new_master_key_and_nothing_under_the_old(vault: Opened) {
    let mut sealed = Vec::new();
    // More than are read at once.
    for number in 0..1100_u32 {
        let subject = Uuid::from_u128(u128::from(number));
        sealed.push((subject, vault.seal(subject, EVENT, &number.to_be_bytes()).await.expect("sealed")));
    }
    let secret = vault.secret("signing", 32).await.expect("a secret");
    let blind = vault.blind("email", "ann@example.org").await.expect("blind");
    vault.erase_subject(BOB).await.expect("erased");
    let before = vault.wrapped(ANN).await;

    let rotated = vault.rotate_master_key(other_key()).await.expect("rotated");
    assert_eq!((rotated.keys, rotated.master_key), (1099 + 2, other_key().id()), "people and two secrets");
    assert_eq!(rotated.is_clean, vault.url.is_none());
    assert_ne!(vault.wrapped(ANN).await, before);
    let newcomer = vault.seal(Uuid::max(), EVENT, b"new").await.expect("this process goes on under the new key");

    vault.close().await;
    let refused = open_in(vault.directory.path(), vault.url.as_deref()).await.map(drop).expect_err("the old key");
    assert!(wants_other(&refused), "{refused}");
    let again = vault.with(other_key()).await.expect("the new key");
    let texts: Vec<(Uuid, &str)> = sealed.iter().map(|(subject, text)| (*subject, text.as_str())).collect();
    for (number, opened) in (0_u32..).zip(again.open_many(&texts).await.expect("opened")) {
        let expected = (Uuid::from_u128(u128::from(number)) != BOB).then_some(number.to_be_bytes().to_vec());
        assert_eq!(opened.map(|bytes| bytes.expose_secret().to_vec()), expected);
    }
    assert!(again.open(Uuid::max(), &newcomer).await.expect("opened").is_some());
    assert_eq!(again.secret("signing", 32).await.expect("a secret").expose_secret(), secret.expose_secret());
    assert_eq!(again.blind("email", "ann@example.org").await.expect("blind"), blind);
}

pub(super) async fn a_rotation_that_fails_changes_nothing(vault: Opened) {
    let sealed = vault.seal(ANN, EVENT, b"Ann").await.expect("sealed");
    vault.secret("signing", 32).await.expect("a secret");
    vault.damage_secrets().await;
    let refused = vault.rotate_master_key(other_key()).await.map(drop);
    assert!(matches!(refused, Err(VaultError::Corrupt { .. })), "{refused:?}");
    let vault = vault.again().await;
    assert!(vault.open(ANN, &sealed).await.expect("opened").is_some(), "under the key that it had");
    vault.close().await;
    assert!(matches!(vault.with(other_key()).await, Err(VaultError::WrongMasterKey { .. })));
}

/// Another process has changed the master key: for a file that is this test's own hand, as the file is locked.
pub(super) async fn a_key_of_the_past_adds_nothing_and_opens_nothing(vault: Opened) {
    let sealed = vault.seal(ANN, EVENT, b"Ann").await.expect("sealed");
    let vault = vault.again().await;
    vault.rotate_behind_its_back().await;
    for outcome in [
        vault.open(ANN, &sealed).await.map(drop),
        vault.seal(BOB, EVENT, b"Bob").await.map(drop),
        vault.secret("new", 32).await.map(drop),
        vault.rotate_master_key(third_key()).await.map(drop),
    ] {
        let refused = outcome.expect_err("a key of the past");
        assert!(wants_other(&refused), "{refused:?}");
    }
    assert_eq!(vault.wrapped(BOB).await, None, "nothing was added");
    vault.close().await;
    let again = vault.with(other_key()).await.expect("the new key");
    assert!(again.open(ANN, &sealed).await.expect("opened").is_some());
}

pub(super) async fn a_process_goes_on_once_it_finds_the_new_key(vault: Opened) {
    let sealed = vault.seal(ANN, EVENT, b"Ann").await.expect("sealed");
    let credentials = CredentialsKey { owner: ANN, version: 1, id: EVENT };
    vault.credentials_keep(credentials, b"token").await.expect("kept");
    vault.close().await;
    let shelf = Shelf::beside(&vault, false);
    let serving = vault.with(Arc::clone(&shelf)).await.expect("a vault");
    assert_eq!(shelf.asked(), 1);
    vault.rotate_behind_its_back().await;
    let refused = serving.open(ANN, &sealed).await.map(drop).expect_err("the new key is nowhere yet");
    assert!(wants_other(&refused), "{refused:?}");
    assert_eq!(shelf.asked(), 2, "it was looked for");

    shelf.has_other.store(true, Ordering::SeqCst);
    let found = async {
        // Not at once, as it is not looked for each time.
        while let Err(error) = serving.open(ANN, &sealed).await {
            assert!(wants_other(&error), "{error:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, found).await.expect("it goes on");
    assert_eq!(shelf.asked(), 3);
    let bob = serving.seal(BOB, EVENT, b"Bob").await.expect("sealed");
    serving.secret("new", 32).await.expect("a secret");
    assert!(serving.credentials_open(credentials).await.expect("opened").is_some());
    serving.close().await;
    let again = vault.with(other_key()).await.expect("the new key alone");
    assert!(again.open(BOB, &bob).await.expect("opened").is_some(), "what was added since is wrapped by the new key");
}

pub(super) async fn a_rotation_that_ended_half_way_opens_by_both_keys_and_goes_on(vault: Opened) {
    let (ann, bob) = (vault.seal(ANN, EVENT, b"Ann").await.expect("sealed"), vault.seal(BOB, EVENT, b"Bob").await.expect("sealed"));
    vault.secret("signing", 32).await.expect("a secret");
    let kept = "CREATE TABLE SCHEMA.kept AS SELECT probe, master_key,
        (SELECT wrapped FROM SCHEMA.subject_keys WHERE subject = '00000000-0000-0000-0000-000000000001') AS wrapped FROM SCHEMA.vault";
    vault.run(kept).await;
    vault.rotate_master_key(other_key()).await.expect("rotated");
    vault.close().await;
    // As it was before it came to Ann; and a build that knows of one master key adds a secret, as it would by the one of before.
    let half_way = "UPDATE SCHEMA.vault SET before_probe = (SELECT probe FROM SCHEMA.kept),
            before_master_key = (SELECT master_key FROM SCHEMA.kept);
        UPDATE SCHEMA.subject_keys SET wrapped = (SELECT wrapped FROM SCHEMA.kept)
            WHERE subject = '00000000-0000-0000-0000-000000000001';
        INSERT INTO SCHEMA.secrets (name, wrapped) SELECT 'late', probe FROM SCHEMA.vault WHERE probe = (SELECT probe FROM SCHEMA.kept);
        DROP TABLE SCHEMA.kept";
    vault.run(half_way).await;

    let refused = vault.with(Shelf::beside(&vault, false)).await.map(drop).expect_err("the old key alone");
    assert!(wants_other(&refused), "{refused:?}");
    let refused = vault.with(other_key()).await.map(drop).expect_err("the new key alone");
    assert!(matches!(refused, VaultError::WrongMasterKey { .. }) && !wants_other(&refused), "{refused:?}");
    let both = vault.with(Shelf::beside(&vault, true)).await.expect("both");
    assert!(both.known_secret("late").await.expect("looked up").is_none(), "nothing is added by the key of before");
    let third = both.rotate_master_key(third_key()).await.map(drop).expect_err("one after the other");
    assert!(wants_other(&third), "{third:?}");
    let cid = Uuid::from_u128(3);
    let cids = both.seal(cid, EVENT, b"Cid").await.expect("sealed");
    let all = [(ANN, ann.as_str()), (BOB, bob.as_str()), (cid, cids.as_str())];
    assert!(both.open_many(&all).await.expect("opened").iter().all(Option::is_some));
    let rotated = both.rotate_master_key(other_key()).await.expect("it goes on");
    assert_eq!(rotated.keys, 1, "the others are wrapped anew already");
    assert_eq!(both.rotate_master_key(other_key()).await.expect("it is over").keys, 0);
    both.close().await;
    let again = vault.with(other_key()).await.expect("the new key alone");
    assert!(again.open_many(&all).await.expect("opened").iter().all(Option::is_some));
    again.secret("signing", 32).await.expect("a secret");
}

pub(super) async fn everybody_is_served_while_keys_are_wrapped_anew(vault: Opened) {
    let mut sealed = Vec::new();
    for number in 0..1100_u32 {
        let subject = Uuid::from_u128(u128::from(number));
        sealed.push((subject, vault.seal(subject, EVENT, &number.to_be_bytes()).await.expect("sealed")));
    }
    // Nothing is remembered.
    let vault = vault.again().await;
    let serve = async {
        let mut newcomers = Vec::new();
        for (number, (subject, text)) in sealed.iter().enumerate() {
            assert!(vault.open(*subject, text).await.expect("opened").is_some());
            if number % 100 == 0 {
                let newcomer = Uuid::from_u128(1_000_000 + subject.as_u128());
                newcomers.push((newcomer, vault.seal(newcomer, EVENT, b"new").await.expect("sealed")));
                erase(&*vault, *subject).await;
            }
        }
        newcomers
    };
    let (rotated, newcomers) = tokio::join!(vault.rotate_master_key(other_key()), serve);
    rotated.expect("rotated");
    vault.close().await;
    let again = vault.with(other_key()).await.expect("the new key alone");
    for (number, (subject, text)) in sealed.iter().enumerate() {
        assert_eq!(again.open(*subject, text).await.expect("opened").is_none(), number % 100 == 0, "who was erased stays so");
    }
    for (newcomer, text) in &newcomers {
        assert!(again.open(*newcomer, text).await.expect("opened").is_some());
    }
}

/// The log may be in use by whoever reads just then.
async fn erase(vault: &dyn Vault, subject: Uuid) {
    while let Err(error) = vault.erase_subject(subject).await {
        assert!(matches!(error, VaultError::Unfinished(_)), "{error}");
    }
}

fn third_key() -> MasterKey {
    MasterKey::from_base64("", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=").expect("a key")
}
