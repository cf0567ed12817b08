//! Waiting in line, and what becomes of places that are offered.

use serde_json::json;

use super::{REGISTRATION, comes, done, error, in_three_days, of, organiser, published, refused, run, seat, state, with};
use crate::platform::Platform;

#[tokio::test]
async fn places_are_offered_in_the_order_of_the_line() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({ "capacity": 1 }))).await;
    let (ada, first, _) = comes(&platform, &id, "ada").await;
    let (bob, second, waits) = comes(&platform, &id, "bob").await;
    let (eve, third, _) = comes(&platform, &id, "eve").await;
    assert_eq!(waits, "WAITLISTED");
    let up = with(of(&third), json!({ "priority": 9 }));
    let answer = done(&platform, &grace, "registrationPrioritise", REGISTRATION, up).await;
    assert_eq!(answer["registration"]["position"], 1, "who has a higher priority is before others");

    assert_eq!(refused(&platform, &bob, "offerAccept", of(&second)).await, error("WRONG_STAGE", "registrationId"));
    done(&platform, &ada, "registrationWithdraw", REGISTRATION, of(&first)).await;
    assert_eq!((state(&platform, &eve, &third).await, state(&platform, &bob, &second).await), ("OFFERED".into(), "WAITLISTED".into()));
    assert_eq!(refused(&platform, &eve, "waitlistLeave", of(&third)).await, error("WRONG_STAGE", "registrationId"));
    let (mia, fourth, _) = comes(&platform, &id, "mia").await;
    let answer = done(&platform, &mia, "waitlistLeave", REGISTRATION, of(&fourth)).await;
    assert_eq!((&answer["registration"]["state"], &answer["registration"]["position"]), (&json!("WITHDRAWN"), &json!(null)));
    let answer = done(&platform, &eve, "offerDecline", REGISTRATION, of(&third)).await;
    assert_eq!(answer["registration"]["state"], "WITHDRAWN", "who declines is not put back");
    let answer = done(&platform, &bob, "offerAccept", REGISTRATION, of(&second)).await;
    assert_eq!(answer["registration"]["state"], "CONFIRMED");
}

#[tokio::test]
async fn an_offer_lapses_and_the_next_in_line_has_it() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({ "capacity": 1 }))).await;
    let (ada, first, _) = comes(&platform, &id, "ada").await;
    let (bob, second, _) = comes(&platform, &id, "bob").await;
    let (eve, third, _) = comes(&platform, &id, "eve").await;
    done(&platform, &ada, "registrationWithdraw", REGISTRATION, of(&first)).await;
    let later = platform.later(in_three_days).await;
    assert_eq!(refused(&later, &bob, "offerAccept", of(&second)).await, error("WRONG_STAGE", "registrationId"));
    // What asks nothing else of it has what is due done.
    done(&later, &grace, "runPublish", "run { id }", json!({ "runId": id })).await;
    assert_eq!((state(&platform, &bob, &second).await, state(&platform, &eve, &third).await), ("EXPIRED".into(), "OFFERED".into()));
}

#[tokio::test]
async fn who_wants_no_place_in_line_gets_none_and_neither_does_anybody_where_there_is_no_line() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({ "capacity": 1, "waitlist": false }))).await;
    comes(&platform, &id, "ada").await;
    let bob = platform.person("bob", &[]).await;
    assert_eq!(refused(&platform, &bob, "waitlistJoin", seat(&id)).await, error("FULL", "runId"));
}

#[tokio::test]
async fn a_priority_is_0_to_255() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({}))).await;
    let (_, registration, _) = comes(&platform, &id, "ada").await;
    for priority in [-1, 256] {
        let input = with(of(&registration), json!({ "priority": priority }));
        let answer = platform.answer(Some(&grace), &super::query("registrationPrioritise", ""), json!({ "input": input })).await;
        assert_eq!(answer["errors"][0]["extensions"]["argument"], "priority", "{answer}");
    }
}
