//! Registering for runs, and giving up what one has.

use serde_json::{Value, json};

use super::{
    REGISTRATION, comes, done, error, guests::verified, local, of, organiser, published, query, refused, run, seat, state, text, with,
};
use crate::platform::Platform;

#[tokio::test]
async fn people_register_once_for_places_there_are() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({ "capacity": 1 }))).await;
    let (ada, bob) = (platform.person("ada", &[]).await, platform.person("bob", &[]).await);
    let selection = "registration { state number seats ticket account { id } registrant { name email attendees } run { id left } }";
    let answer = done(&platform, &ada, "registrationRequest", selection, seat(&id)).await;
    let registrant = json!({ "name": "ada", "email": "ada@example.org", "attendees": ["ada"] });
    assert_eq!(
        answer["registration"],
        json!({
            "state": "CONFIRMED", "number": 1, "seats": 1, "ticket": "seat", "account": { "id": ada.id }, "registrant": registrant,
            "run": { "id": id, "left": 0 },
        })
    );
    assert_eq!(refused(&platform, &ada, "registrationRequest", seat(&id)).await, error("ALREADY_REGISTERED", "registrationId"));
    assert_eq!(refused(&platform, &bob, "registrationRequest", seat(&id)).await, error("FULL", "runId"));
    let waits = done(&platform, &bob, "registrationRequest", REGISTRATION, with(seat(&id), json!({ "wait": true }))).await;
    assert_eq!((&waits["registration"]["state"], &waits["registration"]["position"]), (&json!("WAITLISTED"), &json!(1)));
    let gold = with(seat(&id), json!({ "ticket": "gold" }));
    assert_eq!(refused(&platform, &grace, "registrationRequest", gold).await, error("TICKET_NOT_FOUND", "ticket"));
    let nowhere = seat(&format!("run_{}", "0".repeat(32)));
    assert_eq!(refused(&platform, &ada, "registrationRequest", nowhere).await, error("NOT_FOUND", "runId"));
    assert_eq!(platform.code(None, &query("registrationRequest", ""), json!({ "input": seat(&id) })).await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn one_request_under_one_key_is_one_registration() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({}))).await;
    let ada = platform.person("ada", &[]).await;
    let keyed = with(seat(&id), json!({ "idempotencyKey": "once" }));
    let first = done(&platform, &ada, "registrationRequest", REGISTRATION, keyed.clone()).await;
    assert_eq!(done(&platform, &ada, "registrationRequest", REGISTRATION, keyed).await, first);
}

#[tokio::test]
async fn nobody_registers_outside_of_the_time_for_it() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let ada = platform.person("ada", &[]).await;
    for window in [json!({ "closesAt": local(-1, 12) }), json!({ "opensAt": local(2, 12) })] {
        let id = published(&platform, &grace, run(window)).await;
        assert_eq!(refused(&platform, &ada, "registrationRequest", seat(&id)).await, error("NOT_OPEN", "runId"));
    }
}

#[tokio::test]
async fn a_group_comes_with_the_names_of_all() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({ "capacity": 5, "groupLimit": 3 }))).await;
    let ada = platform.person("ada", &[]).await;
    let with_names = |names: Value| with(seat(&id), json!({ "attendees": names }));
    for names in [json!(["A", "B", "C", "D"]), json!(["A", ""]), json!(["A\u{7}"]), json!(["x".repeat(121)])] {
        assert_eq!(refused(&platform, &ada, "registrationRequest", with_names(names)).await, error("SEATS_INVALID", "attendees"));
    }
    for (emails, field) in [(json!(["bob"]), "memberEmails[0]"), (json!(["b@example.org", "c@example.org"]), "memberEmails")] {
        let with_emails = with(seat(&id), json!({ "attendees": ["A"], "memberEmails": emails }));
        assert_eq!(refused(&platform, &ada, "registrationRequest", with_emails).await, error("INVALID", field));
    }
    let selection = "registration { seats registrant { attendees } run { left } }";
    let answer = done(&platform, &ada, "registrationRequest", selection, with_names(json!(["A", "B", "C"]))).await;
    let registrant = json!({ "attendees": ["A", "B", "C"] });
    assert_eq!(answer["registration"], json!({ "seats": 3, "registrant": registrant, "run": { "left": 2 } }));
}

#[tokio::test]
async fn a_group_that_is_larger_than_the_run_does_not_wait_in_vain() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({ "capacity": 2, "groupLimit": 3 }))).await;
    let ada = platform.person("ada", &[]).await;
    let three = with(seat(&id), json!({ "attendees": ["A", "B", "C"] }));
    for mutation in ["registrationRequest", "waitlistJoin"] {
        assert_eq!(refused(&platform, &ada, mutation, three.clone()).await, error("SEATS_INVALID", "attendees"));
    }
}

#[tokio::test]
async fn questions_are_answered_as_they_are_asked() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let asked = json!([
        { "key": "diet", "label": "Diet?", "kind": "TEXT" },
        { "key": "years", "label": "Years?", "kind": "NUMBER", "required": true },
        { "key": "lunch", "label": "Lunch?", "kind": "YES_NO" },
        { "key": "size", "label": "Size?", "kind": "CHOICE", "choices": ["S", "M"] },
        { "key": "days", "label": "Days?", "kind": "CHOICES", "choices": ["Mon", "Tue"] },
    ]);
    let id = published(&platform, &grace, run(json!({ "questions": asked }))).await;
    let ada = platform.person("ada", &[]).await;
    let answer = |key: &str, value: Value| json!({ "key": key, "value": value });
    let years = answer("years", json!({ "number": 7 }));
    let with_answers = |answers: Vec<Value>| with(seat(&id), json!({ "answers": answers }));
    for (answers, field) in [
        (vec![], "answers.years"),
        (vec![answer("years", json!({ "text": "seven" }))], "answers.years"),
        (vec![years.clone(), answer("lunch", json!({ "text": "yes" }))], "answers.lunch"),
        (vec![years.clone(), answer("size", json!({ "text": "XL" }))], "answers.size"),
        (vec![years.clone(), answer("size", json!({ "choices": ["S"] }))], "answers.size"),
        (vec![years.clone(), answer("days", json!({ "choices": ["Sun"] }))], "answers.days"),
        (vec![years.clone(), answer("diet", json!({ "text": "x".repeat(1001) }))], "answers.diet"),
        (vec![years.clone(), answer("shoes", json!({ "number": 42 }))], "answers.shoes"),
    ] {
        let errors = refused(&platform, &ada, "registrationRequest", with_answers(answers.clone())).await;
        assert_eq!(errors, error("INVALID", field), "{answers:?}");
    }
    let twice = with_answers(vec![years.clone(), years.clone()]);
    assert_eq!(platform.code(Some(&ada), &query("registrationRequest", ""), json!({ "input": twice })).await, "BAD_USER_INPUT");
    let good = vec![
        years,
        answer("lunch", json!({ "yesNo": true })),
        answer("size", json!({ "text": "M" })),
        answer("days", json!({ "choices": ["Mon"] })),
    ];
    let selection = "registration { registrant { answers { key text number yesNo choices } } }";
    let answers = done(&platform, &ada, "registrationRequest", selection, with_answers(good)).await;
    let blank = json!({ "key": "days", "text": null, "number": null, "yesNo": null, "choices": ["Mon"] });
    assert_eq!(answers["registration"]["registrant"]["answers"][0], blank);
}

#[tokio::test]
async fn an_approval_is_given_taken_back_and_refused() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({ "needsApproval": true }))).await;
    let (ada, registration, pending) = comes(&platform, &id, "ada").await;
    assert_eq!(pending, "PENDING_APPROVAL");
    for (mutation, expected) in [
        ("registrationApprove", "CONFIRMED"),
        ("registrationWithdrawApproval", "PENDING_APPROVAL"),
        ("registrationReject", "REJECTED"),
        ("registrationReinstate", "PENDING_APPROVAL"),
        ("registrationCancel", "CANCELLED"),
    ] {
        let answer = done(&platform, &grace, mutation, REGISTRATION, of(&registration)).await;
        assert_eq!(answer["registration"]["state"], expected, "{mutation}");
        assert_eq!(state(&platform, &ada, &registration).await, expected, "{mutation}");
    }
    assert_eq!(refused(&platform, &grace, "registrationApprove", of(&registration)).await, error("WRONG_STAGE", "registrationId"));
    let (_, registration, _) = comes(&platform, &id, "bob").await;
    let told = with(of(&registration), json!({ "reason": "It is for beginners" }));
    let answer = done(&platform, &grace, "registrationReject", "registration { reason }", told).await;
    assert_eq!(answer["registration"]["reason"], "It is for beginners");
}

#[tokio::test]
async fn who_withdraws_gives_a_place_up_and_may_come_again() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({ "capacity": 1 }))).await;
    let (ada, registration, _) = comes(&platform, &id, "ada").await;
    let answer = done(&platform, &ada, "registrationWithdraw", "registration { state run { left } }", of(&registration)).await;
    assert_eq!(answer["registration"], json!({ "state": "WITHDRAWN", "run": { "left": 1 } }));
    let again = done(&platform, &ada, "registrationRequest", REGISTRATION, seat(&id)).await;
    assert_ne!(text(&again["registration"]["id"]), registration);
}

#[tokio::test]
async fn somebody_else_comes_instead() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({}))).await;
    let (ada, registration, _) = comes(&platform, &id, "ada").await;
    let bob = verified(&platform, "bob").await;
    let to = |email: &str, name: &str| json!({ "registrationId": registration, "email": email, "name": name });
    assert_eq!(refused(&platform, &ada, "registrationTransfer", to("bob", "Bob")).await, error("INVALID", "email"));
    assert_eq!(refused(&platform, &ada, "registrationTransfer", to("bob@example.org", "")).await, error("INVALID", "name"));
    let two = with(to("bob@example.org", "Bob"), json!({ "attendees": ["Bob", "Eve"] }));
    assert_eq!(refused(&platform, &ada, "registrationTransfer", two).await, error("SEATS_INVALID", "attendees"));
    let answer = done(&platform, &ada, "registrationTransfer", REGISTRATION, to("bob@example.org", "Bob")).await;
    assert_eq!(answer["registration"], Value::Null, "it is not theirs any more");
    assert_eq!(state(&platform, &bob, &registration).await, "CONFIRMED");
    assert_eq!(
        refused(&platform, &ada, "registrationWithdraw", of(&registration)).await,
        error("REGISTRATION_NOT_FOUND", "registrationId")
    );
    assert_eq!(refused(&platform, &ada, "registrationTransfer", to("eve@example.org", "Eve")).await, {
        error("REGISTRATION_NOT_FOUND", "registrationId")
    });
}
