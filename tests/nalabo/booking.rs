//! Runs of workshops, from scheduling to checking in, and what a server that dies in between has kept.

mod crash;
mod nodes;

use chrono::{DateTime, TimeDelta, Utc};
use nalabo::client::Subscription;
use serde_json::{Value, json};

use crate::{
    authoring::{publish, reading},
    engines::{Engine, on_each_engine},
    people::{Person, text},
    site::{PATIENCE, Server, Site},
};

on_each_engine! {
    a_paid_run_is_approved_filled_waited_for_cancelled_offered_paid_and_checked_in,
    who_is_confirmed_is_in_the_laboratory_until_the_run_is_over,
    what_is_not_as_it_must_be_is_said_by_field,
    what_was_acknowledged_survives_kill_9_and_no_place_is_given_twice,
}

use crash::what_was_acknowledged_survives_kill_9_and_no_place_is_given_twice;

const RUN: &str = "query($id: ID!) { run(id: $id) { state capacity taken left waiting } }";
const MINE: &str = "query($id: ID!) { run(id: $id) { myRegistration { id state number position } } }";
const AVAILABILITY: &str = "subscription($id: ID!) { runAvailabilityChanged(runId: $id) { left waiting } }";
/// What there is of a registration after a mutation.
const REGISTRATION: &str = "registration {
    id state number position due { amount } paid { amount } owed { amount } quote { tax { amount } }
}";

/// What a clock in UTC shows then.
fn local(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// A run of two hours that begins then.
fn event(starts_at: DateTime<Utc>, capacity: u32, price: i64) -> Value {
    json!({
        "title": "Containers",
        "category": "containers",
        "language": "en",
        "instructor": "Grace Hopper",
        "link": "https://meet.example.org/1",
        "startsAt": local(starts_at),
        "endsAt": local(starts_at + TimeDelta::hours(2)),
        "timeZone": "UTC",
        "capacity": capacity,
        "currency": "EUR",
        "vatPercent": 19,
        "tickets": [{ "key": "seat", "name": "Seat", "price": { "amount": price, "currency": "EUR" } }],
    })
}

/// In a month, to the second.
fn in_a_month() -> DateTime<Utc> {
    Utc::now() + TimeDelta::days(30)
}

/// Schedules and publishes; the run's id.
async fn published(organiser: &Person, run: Value) -> String {
    let scheduled = organiser.mutate("runSchedule", run, "runIds run { state }").await;
    let id = text(&scheduled["runIds"][0]);
    let published = organiser.mutate("runPublish", json!({ "runId": id }), "run { state }").await;
    assert_eq!(published["run"]["state"], "PUBLISHED");
    id
}

/// Somebody's registration after something is done about it.
async fn done(who: &Person, mutation: &str, input: Value) -> Value {
    who.mutate(mutation, input, REGISTRATION).await["registration"].clone()
}

fn seat(run: &str) -> Value {
    json!({ "runId": run, "ticket": "seat", "wait": true })
}

/// Waits until as much is left, and as many wait.
async fn told(availability: &mut Subscription, left: u32, waiting: u32) {
    let is_so = |data: &Value| (data["runAvailabilityChanged"] == json!({ "left": left, "waiting": waiting })).then_some(());
    availability.until(&format!("{left} places left and {waiting} waiting"), PATIENCE, is_so).await.expect("told");
}

/// Asks until the answer is as it is to be.
async fn until(who: &Person, query: &str, id: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    who.until(query, json!({ "id": id }), is_so).await
}

async fn a_paid_run_is_approved_filled_waited_for_cancelled_offered_paid_and_checked_in(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let organiser = Person::with_role(&server, "grace", "organiser").await;
    let (ada, bob) = (Person::register(&server, "ada").await, Person::register(&server, "bob").await);
    let mut plan = event(in_a_month(), 1, 10_000);
    plan["needsApproval"] = true.into();
    plan["refunds"] = json!([{ "beforeMinutes": 10_080, "percent": 100 }]);
    let run = published(&organiser, plan).await;
    let mut availability = ada.client.subscribe(AVAILABILITY, json!({ "id": run })).await.expect("a subscription");
    told(&mut availability, 1, 0).await;

    let first = done(&ada, "registrationRequest", seat(&run)).await;
    assert_eq!((&first["state"], &first["quote"]["tax"]["amount"]), (&json!("PENDING_APPROVAL"), &json!(1597)));
    told(&mut availability, 0, 0).await;
    let second = done(&bob, "waitlistJoin", json!({ "runId": run, "ticket": "seat" })).await;
    assert_eq!((&second["state"], &second["position"]), (&json!("WAITLISTED"), &json!(1)));
    told(&mut availability, 0, 1).await;
    let (of_ada, of_bob) = (json!({ "registrationId": first["id"] }), json!({ "registrationId": second["id"] }));
    assert_eq!(ada.declined("registrationApprove", of_ada.clone(), "stale").await, ["FORBIDDEN"]);
    for of in [&of_ada, &of_bob] {
        organiser.mutate("registrationApprove", of.clone(), "stale").await;
    }
    pays(&organiser, &ada, &of_ada).await;

    let left = done(&ada, "registrationWithdraw", of_ada.clone()).await;
    assert_eq!((&left["state"], &left["owed"]["amount"]), (&json!("WITHDRAWN"), &json!(10_000)));
    told(&mut availability, 0, 0).await;
    let offered = until(&bob, MINE, &run, |data| data["run"]["myRegistration"]["state"] == "OFFERED").await;
    assert_eq!(offered["run"]["myRegistration"]["id"], second["id"]);
    assert_eq!(ada.declined("offerAccept", of_bob.clone(), "stale").await, ["REGISTRATION_NOT_FOUND"]);
    assert_eq!(done(&bob, "offerAccept", of_bob.clone()).await["state"], "AWAITING_PAYMENT");
    pays(&organiser, &bob, &of_bob).await;
    assert_eq!(organiser.declined("registrationCheckIn", of_bob.clone(), "stale").await, ["CHECK_IN_TOO_EARLY"]);
    let tomorrow = event(Utc::now() + TimeDelta::hours(20), 1, 10_000);
    let moved = json!({ "runId": run, "startsAt": tomorrow["startsAt"], "endsAt": tomorrow["endsAt"], "timeZone": "UTC" });
    organiser.mutate("runReschedule", moved, "stale").await;
    assert_eq!(done(&organiser, "registrationCheckIn", of_bob.clone()).await["state"], "ATTENDED");
    assert_eq!(organiser.declined("registrationCheckIn", of_bob, "stale").await, ["WRONG_STAGE"], "once");
    let full = until(&organiser, RUN, &run, |data| data["run"]["taken"] == 1).await;
    assert_eq!(full["run"], json!({ "state": "PUBLISHED", "capacity": 1, "taken": 1, "left": 0, "waiting": 0 }));
    server.stop();
}

/// Opens a payment, and has the organiser tell twice that it came in.
async fn pays(organiser: &Person, who: &Person, of: &Value) {
    let opened = who.mutate("paymentOpen", of.clone(), "paymentId registration { state due { amount } }").await;
    assert_eq!(opened["registration"], json!({ "state": "AWAITING_PAYMENT", "due": { "amount": 10_000 } }));
    let mut came = of.clone();
    came["paymentId"] = opened["paymentId"].clone();
    came["amount"] = json!({ "amount": 10_000, "currency": "EUR" });
    for _ in 0..2 {
        let paid = done(organiser, "paymentRecord", came.clone()).await;
        assert_eq!((&paid["state"], &paid["paid"]["amount"]), (&json!("CONFIRMED"), &json!(10_000)));
    }
}

async fn who_is_confirmed_is_in_the_laboratory_until_the_run_is_over(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let organiser = Person::with_role(&server, "grace", "organiser").await;
    let administrator = Person::administrator(&server).await;
    administrator.mutate("roleGrant", json!({ "accountId": organiser.account, "role": "author" }), "account { id }").await;
    let mut content = reading(2, 1);
    content["visibility"] = "PRIVATE".into();
    let workshop = publish(&organiser, "private", content).await;
    let mut plan = event(Utc::now() + TimeDelta::minutes(20), 3, 0);
    plan["workshopId"] = workshop.as_str().into();
    let run = published(&organiser, plan.clone()).await;
    plan["startsAt"] = local(Utc::now() + TimeDelta::hours(1)).into();
    let later = published(&organiser, plan).await;
    let (kit, eve) = (Person::register(&server, "kit").await, Person::register(&server, "eve").await);
    for run in [&run, &later] {
        assert_eq!(done(&kit, "registrationRequest", seat(run)).await["state"], "CONFIRMED");
    }

    let (of_workshop, of_run) = (json!({ "workshopId": workshop }), json!({ "runId": run }));
    assert_eq!(kit.declined("sessionStart", of_workshop, "stale").await, ["WORKSHOP_NOT_FOUND"], "it is private");
    assert_eq!(eve.declined("runSessionStart", of_run.clone(), "stale").await, ["RUN_NOT_FOUND"]);
    assert_eq!(kit.declined("runSessionStart", json!({ "runId": later }), "stale").await, ["RUN_NOT_NOW"]);
    let begun = kit.mutate("runSessionStart", of_run.clone(), "session { id runId }").await;
    assert_eq!(begun["session"]["runId"], run.as_str());
    let session = text(&begun["session"]["id"]);
    let again = kit.mutate("runSessionStart", of_run, "session { id }").await;
    assert_eq!(again["session"]["id"], session.as_str(), "whoever has begun goes on");
    let step = json!({ "sessionId": session, "step": "page-1" });
    kit.mutate("stepComplete", step, "session { completedSteps }").await;
    organiser.mutate("runCancel", json!({ "runId": run, "reason": "The house is closed." }), "run { state }").await;
    let status = "query($id: ID!) { session(id: $id) { status } }";
    until(&kit, status, &session, |data| data["session"]["status"] == "EXPIRED").await;
    server.stop();
}

async fn what_is_not_as_it_must_be_is_said_by_field(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let organiser = Person::with_role(&server, "grace", "organiser").await;
    let learner = Person::register(&server, "ada").await;
    assert_eq!(learner.declined("runSchedule", event(in_a_month(), 1, 0), "stale").await, ["FORBIDDEN"]);
    let mut wrong = event(in_a_month(), 0, -1);
    wrong["endsAt"] = local(Utc::now()).into();
    let error = organiser.client.mutate("runSchedule", wrong, "stale").await.expect_err("it is to be declined");
    for field in ["endsAt", "capacity", "tickets[0].price"] {
        assert!(error.to_string().contains(field), "{field}: {error}");
    }
    let mut endless = event(in_a_month(), 1, 0);
    endless["recurrence"] = "FREQ=DAILY".into();
    assert_eq!(organiser.declined("runSchedule", endless, "stale").await, ["INVALID"]);
    // In 2027 clocks go forward at two in the morning of 28 March.
    let mut gap = event(in_a_month(), 1, 0);
    (gap["startsAt"], gap["endsAt"], gap["timeZone"]) = ("2027-03-28T02:30".into(), "2027-03-28T05:00".into(), "Europe/Paris".into());
    assert_eq!(organiser.declined("runSchedule", gap, "stale").await, ["INVALID"]);
    let run = published(&organiser, event(in_a_month(), 1, 0)).await;
    let confirmed = done(&learner, "registrationRequest", seat(&run)).await;
    let other = json!({ "registrationId": confirmed["id"] });
    let eve = Person::register(&server, "eve").await;
    assert_eq!(eve.declined("registrationWithdraw", other, "stale").await, ["REGISTRATION_NOT_FOUND"]);
    let full = json!({ "runId": run, "ticket": "seat" });
    assert_eq!(eve.declined("registrationRequest", full, "stale").await, ["FULL"]);
    server.stop();
}

/// People who are signed in, for one run.
async fn crowd(server: &Server, prefix: &str, count: usize) -> Vec<Person> {
    let mut people = Vec::new();
    for number in 0..count {
        people.push(Person::register(server, &format!("{prefix}-{number}")).await);
    }
    people
}
