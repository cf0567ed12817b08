//! An installation in a directory of its own, and people to use it.

use std::{cell::Cell, sync::Arc};

use chrono::{TimeDelta, Utc};
use commands::{
    Accepted, Actor, Clock, Commands, Dispatcher, Fault, Outcome, Request, Settings, StreamOptions,
    authorization::{Act, Needs},
    dispatch::Operation,
    identity::{Hashing, HashingCost, PasskeySite, Provider, Registration, TokenSettings},
    plans::PlanLimits,
};
use domain::{
    identity::{
        IdentityRejection, Permissions, ProviderName, Role,
        contact::{Contact, ContactCommand},
        plan_book::Limits,
        sign_in::{Device, Proof, SignIn, SignInCommand},
    },
    kernel::{AccountId, Mebibytes, SignInId, Timestamp, WorkshopId},
    workshops::content::Content,
};
use journal::{Journal, Position, Recorded, vault::Vault};
use tempfile::TempDir;
use test_stores::Stores;
use uuid::Uuid;

use crate::{
    doubles::{Bench, Shell},
    fleet::Harbour,
    sign_ins::signed_in,
};

/// What people may have who were never assigned a plan.
pub(crate) const FREE: Limits = Limits { sessions: 3, storage: Mebibytes(1), runs: 4, communities: 3 };
/// Where passkeys are for.
pub(crate) const ORIGIN: &str = "https://nalabo.example.org";
pub(crate) const PASSWORD: &str = "correct horse battery";

thread_local! {
    /// A test with a runtime of one thread has its time to itself.
    static AHEAD: Cell<TimeDelta> = const { Cell::new(TimeDelta::zero()) };
    static STILL: Cell<Option<Timestamp>> = const { Cell::new(None) };
}

/// The time in this test.
pub(crate) fn now() -> Timestamp {
    STILL.get().unwrap_or_else(Utc::now) + AHEAD.get()
}

/// From here on this test's time passes by [`pass`] alone: whether a wait of a second is over is not the machine's to say.
pub(crate) fn stand_still() {
    STILL.set(Some(Utc::now()));
}

/// Moves this test's time.
pub(crate) fn pass(time: TimeDelta) {
    AHEAD.set(AHEAD.get() + time);
}

pub(crate) struct Platform {
    pub(crate) commands: Arc<Commands>,
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) bench: Arc<Bench>,
    pub(crate) fleet: Arc<Harbour>,
    pub(crate) directory: TempDir,
}

impl Platform {
    pub(crate) async fn init() -> Self {
        Self::on(Stores::init().await).await
    }

    /// For tests that look into files.
    pub(crate) async fn in_files() -> Self {
        Self::on(Stores::in_files().await).await
    }

    async fn on(Stores { journal, vault, directory, read_models: _ }: Stores) -> Self {
        AHEAD.set(TimeDelta::zero());
        STILL.set(None);
        let (bench, fleet) = (Arc::new(Bench::default()), Arc::new(Harbour::default()));
        let commands = Arc::new(commands(&journal, &vault, &bench, &fleet).await);
        Self { commands, journal, vault, bench, fleet, directory }
    }

    /// Commands on the same journal with another vault.
    pub(crate) async fn commands_on(&self, vault: &Arc<dyn Vault>) -> Commands {
        commands(&self.journal, vault, &self.bench, &self.fleet).await
    }

    pub(crate) async fn dispatcher(&self) -> Dispatcher {
        Dispatcher::init(Arc::clone(&self.journal), Arc::clone(&self.vault), now).await.expect("a dispatcher")
    }

    pub(crate) async fn events(&self) -> Vec<Recorded> {
        self.journal.read(Position(0), 10_000).await.expect("readable")
    }

    /// The events of a name.
    pub(crate) async fn named(&self, name: &str) -> Vec<Recorded> {
        self.events().await.into_iter().filter(|event| event.name == name).collect()
    }

    /// The names of all events after the first `after`.
    pub(crate) async fn names_after(&self, after: usize) -> Vec<String> {
        self.events().await.into_iter().skip(after).map(|event| event.name).collect()
    }

    pub(crate) async fn register(&self, email: &str, roles: &[Role]) -> Result<Outcome<AccountId, IdentityRejection>, Fault> {
        self.commands.identity.register(&anonymous(), registration(email, roles)).await
    }

    /// Somebody with an account and an open sign-in.
    pub(crate) async fn signed_in(&self, email: &str, roles: &[Role]) -> Request {
        let account = accepted(self.register(email, roles).await);
        let signed_in = accepted(signed_in(self.commands.identity.sign_in(&anonymous(), email, PASSWORD.into()).await));
        assert_eq!(signed_in.account, account);
        let permissions = permissions(roles);
        Request { actor: Actor::person(account, signed_in.sign_in, permissions), ..anonymous() }
    }

    /// Has somebody's address be known to be theirs.
    pub(crate) async fn vouch(&self, person: &Request) {
        let vouch = || ContactCommand::Vouch { provider: corp() };
        let operation = Operation::new(act("emailVerify"), serde_json::json!({}));
        let vouched = self.dispatcher().await.command::<Contact>(&anonymous(), operation, account(person).into(), vouch).await;
        accepted(vouched);
    }

    /// Somebody made up who has just shown who they are.
    pub(crate) async fn proven(&self, request: Request) -> Request {
        let Actor::Account { account, sign_in, .. } = request.actor else { panic!("a person") };
        let proof = Some(Proof { until: now() + TimeDelta::minutes(10), second_factor: false });
        let open = || SignInCommand::Open {
            account,
            epoch: 0,
            device: Device::default(),
            proof,
            method: None,
            until: now() + TimeDelta::days(90),
        };
        let operation = Operation::new(act("signIn"), serde_json::json!({ "account": account }));
        let opened = self.dispatcher().await.command::<SignIn>(&anonymous(), operation, sign_in.into(), open).await;
        accepted(opened);
        request
    }

    /// An administrator who has just shown who they are.
    pub(crate) async fn administrator(&self) -> Request {
        self.proven(administrator()).await
    }

    /// A workshop that is published.
    pub(crate) async fn published(&self, author: &Request, slug: &str, content: &Content) -> WorkshopId {
        let workshop = accepted(self.commands.workshops.draft(author, slug.to_owned(), content).await);
        accepted(self.commands.workshops.publish(author, workshop).await);
        workshop
    }
}

async fn commands(journal: &Arc<dyn Journal>, vault: &Arc<dyn Vault>, bench: &Arc<Bench>, fleet: &Arc<Harbour>) -> Commands {
    let settings = Settings {
        tokens: TokenSettings::default(),
        hashing: Hashing { at_once: 2, cost: HashingCost::Least },
        plans: PlanLimits { free: FREE, ..PlanLimits::default() },
        streams: StreamOptions::default(),
    };
    let (journal, vault) = (Arc::clone(journal), Arc::clone(vault));
    let commands = Commands::init(journal, vault, now as Clock, Arc::new(Shell), bench.clone(), fleet.clone(), settings);
    let providers = vec![Provider { name: corp(), label: "The corporation".into() }];
    let site = PasskeySite::try_new("nalabo.example.org", &[ORIGIN.to_owned()], "Nalabo");
    commands.await.expect("commands").with_providers(providers).with_passkeys(site)
}

/// Whom people sign in with.
pub(crate) fn corp() -> ProviderName {
    ProviderName::try_new("corp").expect("a name")
}

pub(crate) fn registration(email: &str, roles: &[Role]) -> Registration {
    let (email, display_name) = (email.to_owned(), "Ada Lovelace".to_owned());
    Registration { email, display_name, password: PASSWORD.into(), roles: roles.iter().copied().collect() }
}

pub(crate) fn anonymous() -> Request {
    Request { actor: Actor::Anonymous, ..Request::system("test") }
}

/// An act that anybody may do.
pub(crate) const fn act(name: &'static str) -> Act {
    Act { name, needs: Needs::Nothing, dangerous: false, takes_password: false, enrolling: false }
}

/// What these roles permit, beside that of a learner.
pub(crate) fn permissions(roles: &[Role]) -> Permissions {
    roles.iter().chain(&[Role::Learner]).flat_map(|role| role.permissions()).collect()
}

/// Somebody who came with these roles, whether there is an account or not.
pub(crate) fn person(roles: &[Role]) -> Request {
    let (account, sign_in) = (AccountId(Uuid::now_v7()), SignInId(Uuid::now_v7()));
    Request { actor: Actor::person(account, sign_in, permissions(roles)), ..anonymous() }
}

pub(crate) fn learner() -> Request {
    person(&[Role::Learner])
}

pub(crate) fn author() -> Request {
    person(&[Role::Learner, Role::Author])
}

pub(crate) fn administrator() -> Request {
    person(&[Role::Learner, Role::Administrator])
}

pub(crate) fn account(request: &Request) -> AccountId {
    request.actor.account().expect("a person")
}

pub(crate) fn keyed(request: &Request, key: &str) -> Request {
    request.clone().with_key(Some(key.to_owned()))
}

#[track_caller]
pub(crate) fn accepted<T, R: std::fmt::Debug>(outcome: Result<Outcome<T, R>, Fault>) -> T {
    match outcome.expect("decided") {
        Outcome::Accepted(Accepted { value, .. }) => value,
        Outcome::Rejected(rejection) => panic!("rejected: {rejection:?}"),
    }
}

#[track_caller]
pub(crate) fn rejected<T, R>(outcome: Result<Outcome<T, R>, Fault>) -> R {
    match outcome.expect("decided") {
        Outcome::Accepted(_) => panic!("accepted"),
        Outcome::Rejected(rejection) => rejection,
    }
}

#[track_caller]
pub(crate) fn fault<T, R>(outcome: Result<Outcome<T, R>, Fault>) -> Fault {
    match outcome {
        Ok(Outcome::Accepted(_)) => panic!("accepted"),
        Ok(Outcome::Rejected(_)) => panic!("rejected"),
        Err(fault) => fault,
    }
}
