//! Erasing people.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use commands::{Fault, Outcome, Request};
use domain::{
    identity::{IdentityRejection, Role},
    kernel::AccountId,
    workshops::content::{CompletionRule, Content, EnvironmentNeeds},
};
use journal::{
    Journal, JournalError, Link, Position, seal,
    sqlite::{SqliteJournal, SqliteOptions},
    vault::{MasterKey, SqliteVault, Vault, VaultError},
};
use serde_json::json;
use tempfile::TempDir;

use crate::{
    platform::{PASSWORD, Platform, accepted, account, act, anonymous, author, fault, keyed, learner, registration, rejected},
    rules::settle,
    sign_ins::signed_in,
    texts::{check, content, step},
};

const REASON: Option<&str> = Some("asked for by letter");

async fn erase(platform: &Platform, by: &Request, whom: AccountId) {
    accepted(platform.commands.identity.erase(by, whom, REASON).await);
}

#[tokio::test]
async fn people_erase_themselves_and_administrators_others() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    let administrator = platform.administrator().await;
    let bob = platform.signed_in("bob@example.org", &[]).await;
    assert!(matches!(fault(identity.erase(&bob, account(&ada), REASON).await), Fault::Forbidden));
    assert!(matches!(fault(identity.erase(&anonymous(), account(&ada), REASON).await), Fault::Unauthenticated));
    assert_eq!(rejected(identity.erase(&administrator, account(&ada), None).await), IdentityRejection::ReasonRequired);
    assert_eq!(rejected(identity.erase(&administrator, account(&ada), Some(" ")).await), IdentityRejection::ReasonInvalid);
    assert_eq!(rejected(identity.erase(&administrator, account(&learner()), REASON).await), IdentityRejection::NotFound);
    let before = platform.events().await.len();
    accepted(identity.erase(&ada, account(&ada), None).await);
    erase(&platform, &administrator, account(&bob)).await;
    let erased = ["EmailReleased", "LegalHoldClosed", "AccountErased"];
    assert_eq!(platform.names_after(before).await, [erased, erased].concat());
    let reasons: Vec<_> = platform
        .named("AccountErased")
        .await
        .iter()
        .map(|event| event.payload.to_value().expect("JSON")["Erased"]["reason"].clone())
        .collect();
    assert_eq!(reasons, [json!(null), json!("asked for by letter")]);
    let both = [account(&ada).into(), account(&bob).into()];
    assert_eq!(platform.vault.erased(&both).await.expect("looked up").len(), 2);
}

#[tokio::test]
async fn nothing_can_be_done_as_or_to_who_was_erased() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = accepted(platform.register("ada@example.org", &[]).await);
    let signed_in = accepted(signed_in(identity.sign_in(&anonymous(), "ada@example.org", PASSWORD.into()).await));
    let administrator = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    erase(&platform, &administrator, ada).await;
    assert_eq!(identity.standing(ada, signed_in.sign_in).await.expect("readable"), None);
    assert_eq!(rejected(identity.refresh(&anonymous(), &signed_in.refresh_token).await), IdentityRejection::RefreshTokenInvalid);
    let again = identity.sign_in(&anonymous(), "ada@example.org", PASSWORD.into()).await;
    assert_eq!(rejected(again), IdentityRejection::CredentialsWrong);
    assert_eq!(rejected(identity.grant_role(&administrator, ada, Role::Author.into(), None).await), IdentityRejection::Erased);
    assert_eq!(rejected(identity.erase(&administrator, ada, REASON).await), IdentityRejection::Erased);
    assert_eq!(platform.named("AccountErased").await.len(), 1);
}

#[tokio::test]
async fn the_address_of_who_was_erased_registers_a_new_account() {
    let platform = Platform::init().await;
    let first = accepted(platform.register("ada@example.org", &[]).await);
    erase(&platform, &platform.administrator().await, first).await;
    let second = accepted(platform.register("ada@example.org", &[]).await);
    assert_ne!(first, second);
    let signed_in = accepted(signed_in(platform.commands.identity.sign_in(&anonymous(), "ada@example.org", PASSWORD.into()).await));
    assert_eq!(signed_in.account, second);
}

#[tokio::test]
async fn the_same_request_under_the_same_key_is_answered_alike_and_finishes_what_was_left() {
    let platform = Platform::init().await;
    let ada = accepted(platform.register("ada@example.org", &[]).await);
    let request = keyed(&platform.administrator().await, "one");
    for _ in 0..2 {
        erase(&platform, &request, ada).await;
    }
    assert_eq!(platform.named("AccountErased").await.len(), 1);
}

#[tokio::test]
async fn administrators_are_erased_by_others_so_that_one_is_left() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    for by in [&root, &Request::system("test")] {
        assert_eq!(rejected(identity.erase(by, account(&root), REASON).await), IdentityRejection::LastAdministrator);
    }
    erase(&platform, &platform.administrator().await, account(&root)).await;
}

/// What a crash between the event and the vault leaves behind.
async fn erased_in_the_journal_only(platform: &Platform) -> AccountId {
    use domain::identity::account::{Account, AccountCommand};
    let ada = accepted(platform.register("ada@example.org", &[]).await);
    let reason = domain::identity::ErasureReason::try_new("by letter").ok();
    let command = || AccountCommand::Erase { account: ada, by: None, reason: reason.clone() };
    let operation = commands::dispatch::Operation::new(act("test"), json!({}));
    let outcome = platform.dispatcher().await.command::<Account>(&Request::system("test"), operation, ada.into(), command).await;
    assert!(matches!(outcome, Ok(Outcome::Accepted(_))));
    assert_eq!(platform.vault.erased(&[ada.into()]).await.expect("looked up"), Vec::<uuid::Uuid>::new());
    ada
}

#[tokio::test]
async fn a_key_that_outlived_its_account_is_destroyed_by_the_reaction() {
    let platform = Platform::init().await;
    let ada = erased_in_the_journal_only(&platform).await;
    settle(&platform).await;
    assert_eq!(platform.vault.erased(&[ada.into()]).await.expect("looked up"), [ada.0]);
}

#[tokio::test]
async fn a_vault_of_before_the_erasure_forgets_again_when_commands_start() {
    let platform = Platform::in_files().await;
    let ada = accepted(platform.register("ada@example.org", &[]).await);
    let backup = copy(platform.directory.path(), &["vault.db", "master.key"]);
    erase(&platform, &platform.administrator().await, ada).await;
    settle(&platform).await;
    // The reaction has come past the event. The backup knows neither the erasure nor how far the vault had come.
    let key = MasterKey::from_file(&backup.path().join("master.key"), false).expect("a key");
    let restored: Arc<dyn Vault> = Arc::new(SqliteVault::init(backup.path().join("vault.db"), key).await.expect("a vault"));
    let (open, _) = opening(&*platform.journal, &*restored, ada).await.expect("readable");
    assert!(open >= 3, "the key is back");
    platform.commands_on(&restored).await;
    let (open, _) = opening(&*platform.journal, &*restored, ada).await.expect("readable");
    assert_eq!(open, 0);
    let head = platform.journal.head().await.expect("a head");
    assert_eq!(restored.erasures_applied().await.expect("read"), head);
    // What comes later is looked at from there.
    platform.register("bob@example.org", &[]).await.expect("registered");
    platform.commands_on(&restored).await;
    assert!(restored.erasures_applied().await.expect("read") > head);
}

const NAME: &str = "Wilhelmina Zwetschgenknoedel";
const EMAIL: &str = "wilhelmina@zwetschgen.example";
const SECRET: &str = "knoedel mit broeseln 7";
const ADDRESS: &str = "203.0.113.123";

/// Every file under a directory, with its bytes.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(directory).expect("listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.display().to_string(), std::fs::read(&path).expect("bytes"));
        }
    }
    all
}

/// A copy of the files whose names begin like these.
fn copy(directory: &Path, names: &[&str]) -> TempDir {
    let copy = TempDir::new().expect("a directory");
    for (path, bytes) in files(directory) {
        let name = Path::new(&path).file_name().expect("a name");
        if names.iter().any(|begin| name.to_string_lossy().starts_with(begin)) {
            std::fs::write(copy.path().join(name), bytes).expect("copied");
        }
    }
    copy
}

/// The names of the files that hold a text, in either case.
fn holding(files: &BTreeMap<String, Vec<u8>>, text: &str) -> Vec<String> {
    let holds = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()));
    files.iter().filter(|(_, bytes)| holds(bytes)).map(|(name, _)| name.clone()).collect()
}

fn assert_nothing_in_the_clear(directory: &Path, account: AccountId) {
    let files = files(directory);
    assert!(!holding(&files, &account.0.to_string()).is_empty(), "the events are in these bytes");
    for text in [NAME, "Zwetschgen", EMAIL, "wilhelmina", SECRET, ADDRESS, "traces ran", "$argon2id"] {
        assert_eq!(holding(&files, text), Vec::<String>::new(), "{text}");
    }
}

/// How many personal values open, in all events.
async fn opening(journal: &dyn Journal, vault: &dyn Vault, subject: AccountId) -> Result<(usize, usize), JournalError> {
    let (mut open, mut erased) = (0, 0);
    for event in journal.read(Position(0), 10_000).await? {
        for mut json in [event.payload.to_value().expect("JSON"), event.metadata.address.unwrap_or_default()] {
            seal::open(vault, &mut json).await?;
            let text = json.to_string();
            let of = format!("\"subject\":\"{}\"", subject.0);
            open += text.matches(&format!("{of},\"value\"")).count();
            erased += text.matches(&format!("\"erased\":true,{of}")).count() + text.matches(&format!("{of},\"erased\":true")).count();
        }
    }
    Ok((open, erased))
}

#[tokio::test]
async fn a_persons_traces_are_sealed_before_and_worthless_after_their_erasure() {
    let platform = Platform::in_files().await;
    let from = Request { address: Some(ADDRESS.into()), ..anonymous() };
    let registration = commands::identity::Registration {
        email: EMAIL.into(),
        display_name: NAME.into(),
        password: SECRET.into(),
        ..registration(EMAIL, &[])
    };
    let account = accepted(platform.commands.identity.register(&from, registration).await);
    let signed_in = accepted(signed_in(platform.commands.identity.sign_in(&from, EMAIL, SECRET.into()).await));
    let actor = commands::Actor::person(account, signed_in.sign_in, Role::Learner.permissions());
    let person = Request { actor, ..from };
    let steps = vec![step("task", CompletionRule::Check(vec![check("traces")]))];
    let workshop = Content { environment: Some(EnvironmentNeeds::default()), ..content("Docker", steps) };
    let workshop = platform.published(&author(), "docker", &workshop).await;
    let session = accepted(platform.commands.learning.start(&person, workshop, false).await);
    accepted(platform.commands.learning.check(&person, session, "task").await);
    let digest = platform.named("StepCheckPassed").await[0].payload.as_str().to_owned();
    assert!(!digest.contains(&"0".repeat(64)), "the digest of what was printed is keyed: {digest}");
    settle(&platform).await;
    assert_nothing_in_the_clear(platform.directory.path(), account);
    let (open, _) = opening(&*platform.journal, &*platform.vault, account).await.expect("readable");
    assert!(open >= 5, "the name, the address, the hash and where they came from: {open}");

    // What is copied now holds everything but the keys.
    let copy = copy(platform.directory.path(), &["journal.db"]);
    accepted(platform.commands.identity.erase(&person, account, None).await);
    settle(&platform).await;
    assert_nothing_in_the_clear(platform.directory.path(), account);
    let (open, erased) = opening(&*platform.journal, &*platform.vault, account).await.expect("readable");
    assert!(open == 0 && erased >= 5, "{open} open, {erased} erased");
    assert_eq!(platform.vault.erased(&[account.into()]).await.expect("looked up"), [account.0]);
    let sealed = platform.vault.seal(account.into(), uuid::Uuid::nil(), b"more").await;
    assert!(matches!(sealed, Err(VaultError::Erased(_))));
    let head = platform.journal.head().await.expect("a head");
    let mut link = Link::default();
    while link.position < head {
        link = platform.journal.verify(link, 1000).await.expect("history still verifies");
    }

    let options = SqliteOptions::new(copy.path().join("journal.db"), Arc::clone(&platform.vault));
    let before = SqliteJournal::init(options).await.expect("the copy opens");
    let (open, erased) = opening(&before, &*platform.vault, account).await.expect("readable");
    assert!(open == 0 && erased >= 4, "{open} open, {erased} erased");
}
