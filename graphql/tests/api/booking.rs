//! Runs of workshops over the API: putting them on, registering, waiting, paying, coming.

mod coming;
mod discounts;
mod following;
mod guests;
mod inputs;
mod money;
mod organising;
mod permissions;
mod registering;
mod sessions;
mod waiting;

use std::sync::LazyLock;

use chrono::{NaiveDate, TimeDelta, Utc};
use domain::{identity::Role, kernel::Timestamp};
use serde_json::{Map, Value, json};

use crate::platform::{Person, Platform};

/// Of a run what most tests look at.
const RUN: &str = "run { id state capacity left waiting }";
/// The same of a registration.
const REGISTRATION: &str = "registration { id state position due { amount } paid { amount } owed { amount currency } owedFor }";

/// What a mutation is answered, as somebody asks for it; `selection` is what is asked for beside errors.
async fn ask(platform: &Platform, by: &Person, mutation: &str, selection: &str, input: Value) -> Value {
    let query = query(mutation, selection);
    platform.data(Some(by), &query, json!({ "input": input })).await[mutation].clone()
}

fn query(mutation: &str, selection: &str) -> String {
    let (first, rest) = mutation.split_at(1);
    let of = format!("{}{rest}Input", first.to_uppercase());
    format!("mutation($input: {of}!) {{ {mutation}(input: $input) {{ {selection} errors {{ code field message taken }} stale }} }}")
}

/// The same of what is not turned down.
async fn done(platform: &Platform, by: &Person, mutation: &str, selection: &str, input: Value) -> Value {
    let answer = ask(platform, by, mutation, selection, input).await;
    assert_eq!((&answer["errors"], &answer["stale"]), (&json!([]), &json!(false)), "{mutation}");
    answer
}

/// Why something is turned down: codes and fields.
async fn refused(platform: &Platform, by: &Person, mutation: &str, input: Value) -> Vec<(String, String)> {
    let answer = ask(platform, by, mutation, "", input).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let errors = answer["errors"].as_array().expect("errors");
    errors.iter().map(|error| (text(&error["code"]), text(&error["field"]))).collect()
}

/// One of these.
fn error(code: &str, field: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), field.to_owned())]
}

/// What is said of a run: free and online for two people, and whatever is said otherwise.
fn run(otherwise: Value) -> Value {
    let free = json!({ "key": "seat", "name": "Seat", "price": eur(0) });
    let run = json!({
        "title": "Containers", "category": "containers", "language": "en", "instructor": "Grace Hopper",
        "link": "https://meet.example.org/1", "startsAt": local(30, 9), "endsAt": local(30, 17), "timeZone": "UTC",
        "capacity": 2, "currency": "EUR", "vatPercent": 19, "tickets": [free],
    });
    with(run, otherwise)
}

/// The same where a seat costs 100.00.
fn paid(otherwise: Value) -> Value {
    with(run(json!({ "tickets": [{ "key": "seat", "name": "Seat", "price": eur(10_000) }] })), otherwise)
}

/// An object with what stands in another in place of its own.
fn with(object: Value, otherwise: Value) -> Value {
    let (Value::Object(mut all), Value::Object(more)) = (object, otherwise) else { panic!("objects") };
    all.extend(more);
    let is_said = |(_, value): &(String, Value)| !value.is_null();
    all.into_iter().filter(is_said).collect::<Map<_, _>>().into()
}

fn eur(cents: i64) -> Value {
    json!({ "amount": cents, "currency": "EUR" })
}

/// The same day however long tests take.
static TODAY: LazyLock<NaiveDate> = LazyLock::new(|| Utc::now().date_naive());

/// Some days from now at an hour of UTC, as clocks show it.
fn local(days: i64, hour: u32) -> String {
    let day = *TODAY + TimeDelta::days(days);
    day.and_hms_opt(hour, 0, 0).expect("an hour").format("%Y-%m-%dT%H:%M").to_string()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// Somebody who puts on runs.
async fn organiser(platform: &Platform) -> Person {
    platform.person("grace", &[Role::Organiser]).await
}

/// That a run is in two hours, when people are checked in.
fn soon() -> Value {
    let clock = |hours: i64| (Utc::now() + TimeDelta::hours(hours)).format("%Y-%m-%dT%H:%M").to_string();
    json!({ "startsAt": clock(2), "endsAt": clock(10) })
}

/// A draft; its id.
async fn scheduled(platform: &Platform, organiser: &Person, run: Value) -> String {
    text(&done(platform, organiser, "runSchedule", RUN, run).await["run"]["id"])
}

/// A run that people may register for; its id.
async fn published(platform: &Platform, organiser: &Person, run: Value) -> String {
    let id = scheduled(platform, organiser, run).await;
    let answer = done(platform, organiser, "runPublish", RUN, json!({ "runId": id })).await;
    assert_eq!(answer["run"]["state"], "PUBLISHED");
    id
}

fn seat(run: &str) -> Value {
    json!({ "runId": run, "ticket": "seat" })
}

/// Somebody who registers, waiting if need be; they, their registration's id, and how far it is.
async fn comes(platform: &Platform, run: &str, name: &str) -> (Person, String, String) {
    let person = platform.person(name, &[]).await;
    let answer = done(platform, &person, "waitlistJoin", REGISTRATION, seat(run)).await;
    let registration = &answer["registration"];
    (person, text(&registration["id"]), text(&registration["state"]))
}

/// How far a registration is, as somebody sees it.
async fn state(platform: &Platform, by: &Person, registration: &str) -> String {
    let query = "query($id: ID!) { node(id: $id) { ... on Registration { state } } }";
    text(&platform.data(Some(by), query, json!({ "id": registration })).await["node"]["state"])
}

fn of(registration: &str) -> Value {
    json!({ "registrationId": registration })
}

/// When what is held for who has to pay, or is offered a place, has run out.
fn in_three_days() -> Timestamp {
    Utc::now() + TimeDelta::days(3)
}

/// While runs go on.
fn on_the_day() -> Timestamp {
    (*TODAY + TimeDelta::days(30)).and_hms_opt(12, 0, 0).expect("noon").and_utc()
}

/// When runs are over.
fn in_a_month() -> Timestamp {
    Utc::now() + TimeDelta::days(32)
}
