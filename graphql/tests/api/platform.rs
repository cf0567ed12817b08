//! A whole platform for one test: a journal, read models, reactions, and a server on a port of its own.

use std::{collections::BTreeSet, net::SocketAddr, sync::Arc, time::Duration};

use chrono::{TimeDelta, Utc};
use commands::{
    Commands, Outcome, Request,
    identity::{Hashing, HashingCost, PasskeySite, Registration, TokenSettings},
};
use domain::{
    environments::cost::{PriceList, Prices},
    identity::{Role, watch::Watch},
    kernel::{AccountId, EnvironmentId, SignInId},
};
use graphql::{Options, Services, Settings, Ticket, TicketOffice};
use projections::{
    Place, ProjectionOptions, Projections, Tz,
    time_travel::{Limits, TimeTravel},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use test_stores::Stores;
use tokio::{net::TcpListener, sync::watch};

use crate::{
    fleet::{ByName, Furniture, Harbour},
    laboratory::{Bench, Shell},
    mails::Mailbag,
    telephones::Telephones,
};

const HASHING: Hashing = Hashing { at_once: 2, cost: HashingCost::Least };
pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct Platform {
    pub(crate) address: SocketAddr,
    pub(crate) bench: Arc<Bench>,
    pub(crate) placements: Arc<ByName>,
    pub(crate) mailbag: Arc<Mailbag>,
    pub(crate) telephones: Arc<Telephones>,
    pub(crate) services: Services,
    pub(crate) shutdown: watch::Sender<bool>,
    http: reqwest::Client,
    pub(crate) directory: TempDir,
}

/// Somebody with an account who is signed in.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) token: String,
    pub(crate) refresh_token: String,
}

struct Tickets;

impl TicketOffice for Tickets {
    fn issue(&self, account: AccountId, sign_in: SignInId, environment: EnvironmentId) -> Ticket {
        Ticket { token: format!("{account} {sign_in} {environment}").into(), expires_at: Utc::now() + TimeDelta::seconds(30) }
    }
}

impl Platform {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// With options other than usual.
    pub(crate) async fn with(change: impl FnOnce(&mut Options)) -> Self {
        Self::of(TimeDelta::minutes(30), change).await
    }

    /// With access tokens that live so long.
    pub(crate) async fn of(access_lifetime: TimeDelta, change: impl FnOnce(&mut Options)) -> Self {
        Self::on(Stores::init().await, TokenSettings { access_lifetime, ..TokenSettings::default() }, change).await
    }

    /// Where signing in proves nothing.
    pub(crate) async fn without_proofs() -> Self {
        let tokens = TokenSettings { step_up_lifetime: TimeDelta::zero(), ..TokenSettings::default() };
        Self::on(Stores::init().await, tokens, |_| {}).await
    }

    /// For tests that look into files.
    pub(crate) async fn in_files() -> Self {
        Self::on(Stores::in_files().await, TokenSettings::default(), |_| {}).await
    }

    async fn on(stores: Stores, tokens: TokenSettings, change: impl FnOnce(&mut Options)) -> Self {
        let (shutdown, stop) = watch::channel(false);
        let bench = Arc::new(Bench::default());
        let placements = Arc::new(ByName::default());
        let (mailbag, telephones) = (Arc::new(Mailbag::default()), Arc::new(Telephones::default()));
        let outbox = (mailbag.clone(), telephones.clone());
        let (services, directory) = services(stores, bench.clone(), &placements, outbox, tokens).await;
        tokio::spawn(services.projections.clone().run(std::future::pending()));
        let reactions = commands::reactions::all();
        tokio::spawn(commands::reactions::run(reactions, services.commands.clone(), services.journal.clone(), Utc::now, stop.clone()));
        let mut options = Options::new(stop);
        change(&mut options);
        let address = serve(services.clone(), options).await;
        Self { address, bench, placements, mailbag, telephones, services, shutdown, http: reqwest::Client::new(), directory }
    }

    pub(crate) fn http(&self) -> reqwest::RequestBuilder {
        self.http.post(format!("http://{}/graphql", self.address))
    }

    pub(crate) fn http_get(&self, query: &str) -> reqwest::RequestBuilder {
        self.http.get(format!("http://{}/graphql{query}", self.address))
    }

    /// The whole answer to a query.
    pub(crate) async fn answer(&self, by: Option<&Person>, query: &str, variables: Value) -> Value {
        let request = self.http().json(&json!({ "query": query, "variables": variables }));
        let request = match by {
            Some(person) => request.bearer_auth(&person.token),
            None => request,
        };
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.expect("JSON")
    }

    /// The data that answers a query in which nothing goes wrong.
    pub(crate) async fn data(&self, by: Option<&Person>, query: &str, variables: Value) -> Value {
        let answer = self.answer(by, query, variables).await;
        assert_eq!(answer.get("errors"), None, "{query}");
        answer["data"].clone()
    }

    /// The code of the first error that answers a query.
    pub(crate) async fn code(&self, by: Option<&Person>, query: &str, variables: Value) -> String {
        let answer = self.answer(by, query, variables).await;
        answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no error in {answer}")).to_owned()
    }

    /// Somebody with these roles, on top of being a learner.
    pub(crate) async fn person(&self, name: &str, roles: &[Role]) -> Person {
        let email = format!("{name}@example.org");
        let registration = Registration {
            email: email.clone(),
            display_name: name.to_owned(),
            password: PASSWORD.to_owned().into(),
            roles: roles.iter().copied().collect::<BTreeSet<_>>(),
        };
        let outcome = self.services.commands.identity.register(&Request::system("test"), registration).await.expect("an outcome");
        assert!(matches!(outcome, Outcome::Accepted(_)));
        self.sign_in(&email).await
    }

    pub(crate) async fn sign_in(&self, email: &str) -> Person {
        let query = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken refreshToken account { id } } }";
        let data = self.data(None, query, json!({ "input": { "email": email, "password": PASSWORD } })).await;
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        Person {
            id: text(&data["signIn"]["account"]["id"]),
            email: email.to_owned(),
            token: text(&data["signIn"]["accessToken"]),
            refresh_token: text(&data["signIn"]["refreshToken"]),
        }
    }

    /// A second node on the same journal, whose read models have seen nothing and will not.
    pub(crate) async fn late(&self) -> Self {
        let directory = TempDir::new().expect("a directory");
        let options = ProjectionOptions::new(Place::Directory(directory.path().to_owned()));
        let projections = Projections::init(self.services.journal.clone(), &options).await.expect("read models");
        let settings = Settings { patience: Duration::from_millis(10), ..Settings::default() };
        self.beside(Services { projections: Arc::new(projections), settings, ..self.services.clone() }, directory).await
    }

    /// A node on whose clock more time has gone by.
    pub(crate) async fn later(&self, clock: commands::Clock) -> Self {
        let Services { journal, vault, .. } = self.services.clone();
        let (plans, streams) = (commands::plans::PlanLimits::default(), commands::StreamOptions::default());
        let settings = commands::Settings { tokens: TokenSettings::default(), hashing: HASHING, plans, streams };
        let commands = Commands::init(journal, vault, clock, Arc::new(Shell), self.bench.clone(), Arc::new(Harbour), settings).await;
        let services = Services { commands: Arc::new(commands.expect("commands")), ..self.services.clone() };
        self.beside(services, TempDir::new().expect("a directory")).await
    }

    /// A second node.
    pub(crate) async fn beside(&self, services: Services, directory: TempDir) -> Self {
        let address = serve(services.clone(), Options::new(self.shutdown.subscribe())).await;
        let (bench, shutdown, http) = (self.bench.clone(), self.shutdown.clone(), self.http.clone());
        let (placements, mailbag, telephones) = (self.placements.clone(), self.mailbag.clone(), self.telephones.clone());
        Self { address, bench, placements, mailbag, telephones, services, shutdown, http, directory }
    }

    /// A published workshop; its id.
    pub(crate) async fn workshop(&self, author: &Person, slug: &str, content: Value) -> String {
        let draft = "mutation($input: WorkshopDraftInput!) { workshopDraft(input: $input) { workshop { id } errors { message } } }";
        let data = self.data(Some(author), draft, json!({ "input": { "slug": slug, "content": content } })).await;
        let id = data["workshopDraft"]["workshop"]["id"].as_str().unwrap_or_else(|| panic!("no workshop: {data}")).to_owned();
        let publish =
            "mutation($input: WorkshopPublishInput!) { workshopPublish(input: $input) { workshop { version } errors { message } } }";
        let data = self.data(Some(author), publish, json!({ "input": { "workshopId": id } })).await;
        assert_eq!(data["workshopPublish"]["workshop"]["version"], 1, "{data}");
        id
    }

    /// A session of a workshop; its id.
    pub(crate) async fn session(&self, learner: &Person, workshop: &str) -> String {
        let start = "mutation($input: SessionStartInput!) { sessionStart(input: $input) { session { id } errors { message } } }";
        let data = self.data(Some(learner), start, json!({ "input": { "workshopId": workshop } })).await;
        data["sessionStart"]["session"]["id"].as_str().unwrap_or_else(|| panic!("no session: {data}")).to_owned()
    }

    /// Waits until the read models have all that was recorded.
    pub(crate) async fn level(&self) {
        let head = self.services.journal.head().await.expect("a head");
        assert!(self.services.projections.reached(head, Duration::from_mins(1)).await);
    }

    /// Asks again and again until an answer is as wanted.
    pub(crate) async fn until(&self, by: &Person, query: &str, variables: Value, wanted: impl Fn(&Value) -> bool) -> Value {
        let asked = async {
            let mut level = self.services.projections.watch();
            loop {
                let data = self.data(Some(by), query, variables.clone()).await;
                if wanted(&data) {
                    return data;
                }
                level.changed().await.expect("read models");
            }
        };
        tokio::time::timeout(Duration::from_mins(1), asked).await.expect("the answer that was waited for")
    }
}

async fn serve(services: Services, options: Options) -> SocketAddr {
    let router = graphql::router(services, options).into_make_service_with_connect_info::<SocketAddr>();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Services, and the directory of what they keep in files.
async fn services(
    stores: Stores,
    bench: Arc<Bench>,
    placements: &Arc<ByName>,
    (mailbag, telephones): (Arc<Mailbag>, Arc<Telephones>),
    tokens: TokenSettings,
) -> (Services, TempDir) {
    let Stores { vault, journal, read_models, directory } = stores;
    let options = ProjectionOptions::new(read_models);
    let projections = Arc::new(Projections::init(journal.clone(), &options).await.expect("read models"));
    let (plans, streams) = (commands::plans::PlanLimits::default(), commands::StreamOptions::default());
    let settings = commands::Settings { tokens, hashing: HASHING, plans, streams };
    let fleet = Arc::new(Harbour);
    let commands = Commands::init(journal.clone(), vault.clone(), Utc::now, Arc::new(Shell), bench, fleet, settings).await;
    let time_travel = TimeTravel::new(&directory.path().join("past"), journal.clone(), Tz::UTC, Limits::default()).expect("time travel");
    let services = Services {
        commands: Arc::new(reached(commands.expect("commands"), mailbag, telephones)),
        projections,
        journal,
        time_travel,
        vault,
        tickets: Arc::new(Tickets),
        placements: placements.clone(),
        resources: Arc::new(Furniture),
        // Generous: a machine under load must not make answers stale.
        settings: Settings { patience: Duration::from_mins(1), prices: Some(prices()) },
    };
    (services, directory)
}

/// Where passkeys are for.
pub(crate) const ORIGIN: &str = "https://nalabo.example.org";

fn site() -> Option<PasskeySite> {
    PasskeySite::try_new("nalabo.example.org", &[ORIGIN.to_owned()], "Nalabo")
}

/// With people who are written to, have passkeys, and are watched for the programs that they sign in with.
fn reached(commands: Commands, mailbag: Arc<Mailbag>, telephones: Arc<Telephones>) -> Commands {
    let watch = Watch { new_devices: true, ..Watch::default() };
    commands.with_postman(mailbag).with_backup_codes(Some(telephones), false).with_passkeys(site()).with_watch(watch)
}

/// A workshop with a page to read, a question and a check.
pub(crate) fn content() -> Value {
    json!({
        "title": "Pipes", "summary": "Join small programs", "description": "Long text", "category": "devops",
        "difficulty": "BEGINNER", "durationMinutes": 20, "tags": ["shell"], "languages": ["en"], "completionPoints": 5,
        "environment": { "programs": ["bash"] },
        "steps": [
            { "key": "read", "title": "Read", "points": 1, "rule": { "read": true }, "body": [
                { "text": "Look:" }, { "action": { "action": { "execute": { "command": "ls | wc -l" } }, "body": "ls | wc -l" } },
                { "text": "Good." },
            ] },
            { "key": "answer", "title": "Answer", "points": 2, "body": [{ "text": "Think." }], "rule": { "answer": {
                "question": "Which is a pipe?", "choices": [">", "|", "<"], "correct": [1],
            } } },
            { "key": "check", "title": "Check", "points": 3, "body": [{ "text": "Do." }], "rule": { "check": [
                { "name": "file", "title": "There is a file", "script": "test -f secret-script", "solution": "touch secret-solution" },
            ] } },
        ],
    })
}

/// A workshop with nothing but pages to read, worth a point each.
pub(crate) fn pages(count: usize) -> Value {
    let step = |n: usize| json!({ "key": format!("page-{n}"), "title": format!("Page {n}"), "points": 1, "rule": { "read": true }, "body": [{ "text": "Read." }] });
    let steps: Vec<Value> = (1..=count).map(step).collect();
    json!({ "title": "Pages", "summary": "To read", "category": "cloud", "difficulty": "BEGINNER", "durationMinutes": 5, "steps": steps })
}

/// Of a core 0.04, of a GiB 0.005, of a cluster 0.1 an hour.
fn prices() -> Prices {
    Prices::try_new(&PriceList { currency: "EUR", cpu_hour: 0.04, gibibyte_hour: 0.005, cluster_hour: 0.1 }).expect("prices")
}
