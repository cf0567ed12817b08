//! What organisers do about runs.

use domain::identity::Role;
use serde_json::{Value, json};

use super::{
    REGISTRATION, RUN, ask, comes, done, error, eur, local, of, on_the_day, organiser, paid, published, refused, run, scheduled, seat,
    state, with,
};
use crate::platform::{Platform, pages};

#[tokio::test]
async fn a_run_is_scheduled_as_a_draft_with_all_that_is_said_of_it() {
    let platform = Platform::start().await;
    let (author, grace) = (platform.person("author", &[Role::Author]).await, organiser(&platform).await);
    let workshop = platform.workshop(&author, "pages", pages(1)).await;
    let said = run(json!({
        "workshopId": workshop, "description": "All of it", "tags": ["docker"], "level": "BEGINNER", "instructorId": grace.id,
        "venue": { "name": "Technopark 1", "city": "Zürich", "coordinates": { "latitude": 47.3897, "longitude": 8.516 } },
        "startsAt": "2037-06-01T09:00", "endsAt": "2037-06-01T17:00:00", "opensAt": "2037-01-01T00:00", "closesAt": "2037-05-31T12:00",
        "timeZone": "Europe/Zurich", "vatPercent": 8.1, "rounding": "SUM_BY_NET_KEEP_GROSS",
        "tickets": [{
            "key": "seat", "name": "Seat", "price": eur(10_000), "quota": 1, "audience": "PLAN", "plan": "TEAM",
            "tiers": [{ "first": 1, "price": eur(8_000) }, { "until": "2037-02-01T00:00:00Z", "price": eur(9_000) }],
        }],
        "needsApproval": true, "approvalHoldsPlace": false, "holdMinutes": 30, "waitlist": false, "offerMinutes": 60,
        "refunds": [{ "beforeMinutes": 1440, "percent": 50 }],
        "questions": [{ "key": "size", "label": "Which size?", "kind": "CHOICE", "choices": ["S", "M"], "required": true }],
        "visibility": "UNLISTED", "groupLimit": 5,
    }));
    let selection = "run {
        state title description category tags level language instructor instructorAccount { id } organiser { id } workshop { id } format
        venue { name city coordinates { latitude longitude } } link startsAt endsAt opensAt closesAt timeZone capacity currency vatPercent
        rounding tickets { key name price { amount currency } tiers { until first price { amount } } quota audience plan }
        holdMinutes waitlist offerMinutes approvalHoldsPlace refunds { beforeMinutes percent }
        questions { key label kind choices required } visibility groupLimit }";
    let answer = done(&platform, &grace, "runSchedule", selection, said).await;
    let (tiers, price) = (
        json!([
            { "until": null, "first": 1, "price": { "amount": 8_000 } },
            { "until": "2037-02-01T00:00:00+00:00", "first": null, "price": { "amount": 9_000 } },
        ]),
        eur(10_000),
    );
    let ticket = json!({
        "key": "seat", "name": "Seat", "price": price, "tiers": tiers, "quota": 1, "audience": "PLAN", "plan": "TEAM",
    });
    let question = json!({ "key": "size", "label": "Which size?", "kind": "CHOICE", "choices": ["S", "M"], "required": true });
    let venue = json!({ "name": "Technopark 1", "city": "Zürich", "coordinates": { "latitude": 47.3897, "longitude": 8.516 } });
    let described = json!({
        "state": "DRAFT", "title": "Containers", "description": "All of it", "category": "containers", "tags": ["docker"],
        "level": "BEGINNER", "language": "en", "instructor": "Grace Hopper", "instructorAccount": { "id": grace.id },
        "organiser": { "id": grace.id }, "workshop": { "id": workshop }, "format": "HYBRID", "venue": venue,
        "link": "https://meet.example.org/1", "visibility": "UNLISTED", "groupLimit": 5,
    });
    let planned = json!({
        "startsAt": "2037-06-01T07:00:00+00:00", "endsAt": "2037-06-01T15:00:00+00:00", "opensAt": "2036-12-31T23:00:00+00:00",
        "closesAt": "2037-05-31T10:00:00+00:00", "timeZone": "Europe/Zurich", "capacity": 2, "currency": "EUR", "vatPercent": 8.1,
        "rounding": "SUM_BY_NET_KEEP_GROSS", "tickets": [ticket], "holdMinutes": 30, "waitlist": false, "offerMinutes": 60,
        "approvalHoldsPlace": false, "refunds": [{ "beforeMinutes": 1440, "percent": 50.0 }], "questions": [question],
    });
    assert_eq!(answer["run"], with(described, planned));
}

#[tokio::test]
async fn a_series_is_scheduled_by_a_rule() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let weekly = run(json!({ "recurrence": "FREQ=WEEKLY;COUNT=3" }));
    let answer = done(&platform, &grace, "runSchedule", "run { id series } runIds", weekly).await;
    let runs = answer["runIds"].as_array().expect("runs");
    assert_eq!((runs.len(), &answer["run"]), (3, &json!({ "id": runs[0], "series": runs[0] })));
}

#[tokio::test]
async fn what_is_asked_for_twice_under_one_key_is_done_once() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let keyed = with(run(json!({})), json!({ "idempotencyKey": "once" }));
    let first = done(&platform, &grace, "runSchedule", "runIds", keyed.clone()).await;
    let second = done(&platform, &grace, "runSchedule", "runIds", keyed.clone()).await;
    assert_eq!(first, second);
    let other = with(keyed, json!({ "title": "Other" }));
    let code = platform.code(Some(&grace), &super::query("runSchedule", "runIds"), json!({ "input": other })).await;
    assert_eq!(code, "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn a_run_is_revised_and_never_has_fewer_places_than_are_taken() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({}))).await;
    for name in ["ada", "bob"] {
        comes(&platform, &id, name).await;
    }
    let revised = |more: Value| with(run(more), json!({ "runId": id }));
    let answer = done(&platform, &grace, "runRevise", "run { title left }", revised(json!({ "title": "Pods", "capacity": 5 }))).await;
    assert_eq!(answer["run"], json!({ "title": "Pods", "left": 3 }));
    let answer = ask(&platform, &grace, "runRevise", RUN, revised(json!({ "capacity": 1 }))).await;
    assert_eq!(answer["run"], Value::Null);
    let message = "2 places are taken; expected a capacity of as many or more";
    let refusal = json!({ "code": "CAPACITY_BELOW_TAKEN", "field": "capacity", "message": message, "taken": 2 });
    assert_eq!(answer["errors"], json!([refusal]));
    let quota = json!([{ "key": "seat", "name": "Seat", "price": eur(0), "quota": 1 }]);
    let answer = ask(&platform, &grace, "runRevise", "", revised(json!({ "tickets": quota }))).await;
    assert_eq!((&answer["errors"][0]["code"], &answer["errors"][0]["taken"]), (&json!("QUOTA_BELOW_TAKEN"), &json!(2)));
    let francs = json!([{ "key": "seat", "name": "Seat", "price": { "amount": 0, "currency": "CHF" } }]);
    let in_francs = revised(json!({ "currency": "CHF", "tickets": francs }));
    assert_eq!(refused(&platform, &grace, "runRevise", in_francs).await, error("SOLD_ALREADY", "tickets"));
    let moved = revised(json!({ "startsAt": local(31, 9), "endsAt": local(31, 17) }));
    assert_eq!(refused(&platform, &grace, "runRevise", moved).await, error("INVALID", "startsAt"));
}

#[tokio::test]
async fn a_run_that_is_going_on_ends_at_another_time() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({}))).await;
    let times = |ends: String| json!({ "runId": id, "startsAt": local(30, 9), "endsAt": ends, "timeZone": "UTC" });
    let at_noon = platform.later(on_the_day).await;
    let answer = done(&at_noon, &grace, "runReschedule", "run { endsAt }", times(local(30, 18))).await;
    assert_eq!(answer["run"]["endsAt"], format!("{}:00+00:00", local(30, 18)));
    assert_eq!(refused(&at_noon, &grace, "runReschedule", times(local(30, 11))).await, error("INVALID", "endsAt"));
    let begun_later = with(times(local(30, 18)), json!({ "startsAt": local(30, 10) }));
    assert_eq!(refused(&at_noon, &grace, "runReschedule", begun_later).await, error("INVALID", "startsAt"));
}

#[tokio::test]
async fn who_registered_before_a_run_got_another_end_gets_back_all_that_they_paid() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, paid(json!({}))).await;
    let longer = json!({ "runId": id, "startsAt": local(30, 9), "endsAt": local(30, 18), "timeZone": "UTC" });
    let mut owed = vec![];
    for name in ["ada", "bob"] {
        let (person, registration, _) = comes(&platform, &id, name).await;
        done(&platform, &grace, "paymentRecord", "", with(of(&registration), json!({ "amount": eur(10_000) }))).await;
        // It is as it is to be for who comes second.
        done(&platform, &grace, "runReschedule", "", longer.clone()).await;
        let answer = done(&platform, &person, "registrationWithdraw", REGISTRATION, of(&registration)).await;
        owed.push(answer["registration"]["owed"]["amount"].clone());
    }
    assert_eq!(owed, [json!(10_000), json!(0)]);
}

#[tokio::test]
async fn a_run_is_moved_and_called_off() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({}))).await;
    let (ada, registration, _) = comes(&platform, &id, "ada").await;
    let times = |starts: &str, ends: &str| json!({ "runId": id, "startsAt": starts, "endsAt": ends, "timeZone": "Europe/Zurich" });
    let answer = done(&platform, &grace, "runReschedule", "run { startsAt }", times("2037-06-01T09:00", "2037-06-01T17:00")).await;
    assert_eq!(answer["run"]["startsAt"], "2037-06-01T07:00:00+00:00");
    let back = times("2037-06-01T09:00", "2037-06-01T08:00");
    assert_eq!(refused(&platform, &grace, "runReschedule", back).await, error("INVALID", "endsAt"));
    let past = times("1999-06-01T09:00", "1999-06-01T17:00");
    assert_eq!(refused(&platform, &grace, "runReschedule", past).await, error("INVALID", "startsAt"));

    let long = json!({ "runId": id, "reason": "x".repeat(501) });
    assert_eq!(refused(&platform, &grace, "runCancel", long).await, error("INVALID", "reason"));
    let rain = json!({ "runId": id, "reason": "Rain" });
    let answer = done(&platform, &grace, "runCancel", "run { state reason left }", rain).await;
    assert_eq!(answer["run"], json!({ "state": "CANCELLED", "reason": "Rain", "left": 2 }));
    assert_eq!(state(&platform, &ada, &registration).await, "CANCELLED");
    assert_eq!(refused(&platform, &grace, "runPublish", json!({ "runId": id })).await, error("WRONG_STATE", "runId"));
}

#[tokio::test]
async fn a_run_is_of_a_workshop_that_is_published() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    for id in [format!("wks_{}", "0".repeat(32)), "wks_01a1fc0ed22272749e6c84757aea4d4e".to_owned()] {
        let answer = refused(&platform, &grace, "runSchedule", run(json!({ "workshopId": id }))).await;
        assert_eq!(answer, error("WORKSHOP_NOT_FOUND", "workshopId"));
    }
    let nobody = run(json!({ "instructorId": format!("acc_{}", "0".repeat(32)) }));
    assert_eq!(refused(&platform, &grace, "runSchedule", nobody).await, error("INVALID", "instructorId"));
}

#[tokio::test]
async fn nobody_registers_for_a_draft() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = scheduled(&platform, &grace, run(json!({}))).await;
    let ada = platform.person("ada", &[]).await;
    assert_eq!(refused(&platform, &ada, "registrationRequest", seat(&id)).await, error("NOT_FOUND", "runId"));
}
