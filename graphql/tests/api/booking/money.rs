//! Money that comes in and goes back, as it is told.

use serde_json::{Value, json};

use super::{REGISTRATION, ask, comes, done, error, eur, in_three_days, of, organiser, paid, published, refused, state, text, with};
use crate::platform::Platform;

const PAYMENTS: &str = "registration { state due { amount } owed { amount } owedFor
    payments { id state amount { amount } refunded { amount } } }";

#[tokio::test]
async fn a_payment_is_opened_recorded_once_and_given_back() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, paid(json!({}))).await;
    let (ada, registration, awaits) = comes(&platform, &id, "ada").await;
    assert_eq!(awaits, "AWAITING_PAYMENT");
    let opened = done(&platform, &ada, "paymentOpen", "paymentId", of(&registration)).await;
    let payment = text(&opened["paymentId"]);
    assert_eq!(done(&platform, &ada, "paymentOpen", "paymentId", of(&registration)).await, opened, "the one that is open");

    let came = with(of(&registration), json!({ "paymentId": payment, "amount": eur(10_000) }));
    for _ in 0..2 {
        let answer = done(&platform, &grace, "paymentRecord", PAYMENTS, came.clone()).await;
        let amount = json!({ "amount": 10_000 });
        let once = json!({ "id": payment, "state": "SUCCEEDED", "amount": amount, "refunded": { "amount": 0 } });
        let (due, owed) = (json!({ "amount": 0 }), json!({ "amount": 0 }));
        let expected = json!({ "state": "CONFIRMED", "due": due, "owed": owed, "owedFor": null, "payments": [once] });
        assert_eq!(answer["registration"], expected);
    }
    let other = with(came.clone(), json!({ "amount": eur(9_999) }));
    assert_eq!(refused(&platform, &grace, "paymentRecord", other).await, error("PAYMENT_DIFFERS", "paymentId"));
    assert_eq!(refused(&platform, &ada, "paymentOpen", of(&registration)).await, error("NOTHING_DUE", "registrationId"));

    let back = with(of(&registration), json!({ "paymentId": payment, "amount": eur(4_000) }));
    let selection = "refundId registration { state due { amount } payments { state refunded { amount } } }";
    let answer = done(&platform, &grace, "paymentRefund", selection, back).await;
    let (state, due) = (&answer["registration"]["state"], &answer["registration"]["due"]["amount"]);
    assert_eq!((state, due), (&json!("CONFIRMED"), &json!(0)), "what went back is not asked for again");
    assert!(text(&answer["refundId"]).starts_with("rfd_"));
    assert_eq!(answer["registration"]["payments"][0], json!({ "state": "PARTLY_REFUNDED", "refunded": { "amount": 4_000 } }));
    let more = with(of(&registration), json!({ "paymentId": payment, "amount": eur(6_001) }));
    let answer = ask(&platform, &grace, "paymentRefund", "refundId", more).await;
    let refusal = json!({ "code": "REFUND_TOO_LARGE", "field": "amount", "message": "at most 60.00 EUR can be refunded", "taken": null });
    assert_eq!((&answer["refundId"], &answer["errors"]), (&Value::Null, &json!([refusal])));
}

#[tokio::test]
async fn a_payment_that_was_recorded_by_hand_is_taken_back() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, paid(json!({}))).await;
    let (ada, registration, _) = comes(&platform, &id, "ada").await;
    let came = with(of(&registration), json!({ "amount": eur(10_000) }));
    let recorded = done(&platform, &grace, "paymentRecord", "paymentId registration { payments { byHand } }", came).await;
    assert_eq!(recorded["registration"]["payments"], json!([{ "byHand": true }]));
    let back = with(of(&registration), json!({ "paymentId": text(&recorded["paymentId"]), "reason": "another's" }));
    let undo = super::query("paymentUndoRecord", "");
    assert_eq!(platform.code(Some(&ada), &undo, json!({ "input": back.clone() })).await, "FORBIDDEN");
    let selection = "paymentId registration { state due { amount } paid { amount } payments { state undoneFor } }";
    let answer = done(&platform, &grace, "paymentUndoRecord", selection, back.clone()).await;
    let payments = json!([{ "state": "UNDONE", "undoneFor": "another's" }]);
    let (due, paid) = (json!({ "amount": 10_000 }), json!({ "amount": 0 }));
    assert_eq!(answer["registration"], json!({ "state": "AWAITING_PAYMENT", "due": due, "paid": paid, "payments": payments }));
    assert_eq!(refused(&platform, &grace, "paymentUndoRecord", back.clone()).await, error("PAYMENT_UNDONE", "paymentId"));
    let unknown = with(back, json!({ "paymentId": format!("pay_{}", "0".repeat(32)) }));
    assert_eq!(refused(&platform, &grace, "paymentUndoRecord", unknown).await, error("PAYMENT_NOT_FOUND", "paymentId"));
}

#[tokio::test]
async fn a_refund_that_was_recorded_by_hand_is_taken_back() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, paid(json!({}))).await;
    let (ada, registration, _) = comes(&platform, &id, "ada").await;
    let came = with(of(&registration), json!({ "amount": eur(10_000) }));
    let payment = text(&done(&platform, &grace, "paymentRecord", "paymentId", came).await["paymentId"]);
    done(&platform, &grace, "registrationCancel", REGISTRATION, of(&registration)).await;
    let back = with(of(&registration), json!({ "paymentId": payment, "amount": eur(4_000) }));
    let refund = text(&done(&platform, &grace, "paymentRefund", "refundId", back).await["refundId"]);
    let undoes = with(of(&registration), json!({ "refundId": refund, "reason": "another's" }));
    let undo = super::query("paymentUndoRefund", "");
    assert_eq!(platform.code(Some(&ada), &undo, json!({ "input": undoes.clone() })).await, "FORBIDDEN");
    let selection =
        "refundId registration { owed { amount } payments { state refunded { amount } refunds { id byHand isUndone undoneFor } } }";
    let answer = done(&platform, &grace, "paymentUndoRefund", selection, undoes.clone()).await;
    assert_eq!((&answer["refundId"], &answer["registration"]["owed"]["amount"]), (&json!(refund), &json!(10_000)));
    let known = json!([{ "id": refund, "byHand": true, "isUndone": true, "undoneFor": "another's" }]);
    let payments = json!([{ "state": "SUCCEEDED", "refunded": { "amount": 0 }, "refunds": known }]);
    assert_eq!(answer["registration"]["payments"], payments);
    assert_eq!(refused(&platform, &grace, "paymentUndoRefund", undoes.clone()).await, error("REFUND_UNDONE", "refundId"));
    let unknown = with(undoes, json!({ "refundId": format!("rfd_{}", "0".repeat(32)) }));
    assert_eq!(refused(&platform, &grace, "paymentUndoRefund", unknown).await, error("REFUND_NOT_FOUND", "refundId"));
}

#[tokio::test]
async fn what_is_no_money_of_the_run_is_refused_by_field() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, paid(json!({}))).await;
    let (_, registration, _) = comes(&platform, &id, "ada").await;
    let of_amount = |amount: Value| with(of(&registration), json!({ "amount": amount }));
    for (amount, code) in [(eur(0), "INVALID"), (eur(-1), "INVALID"), (json!({ "amount": 1, "currency": "CHF" }), "CURRENCIES_MIXED")] {
        assert_eq!(refused(&platform, &grace, "paymentRecord", of_amount(amount)).await, error(code, "amount"));
    }
    let unknown = with(of_amount(eur(1)), json!({ "paymentId": format!("pay_{}", "0".repeat(32)) }));
    assert_eq!(refused(&platform, &grace, "paymentRefund", unknown).await, error("PAYMENT_NOT_FOUND", "paymentId"));
    let record = super::query("paymentRecord", "");
    for (amount, place) in [(json!(1.5), "input.amount.amount"), (json!("1"), "input.amount.amount")] {
        let input = of_amount(json!({ "amount": amount, "currency": "EUR" }));
        let answer = platform.answer(Some(&grace), &record, json!({ "input": input })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        assert!(answer["errors"][0]["message"].as_str().is_some_and(|message| message.contains(place)), "{answer}");
    }
    let nothing = of_amount(json!({ "amount": 1, "currency": "XXX" }));
    let answer = platform.answer(Some(&grace), &record, json!({ "input": nothing })).await;
    assert_eq!(answer["errors"][0]["extensions"]["argument"], "amount.currency");
}

#[tokio::test]
async fn who_withdraws_gets_back_what_the_run_says() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let half = json!({ "refunds": [{ "beforeMinutes": 1440, "percent": 50 }] });
    let id = published(&platform, &grace, paid(half)).await;
    let (ada, registration, _) = comes(&platform, &id, "ada").await;
    done(&platform, &grace, "paymentRecord", "paymentId", with(of(&registration), json!({ "amount": eur(10_000) }))).await;
    let answer = done(&platform, &ada, "registrationWithdraw", REGISTRATION, of(&registration)).await;
    let (owed, why) = (&answer["registration"]["owed"], &answer["registration"]["owedFor"]);
    assert_eq!((owed, why), (&eur(5_000), &json!("WITHDRAWN")));
}

#[tokio::test]
async fn money_that_comes_too_late_has_the_place_if_it_is_there_and_else_is_owed() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, paid(json!({ "capacity": 1 }))).await;
    let (ada, first, _) = comes(&platform, &id, "ada").await;
    let later = platform.later(in_three_days).await;
    let came = |registration: &str| with(of(registration), json!({ "amount": eur(10_000) }));
    let bob = platform.person("bob", &[]).await;
    // Ada's place is let go of, and is Bob's.
    let second = done(&later, &bob, "registrationRequest", REGISTRATION, super::seat(&id)).await;
    assert_eq!(state(&platform, &ada, &first).await, "EXPIRED");
    let answer = done(&later, &grace, "paymentRecord", PAYMENTS, came(&first)).await;
    let late = &answer["registration"];
    assert_eq!((&late["state"], &late["owed"]["amount"], &late["owedFor"]), (&json!("EXPIRED"), &json!(10_000), &json!("CAME_TOO_LATE")));
    // Bob gives it up, and what he pays all the same is owed.
    let second = text(&second["registration"]["id"]);
    done(&later, &bob, "registrationWithdraw", REGISTRATION, of(&second)).await;
    let answer = done(&later, &grace, "paymentRecord", PAYMENTS, came(&second)).await;
    assert_eq!(answer["registration"]["owed"]["amount"], 10_000);

    let id = published(&platform, &grace, paid(json!({ "capacity": 1 }))).await;
    let (_, third, _) = comes(&platform, &id, "eve").await;
    let answer = done(&later, &grace, "paymentRecord", PAYMENTS, came(&third)).await;
    assert_eq!(answer["registration"]["state"], "CONFIRMED", "nobody came meanwhile");
}

#[tokio::test]
async fn all_that_came_in_is_owed_when_a_run_is_called_off() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, paid(json!({}))).await;
    let (ada, registration, _) = comes(&platform, &id, "ada").await;
    done(&platform, &grace, "paymentRecord", "paymentId", with(of(&registration), json!({ "amount": eur(10_000) }))).await;
    done(&platform, &grace, "runCancel", "run { id }", json!({ "runId": id })).await;
    let query = "query($id: ID!) { node(id: $id) { ... on Registration { state owed { amount } owedFor } } }";
    let node = platform.data(Some(&ada), query, json!({ "id": registration })).await;
    assert_eq!(node["node"], json!({ "state": "CANCELLED", "owed": { "amount": 10_000 }, "owedFor": "RUN_CANCELLED" }));
}
