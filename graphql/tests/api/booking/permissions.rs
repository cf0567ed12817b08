//! Whose runs and whose registrations somebody may do something about.

use domain::identity::Role;
use serde_json::json;

use super::{comes, done, error, eur, of, organiser, paid, published, query, refused, run, soon, state, with};
use crate::platform::Platform;

#[tokio::test]
async fn a_run_is_its_organisers_and_those_who_manage_all() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(soon())).await;
    let (ada, registration, _) = comes(&platform, &id, "ada").await;
    let other = platform.person("other", &[Role::Organiser]).await;
    let its = json!({ "runId": id });
    let revised = with(run(json!({})), its.clone());
    for (mutation, input) in [("runRevise", revised), ("runPublish", its.clone()), ("runCancel", its.clone()), ("runComplete", its)] {
        assert_eq!(refused(&platform, &other, mutation, input.clone()).await, error("NOT_FOUND", "runId"), "{mutation}");
        assert_eq!(platform.code(Some(&ada), &query(mutation, ""), json!({ "input": input })).await, "FORBIDDEN", "{mutation}");
    }
    for mutation in ["registrationApprove", "registrationReject", "registrationCancel", "registrationCheckIn", "registrationReinstate"] {
        let hidden = error("REGISTRATION_NOT_FOUND", "registrationId");
        assert_eq!(refused(&platform, &other, mutation, of(&registration)).await, hidden, "{mutation}");
        let nobodys = of(&format!("reg_{}", "0".repeat(32)));
        assert_eq!(refused(&platform, &other, mutation, nobodys).await, hidden, "as what was never there: {mutation}");
    }
    let manager = platform.person("root", &[Role::Administrator]).await;
    done(&platform, &manager, "registrationCheckIn", "registration { state }", of(&registration)).await;
    assert_eq!(state(&platform, &ada, &registration).await, "ATTENDED");
}

#[tokio::test]
async fn a_registration_is_its_persons_and_who_runs_the_run_acts_in_their_stead() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, paid(json!({ "capacity": 1 }))).await;
    let (_, registration, _) = comes(&platform, &id, "ada").await;
    let bob = platform.person("bob", &[]).await;
    let to_bob = with(of(&registration), json!({ "email": "bob@example.org", "name": "Bob" }));
    for (mutation, input) in [
        ("registrationWithdraw", of(&registration)),
        ("registrationTransfer", to_bob),
        ("paymentOpen", of(&registration)),
        ("waitlistLeave", of(&registration)),
        ("offerAccept", of(&registration)),
        ("offerDecline", of(&registration)),
    ] {
        assert_eq!(refused(&platform, &bob, mutation, input).await, error("REGISTRATION_NOT_FOUND", "registrationId"), "{mutation}");
    }
    let came = with(of(&registration), json!({ "amount": eur(10_000) }));
    assert_eq!(platform.code(Some(&bob), &query("paymentRecord", ""), json!({ "input": came })).await, "FORBIDDEN");
    done(&platform, &grace, "paymentOpen", "paymentId", of(&registration)).await;
    let answer = done(&platform, &grace, "registrationWithdraw", "registration { state }", of(&registration)).await;
    assert_eq!(answer["registration"]["state"], "WITHDRAWN");
}
