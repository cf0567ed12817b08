//! Whose things can be reached by their ids. Every argument of the published schema that takes an id is asked by somebody for each
//! permission and each role there is, and by those who are trusted with one community alone, with the ids of their own things, of
//! somebody else's, of another community's, of what was ended or erased, and of nothing. What must come of it follows from what the act
//! declares and from whose things it is for; what may not be reached must be answered as what was never there.

mod communities;
pub(super) mod places;
mod runs;
pub(super) mod slots;
pub(super) mod things;

use std::collections::BTreeSet;

use async_graphql::parser::types::ServiceDocument;
use chrono::Utc;
use commands::authorization::Needs;
use domain::{
    identity::{Permission, Permissions, Role},
    kernel::PaymentId,
};
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    declared, holder,
    nested::given::{direct, shows_no_more},
    schema,
};
use crate::{
    platform::{Person, Platform},
    socket::Socket,
};
use places::{NO_IDS, PLACES, Whose};
use runs::Visitor;
use slots::{Question, Slot};
use things::{Asks, Kind, Relation, Things};

#[test]
fn each_argument_that_takes_an_id_is_placed() {
    let found: BTreeSet<_> = slots::all(&schema()).iter().map(Slot::name).collect();
    let placed: BTreeSet<_> = PLACES.iter().map(|(name, ..)| *name).chain(NO_IDS).map(str::to_owned).collect();
    let missing: Vec<_> = found.symmetric_difference(&placed).collect();
    assert!(missing.is_empty(), "on one side alone: {missing:#?}");
}

/// Somebody who asks.
pub(super) struct Caller {
    pub(super) name: String,
    /// What they may do; none for somebody who is not signed in.
    pub(super) held: Option<Permissions>,
    pub(super) person: Option<Person>,
    /// The community within which alone they hold a role, and what it permits there.
    pub(super) within: Option<(String, Permissions)>,
    own: Things,
    /// Whether they read alone. What holders of one permission come to when they change things, holders of several do.
    reads: bool,
}

/// Somebody for each permission, for each role that permits anything else together, those who hold a role within one community alone, and
/// somebody who is not signed in. They have nothing yet.
pub(super) async fn callers(platform: &Platform, common: &Things) -> Vec<Caller> {
    let mut people = Vec::new();
    for permission in Permission::ALL {
        people.push((permission.name(), [*permission, Permission::Learn].into(), holder(platform, *permission).await));
    }
    let permissions = people.len();
    let is_there = |role: &Role| people.iter().any(|(_, held, _): &(_, Permissions, _)| *held == role.permissions());
    let roles: Vec<_> = Role::ALL.into_iter().filter(|role| !is_there(role)).collect();
    for role in roles {
        people.push((role.name(), role.permissions(), platform.person(&role.name().replace('_', "-"), &[role]).await));
    }
    let of = |(at, (name, held, person)): (usize, (&'static str, Permissions, Person))| Caller {
        reads: at >= permissions,
        ..Caller::of(name, Some((held, person)))
    };
    let mut callers: Vec<_> = people.into_iter().enumerate().map(of).collect();
    callers.extend(communities::tenants(platform, common).await);
    callers.push(Caller::of("nobody", None));
    callers
}

impl Caller {
    /// Somebody who has nothing.
    pub(super) fn of(name: &str, who: Option<(Permissions, Person)>) -> Self {
        let (held, person) = who.unzip();
        Self { name: name.to_owned(), held, person, within: None, own: Things::default(), reads: false }
    }

    /// The same with things of their own, of the kinds that they ask for.
    async fn with_things(mut self, platform: &Platform, public: &str, visitor: Visitor) -> Self {
        if let Some(person) = &self.person {
            let asks = if self.reads { Asks::Reads } else { Asks::Anything };
            let theirs = things::of(platform, person, public, asks).await.and(runs::of(platform, person, visitor).await);
            self.own = self.own.and(theirs);
        }
        self
    }

    /// Whether they hold a permission for what is theirs in this way. What is held within a community is nothing outside of it.
    fn may(&self, permission: Permission, relation: Relation) -> bool {
        let within = self.within.as_ref().filter(|_| relation == Relation::Within);
        let has = |held: &Permissions| held.contains(&permission);
        self.held.as_ref().is_some_and(has) || within.is_some_and(|(_, held)| has(held))
    }

    /// Why they have nothing that is theirs in this way. What is not listed here they have.
    fn lacks(&self, relation: Relation) -> Option<&'static str> {
        let is_own = matches!(relation, Relation::Own | Relation::OwnGone | Relation::Hosted);
        (is_own && self.person.is_none()).then_some("who is nobody has nothing")
    }
}

/// What must come of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Refused(&'static str),
    /// As what was never there.
    Hidden,
    Reached,
}

fn expected(needs: Needs, whose: Whose, relation: Relation, caller: &Caller) -> Expected {
    let held = caller.held.as_ref();
    let may = |permission| held.is_some_and(|held| held.contains(&permission));
    let own = matches!(relation, Relation::Own | Relation::OwnGone);
    let allowed = match needs {
        Needs::Nothing => true,
        Needs::Person => held.is_some(),
        Needs::Permission(wanted) => may(wanted),
        Needs::PermissionWithin(wanted) => caller.may(wanted, relation),
        Needs::OneOf(wanted) => wanted.iter().any(|wanted| may(*wanted)),
        // That it is not known whose something is that is not there, the field itself decides.
        Needs::OwnOr(wanted) => held.is_some() && (own || matches!(whose, Whose::Public) || may(wanted)),
        Needs::Program => panic!("nobody can ask for it"),
    };
    let may_here = |permission| if matches!(whose, Whose::OwnOrEverywhere(_)) { may(permission) } else { caller.may(permission, relation) };
    match held {
        _ if allowed && whose.reaches(relation, may_here) => Expected::Reached,
        _ if allowed => Expected::Hidden,
        None => Expected::Refused("UNAUTHENTICATED"),
        Some(_) => Expected::Refused("FORBIDDEN"),
    }
}

/// What must come of asking for a field of a type with somebody's id.
pub(super) fn expected_of(on: &str, field: &str, whose: Whose, relation: Relation, caller: &Caller) -> Expected {
    // The past is asked for as the present is, by whoever may look there.
    let needs = match on {
        "AsOf" => declared("Query", field).needs,
        "Activity" => declared("Query", "activity").needs,
        _ => declared(on, field).needs,
    };
    let before = if on == "AsOf" { Needs::Permission(Permission::ReadEvents) } else { Needs::Nothing };
    match expected(before, Whose::Anybodys, Relation::Others, caller) {
        Expected::Reached => expected(needs, whose, relation, caller),
        refused => refused,
    }
}

/// Whether an answer says that something is not there.
fn says_it_is_not_there(answer: &Value) -> bool {
    let data = &answer["data"];
    let data = ["asOf", "activity"].into_iter().map(|root| &data[root]).find(|root| root.is_object()).unwrap_or(data);
    let field = data.as_object().and_then(|data| data.values().next()).unwrap_or(&Value::Null);
    let code = field["errors"][0]["code"].as_str().unwrap_or_default();
    let is_empty = |list: &Value| list.as_array().is_some_and(Vec::is_empty);
    answer.is_null()
        || code.ends_with("NOT_FOUND")
        || answer["errors"][0]["message"].as_str().is_some_and(|message| message.starts_with("there is no such "))
        || (answer.get("errors").is_none() && (field.is_null() || is_empty(field) || is_empty(&field["nodes"])))
}

/// Who asks, and for what.
pub(super) struct Matrix {
    pub(super) platform: Platform,
    pub(super) schema: ServiceDocument,
    pub(super) common: Things,
    pub(super) callers: Vec<Caller>,
    /// What else is to be given, by type and field.
    pub(super) more: Value,
}

impl Matrix {
    async fn start() -> Self {
        let platform = Platform::start().await;
        let (common, visitor) = things::common(&platform).await;
        let public = common.id(Kind::Workshop, Relation::Public).expect("a workshop").clone();
        let callers = callers(&platform, &common).await.into_iter().map(|caller| caller.with_things(&platform, &public, visitor));
        let callers = join_all(callers).await;
        Self::of(platform, common, callers).await
    }

    /// Where there are these things, and these people ask.
    pub(super) async fn of(platform: Platform, common: Things, callers: Vec<Caller>) -> Self {
        platform.level().await;
        let analyst = callers.iter().find(|caller| caller.name == "analyst").and_then(|caller| caller.person.as_ref());
        let first = platform.data(analyst, "{ events(first: 1) { nodes { cursor } } }", json!({})).await;
        let (other, others) = (common.id(Kind::Account, Relation::Others), common.id(Kind::Registration, Relation::Others));
        let gone = common.id(Kind::Registration, Relation::OthersGone);
        let input = |more: Value| json!({ "input": more });
        let at = json!({ "at": Utc::now() });
        let more = json!({
            "Mutation": {
                "roleGrant": input(json!({ "accountId": other, "role": "learner" })),
                "roleRevoke": input(json!({ "accountId": other, "role": "learner" })),
                "clusterRotateCredentials": input(json!({ "access": { "token": { "server": "https://a.example.org", "token": "t" } } })),
                "accountErase": input(json!({ "reason": "asked for" })),
                "accountExport": input(json!({ "reason": "asked for" })),
                // What is recorded is there from then on: of another registration, and by an id that nothing else has.
                "paymentRecord": input(json!({ "registrationId": gone, "paymentId": PaymentId(Uuid::now_v7()).to_string() })),
                "paymentRefund": input(json!({ "registrationId": others })),
                "paymentUndoRecord": input(json!({ "registrationId": others })),
                "paymentUndoRefund": input(json!({ "registrationId": others })),
            },
            "Query": { "resourceUsage": { "from": Utc::now() - chrono::TimeDelta::hours(1) } },
            "Subscription": { "events": { "after": first["events"]["nodes"][0]["cursor"] } },
            "AsOf": {
                "session": at, "sessions": at, "workshop": at, "workshops": at, "leaderboard": at,
                "learnerDashboard": at, "authorDashboard": at, "me": at, "accounts": at,
                "runs": at, "run": at, "registration": at, "registrations": at, "myRegistrations": at,
                "myBookings": at, "runDashboard": at, "bookingDashboard": at,
            },
        });
        let matrix = Self { platform, schema: schema(), common, callers, more };
        matrix.wait_for_the_past(&at).await;
        matrix
    }

    /// Asks until it is built.
    async fn wait_for_the_past(&self, at: &Value) {
        let analyst = self.callers.iter().find(|caller| caller.name == "analyst").and_then(|caller| caller.person.as_ref());
        let query = "query($at: DateTime!) { asOf(at: $at) { position } }";
        while self.platform.answer(analyst, query, at.clone()).await["errors"][0]["extensions"]["code"] == "NOT_READY" {}
    }

    /// What a mutation hands out that whoever asked for it is not given by its id.
    async fn handed_out(&self, caller: &Caller, name: &str, answer: &Value) -> Vec<String> {
        let fields = answer["data"].as_object().into_iter().flat_map(|data| data.values());
        let mut findings = Vec::new();
        for found in fields.filter_map(Value::as_object).flat_map(|payload| payload.values()) {
            let Some(id) = found["id"].as_str() else { continue };
            let given = direct(&self.platform, &self.schema, caller.person.as_ref(), &[id]).await;
            // Whoever has ended their own sign-in is given nothing any more.
            let Some(given) = given.get(id) else { continue };
            if !shows_no_more(found, given) {
                findings.push(format!("{name} for {}: handed out {found}, and given by its id {given}", caller.name));
            }
        }
        findings
    }

    /// The cells of one argument for one caller: what is not as it must be, and how many there are.
    async fn row(&self, caller: &Caller, question: &Question, (name, kind, whose): (&str, Kind, Whose)) -> (Vec<String>, usize) {
        let (on, rest) = name.split_once('.').expect("a field");
        let field = rest.split(' ').next().unwrap_or_default();
        let (mut findings, mut cells, mut hidden) = (Vec::new(), 0, Value::Null);
        for relation in Relation::ALL {
            let id = caller.own.id(kind, relation).or_else(|| self.common.id(kind, relation));
            let id = match (id, kind.lacks(relation).or_else(|| caller.lacks(relation))) {
                (Some(id), None) => id,
                (None, Some(_)) => continue,
                (id, why) => {
                    findings.push(format!("{name} ({kind:?}, {relation:?}) for {}: there is {id:?}, though {why:?}", caller.name));
                    continue;
                }
            };
            let expected = expected_of(on, field, whose, relation, caller);
            // Nobody is on a socket who does not say who they are.
            let is_on_socket = on != "Subscription" || caller.person.is_some();
            let expected = if is_on_socket { expected } else { Expected::Refused("UNAUTHENTICATED") };
            let given = match on {
                "Subscription" => self.follow(caller, question, id, relation).await,
                _ => self.platform.answer(caller.person.as_ref(), &question.text, question.with(id)).await,
            };
            if on == "Mutation" {
                findings.extend(self.handed_out(caller, name, &given).await);
            }
            let answer: Value = serde_json::from_str(&given.to_string().replace(id, "ID")).expect("JSON");
            if relation == Relation::Absent {
                hidden = answer.clone();
            }
            let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
            let refused = Some(code).filter(|code| ["UNAUTHENTICATED", "FORBIDDEN"].contains(code));
            let is_right = match expected {
                Expected::Refused(code) => refused == Some(code),
                Expected::Hidden if relation == Relation::Absent => says_it_is_not_there(&answer),
                Expected::Hidden => answer == hidden,
                Expected::Reached => refused.is_none() && (answer != hidden || matches!(whose, Whose::Asked)),
            };
            if !is_right || code == "INTERNAL" {
                let caller = &caller.name;
                findings.push(format!("{name} ({kind:?}, {relation:?}) for {caller}: expected {expected:?}: {answer}; absent: {hidden}"));
            }
            cells += 1;
        }
        (findings, cells)
    }

    /// What is heard first of something that is followed.
    pub(super) async fn follow(&self, caller: &Caller, question: &Question, id: &str, relation: Relation) -> Value {
        let Some(person) = &caller.person else { return json!({ "errors": [{ "extensions": { "code": "UNAUTHENTICATED" } }] }) };
        let mut socket = Socket::of(&self.platform, person).await;
        socket.subscribe("asked", &question.text, question.with(id)).await;
        // Nothing comes of what is not there: something else that does come tells that it was looked for.
        let present = match question.text.as_str() {
            text if text.contains("events(") => self.common.id(Kind::Stream, Relation::Others),
            text if text.contains("clusterChanged(") => self.common.id(Kind::Cluster, Relation::Others),
            _ => None,
        };
        if let Some(present) = present.filter(|_| relation == Relation::Absent) {
            socket.subscribe("beside", &question.text, question.with(present)).await;
        }
        loop {
            let message = socket.hear().await;
            match (message["id"].as_str(), message["type"].as_str()) {
                (Some("asked"), Some("next")) => break message["payload"].clone(),
                (Some("asked"), Some("error")) => break json!({ "errors": message["payload"] }),
                (Some("beside"), Some("next")) if message["payload"].get("errors").is_none() => break Value::Null,
                _ => {}
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_somebody_elses_is_answered_as_what_was_never_there() {
    let matrix = Matrix::start().await;
    let slots = slots::all(&matrix.schema);
    let (mut findings, mut cells) = (Vec::new(), 0);
    for place in PLACES {
        let slot = slots.iter().find(|slot| slot.name() == place.0).expect("an argument");
        let question = Question::of(&matrix.schema, slot, &matrix.more, &slots::selection(&matrix.schema, &slot.field));
        let asks = |caller: &&Caller| !caller.reads || !place.0.starts_with("Mutation");
        let rows = matrix.callers.iter().filter(asks).map(|caller| matrix.row(caller, &question, *place));
        for (found, count) in join_all(rows).await {
            findings.extend(found);
            cells += count;
        }
    }
    assert!(findings.is_empty(), "{} of {cells} cells:\n{}", findings.len(), findings.join("\n"));
    assert!(cells > 3500, "{cells} cells");
}
