//! What is wrong with what is said of a run: everything by field.

use serde_json::{Value, json};

use super::{eur, organiser, query, refused, run};
use crate::platform::Platform;

fn ticket(otherwise: Value) -> Value {
    super::with(json!({ "key": "seat", "name": "Seat", "price": eur(10_000) }), otherwise)
}

fn money(amount: impl Into<Value>, currency: &str) -> Value {
    json!({ "amount": amount.into(), "currency": currency })
}

#[tokio::test]
async fn what_is_not_as_expected_is_said_by_field() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let question = |kind: &str, choices: &[&str]| json!([{ "key": "size", "label": "Size?", "kind": kind, "choices": choices }]);
    let many = |count: usize| vec!["x"; count];
    for (otherwise, field) in [
        (json!({ "tickets": [ticket(json!({ "price": money(-1, "EUR") }))] }), "tickets[0].price"),
        (json!({ "tickets": [ticket(json!({ "price": money(10_000, "CHF") }))] }), "tickets[0].price"),
        (json!({ "tickets": [ticket(json!({ "tiers": [{ "first": 1, "price": eur(-5) }] }))] }), "tickets[0].tiers[0].price"),
        (json!({ "tickets": [ticket(json!({ "tiers": [{ "first": 1, "price": money(5, "USD") }] }))] }), "tickets[0].tiers[0].price"),
        (json!({ "tickets": [ticket(json!({})), ticket(json!({}))] }), "tickets[1].key"),
        (json!({ "tickets": [ticket(json!({ "key": "" }))] }), "tickets[0].key"),
        (json!({ "tickets": [] }), "tickets"),
        (json!({ "startsAt": "2037-06-01T09:00", "endsAt": "2037-06-01T08:00" }), "endsAt"),
        (json!({ "startsAt": "2037-06-01T09:00", "endsAt": "2037-09-01T09:00" }), "endsAt"),
        (json!({ "closesAt": "2037-06-01T09:00" }), "closesAt"),
        (json!({ "startsAt": "2037-03-29T02:30", "endsAt": "2037-03-29T09:00", "timeZone": "Europe/Zurich" }), "startsAt"),
        (json!({ "startsAt": "2037-10-25T01:00", "endsAt": "2037-10-25T02:30", "timeZone": "Europe/Zurich" }), "endsAt"),
        (json!({ "timeZone": "Europe/Zuerich" }), "timeZone"),
        (json!({ "recurrence": "FREQ=WEEKLY" }), "recurrence"),
        (json!({ "recurrence": "FREQ=WEEKLY;COUNT=1000" }), "recurrence"),
        (json!({ "recurrence": "every other day" }), "recurrence"),
        (json!({ "capacity": 0 }), "capacity"),
        (json!({ "capacity": 100_001 }), "capacity"),
        (json!({ "groupLimit": 51 }), "groupLimit"),
        (json!({ "holdMinutes": 0 }), "holdMinutes"),
        (json!({ "link": "http://meet.example.org" }), "link"),
        (json!({ "title": "x".repeat(151) }), "title"),
        (json!({ "description": "x".repeat(10_001) }), "description"),
        (json!({ "language": "englisch!" }), "language"),
        (json!({ "tags": (0..21).map(|tag| tag.to_string()).collect::<Vec<_>>() }), "tags"),
        (json!({ "questions": question("CHOICE", &["S"]) }), "questions[0].choices"),
        (json!({ "questions": question("CHOICES", &many(51)) }), "questions[0].choices"),
        (json!({ "refunds": vec![json!({ "beforeMinutes": 1, "percent": 1 }); 11] }), "refunds"),
        (json!({ "tickets": [ticket(json!({ "tiers": vec![json!({ "first": 1, "price": eur(1) }); 11] }))] }), "tickets[0].tiers"),
    ] {
        let errors = refused(&platform, &grace, "runSchedule", run(otherwise.clone())).await;
        assert!(errors.contains(&("INVALID".to_owned(), field.to_owned())), "{otherwise}: {errors:?}");
    }
}

#[tokio::test]
async fn of_what_is_wrong_no_more_is_told_than_anybody_reads() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let tickets = run(json!({ "tickets": vec![ticket(json!({ "key": "", "name": "" })); 1000] }));
    assert_eq!(refused(&platform, &grace, "runSchedule", tickets).await.len(), 100);
}

#[tokio::test]
async fn what_cannot_be_read_is_said_by_field() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let schedule = query("runSchedule", "");
    let nowhere = json!({ "latitude": 91, "longitude": 0 });
    for (otherwise, argument) in [
        (json!({ "tickets": [ticket(json!({ "price": money(1, "EURO") }))] }), "tickets[0].price.currency"),
        (json!({ "tickets": [ticket(json!({ "quota": -1 }))] }), "tickets[0].quota"),
        (json!({ "tickets": [ticket(json!({ "audience": "PLAN" }))] }), "tickets[0].plan"),
        (json!({ "tickets": [ticket(json!({ "plan": "TEAM" }))] }), "tickets[0].plan"),
        (json!({ "currency": "eur" }), "currency"),
        (json!({ "capacity": -1 }), "capacity"),
        (json!({ "vatPercent": 8.125 }), "vatPercent"),
        (json!({ "vatPercent": -1 }), "vatPercent"),
        (json!({ "refunds": [{ "beforeMinutes": 60, "percent": 101 }] }), "refunds[0].percent"),
        (json!({ "refunds": [{ "beforeMinutes": -1, "percent": 50 }] }), "refunds[0].beforeMinutes"),
        (json!({ "link": null }), "venue"),
        (json!({ "venue": { "name": "A", "city": "B", "coordinates": nowhere } }), "venue.coordinates.latitude"),
        (json!({ "questions": [{ "key": "a", "label": "A?", "kind": "TEXT", "choices": ["b"] }] }), "questions[0].choices"),
        (json!({ "workshopId": "ses_01a1fc0ed22272749e6c84757aea4d4e" }), "workshopId"),
    ] {
        let answer = platform.answer(Some(&grace), &schedule, json!({ "input": run(otherwise.clone()) })).await;
        let error = &answer["errors"][0];
        let said = (&error["extensions"]["code"], &error["extensions"]["argument"]);
        assert_eq!(said, (&json!("BAD_USER_INPUT"), &json!(argument)), "{otherwise}: {answer}");
        assert!(error["message"].as_str().is_some_and(|message| message.starts_with(argument)), "{answer}");
    }
}

#[tokio::test]
async fn what_has_the_wrong_type_is_said_where_it_is() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let schedule = query("runSchedule", "");
    for (otherwise, place) in [
        (json!({ "tickets": [ticket(json!({ "price": money(99.5, "EUR") }))] }), "input.tickets.0.price.amount"),
        (json!({ "tickets": [ticket(json!({ "price": money("100", "EUR") }))] }), "input.tickets.0.price.amount"),
        (json!({ "startsAt": "2037-13-01T09:00" }), "input.startsAt"),
        (json!({ "startsAt": "2037-06-01T09:00Z" }), "input.startsAt"),
        (json!({ "endsAt": 1 }), "input.endsAt"),
        (json!({ "visibility": "SECRET" }), "input.visibility"),
    ] {
        let answer = platform.answer(Some(&grace), &schedule, json!({ "input": run(otherwise.clone()) })).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{otherwise}: {answer}");
        assert!(error["message"].as_str().is_some_and(|message| message.contains(place)), "{otherwise}: {answer}");
    }
}

#[tokio::test]
async fn who_may_not_do_it_is_not_told_what_is_wrong() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let wrong = json!({ "input": run(json!({ "currency": "eur" })) });
    assert_eq!(platform.code(Some(&ada), &query("runSchedule", ""), wrong.clone()).await, "FORBIDDEN");
    assert_eq!(platform.code(None, &query("runSchedule", ""), wrong).await, "UNAUTHENTICATED");
}
