//! Codes that reduce prices, or admit.

use serde_json::{Value, json};

use super::{done, error, eur, organiser, paid, published, query, refused, run, seat, with};
use crate::platform::Platform;

const QUOTE: &str = "registration { quote { price { amount } discount { amount } total { amount } tax { amount } } code }";

#[tokio::test]
async fn a_code_reduces_what_is_to_be_paid_until_it_is_used_up() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, paid(json!({}))).await;
    let code = json!({ "runId": id, "code": "half-price", "reduction": { "percent": 50 }, "uses": 1 });
    let answer = done(&platform, &grace, "discountCreate", "run { codes { code percent amount { amount } uses admits } }", code).await;
    let known = json!({ "code": "HALF-PRICE", "percent": 50.0, "amount": null, "uses": 1, "admits": false });
    assert_eq!(answer["run"]["codes"], json!([known]));

    let (ada, bob) = (platform.person("ada", &[]).await, platform.person("bob", &[]).await);
    let using = |code: &str| with(seat(&id), json!({ "code": code }));
    assert_eq!(refused(&platform, &ada, "registrationRequest", using("NO-SUCH")).await, error("CODE_INVALID", "code"));
    let answer = done(&platform, &ada, "registrationRequest", QUOTE, using("Half-Price")).await;
    let amount = |amount: i64| json!({ "amount": amount });
    let quote = json!({ "price": amount(10_000), "discount": amount(5_000), "total": amount(5_000), "tax": amount(798) });
    assert_eq!(answer["registration"], json!({ "quote": quote, "code": "HALF-PRICE" }));
    assert_eq!(refused(&platform, &bob, "registrationRequest", using("HALF-PRICE")).await, error("CODE_USED_UP", "code"));

    let other = json!({ "runId": id, "code": "HALF-PRICE", "reduction": { "amount": eur(1) } });
    assert_eq!(refused(&platform, &grace, "discountCreate", other).await, error("CODE_TAKEN", "code"));
    done(&platform, &grace, "discountRevoke", "run { id }", json!({ "runId": id, "code": "half-price" })).await;
    assert_eq!(refused(&platform, &bob, "registrationRequest", using("HALF-PRICE")).await, error("CODE_INVALID", "code"));
}

#[tokio::test]
async fn a_price_for_the_first_places_is_for_no_more_of_a_group_than_these() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let early = json!({ "key": "seat", "name": "Seat", "price": eur(10_000), "tiers": [{ "first": 1, "price": eur(1_000) }] });
    let id = published(&platform, &grace, run(json!({ "capacity": 5, "groupLimit": 3, "tickets": [early] }))).await;
    let ada = platform.person("ada", &[]).await;
    let three = with(seat(&id), json!({ "attendees": ["A", "B", "C"] }));
    let answer = done(&platform, &ada, "registrationRequest", QUOTE, three).await;
    let amount = |amount: i64| json!({ "amount": amount });
    let quote = json!({ "price": amount(1_000), "discount": amount(0), "total": amount(21_000), "tax": amount(160 + 1597 + 1597) });
    assert_eq!(answer["registration"]["quote"], quote);
}

#[tokio::test]
async fn what_is_wrong_with_a_code_is_said_by_field() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, paid(json!({}))).await;
    let code = |otherwise: Value| with(json!({ "runId": id, "code": "WELCOME", "reduction": { "percent": 50 } }), otherwise);
    for (otherwise, field) in [
        (json!({ "code": "a" }), "code"),
        (json!({ "code": "with spaces" }), "code"),
        (json!({ "reduction": null }), "reduction"),
        (json!({ "reduction": { "percent": 0 } }), "reduction.percent"),
        (json!({ "reduction": { "amount": eur(-1) } }), "reduction.amount"),
        (json!({ "reduction": { "amount": { "amount": 1, "currency": "CHF" } } }), "reduction.amount"),
        (json!({ "uses": 0 }), "uses"),
    ] {
        assert_eq!(refused(&platform, &grace, "discountCreate", code(otherwise.clone())).await, error("INVALID", field), "{otherwise}");
    }
    let gold = code(json!({ "tickets": ["gold"] }));
    assert_eq!(refused(&platform, &grace, "discountCreate", gold).await, error("TICKET_NOT_FOUND", "ticket"));
    for (otherwise, argument) in [
        (json!({ "reduction": { "percent": 101 } }), "reduction.percent"),
        (json!({ "reduction": { "percent": 33.333 } }), "reduction.percent"),
        (json!({ "uses": -1 }), "uses"),
    ] {
        let answer = platform.answer(Some(&grace), &query("discountCreate", ""), json!({ "input": code(otherwise) })).await;
        assert_eq!(answer["errors"][0]["extensions"]["argument"], argument, "{answer}");
    }
}

#[tokio::test]
async fn a_code_admits_to_what_is_not_for_everybody() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({ "visibility": "CODE" }))).await;
    done(&platform, &grace, "discountCreate", "run { id }", json!({ "runId": id, "code": "FRIENDS", "admits": true })).await;
    let ada = platform.person("ada", &[]).await;
    assert_eq!(refused(&platform, &ada, "registrationRequest", seat(&id)).await, error("CODE_NEEDED", "code"));
    let friend = with(seat(&id), json!({ "code": "friends" }));
    let answer = done(&platform, &ada, "registrationRequest", "registration { state }", friend).await;
    assert_eq!(answer["registration"]["state"], "CONFIRMED");
}

#[tokio::test]
async fn a_ticket_may_be_for_a_plan_for_codes_or_for_guests() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let ticket = |key: &str, more: Value| with(json!({ "key": key, "name": key, "price": eur(0) }), more);
    let tickets = json!([
        ticket("plan", json!({ "audience": "PLAN", "plan": "ENTERPRISE" })),
        ticket("code", json!({ "audience": "CODE" })),
        ticket("guest", json!({ "audience": "INVITED" })),
    ]);
    let id = published(&platform, &grace, run(json!({ "tickets": tickets }))).await;
    let ada = platform.person("ada", &[]).await;
    for (ticket, code, field) in
        [("plan", "TICKET_NOT_FOR_PLAN", "ticket"), ("code", "CODE_NEEDED", "code"), ("guest", "INVITATION_NEEDED", "email")]
    {
        let input = json!({ "runId": id, "ticket": ticket });
        assert_eq!(refused(&platform, &ada, "registrationRequest", input).await, error(code, field));
    }
}
