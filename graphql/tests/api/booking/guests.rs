//! Who is invited.

use domain::identity::mail::Occasion;
use serde_json::{Value, json};

use super::{REGISTRATION, comes, done, error, eur, organiser, published, query, refused, run, scheduled, seat, text, with};
use crate::{
    platform::{Person, Platform},
    socket::Socket,
};

fn invited(run: &str, otherwise: Value) -> Value {
    with(json!({ "runId": run, "email": "ada@example.org", "name": "Ada" }), otherwise)
}

#[tokio::test]
async fn who_is_invited_has_tickets_that_are_for_guests() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let guests = json!([{ "key": "guest", "name": "Guest", "price": eur(0), "audience": "INVITED" }]);
    let id = published(&platform, &grace, run(json!({ "tickets": guests }))).await;
    let ada = platform.person("ada", &[]).await;
    let wanted = json!({ "runId": id, "ticket": "guest" });
    assert_eq!(refused(&platform, &ada, "registrationRequest", wanted.clone()).await, error("INVITATION_NEEDED", "email"));
    let answer = done(&platform, &grace, "guestInvite", "registrationId", invited(&id, json!({ "ticket": "guest" }))).await;
    assert!(text(&answer["registrationId"]).starts_with("reg_"));
    let unverified = refused(&platform, &ada, "registrationRequest", wanted.clone()).await;
    assert_eq!(unverified, error("INVITATION_NEEDED", "email"), "anybody could name her address");
    verify(&platform, &ada).await;
    let answer = done(&platform, &ada, "registrationRequest", REGISTRATION, wanted).await;
    assert_eq!(answer["registration"]["state"], "CONFIRMED");
}

#[tokio::test]
async fn who_is_invited_with_a_priority_is_before_others() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({ "capacity": 1 }))).await;
    for name in ["bob", "eve"] {
        comes(&platform, &id, name).await;
    }
    done(&platform, &grace, "guestInvite", "registrationId", invited(&id, json!({ "priority": 5 }))).await;
    let ada = verified(&platform, "ada").await;
    let answer = done(&platform, &ada, "waitlistJoin", "registration { position priority }", seat(&id)).await;
    assert_eq!(answer["registration"], json!({ "position": 1, "priority": 5 }));
}

#[tokio::test]
async fn an_invitation_is_taken_back() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let guests = json!([{ "key": "guest", "name": "Guest", "price": eur(0), "audience": "INVITED" }]);
    let id = published(&platform, &grace, run(json!({ "tickets": guests }))).await;
    done(&platform, &grace, "guestInvite", "registrationId", invited(&id, json!({}))).await;
    let address = |email: &str| json!({ "runId": id, "email": email });
    for (email, code) in [("ada", "INVALID"), ("bob@example.org", "INVITATION_NOT_FOUND")] {
        assert_eq!(refused(&platform, &grace, "guestWithdrawInvitation", address(email)).await, error(code, "email"));
    }
    let answer = done(&platform, &grace, "guestWithdrawInvitation", "withdrawn", address("Ada@example.org")).await;
    assert_eq!(answer["withdrawn"], true);
    let ada = platform.person("ada", &[]).await;
    let wanted = json!({ "runId": id, "ticket": "guest" });
    assert_eq!(refused(&platform, &ada, "registrationRequest", wanted).await, error("INVITATION_NEEDED", "email"));
}

/// Somebody with an account, whose address is known to be theirs.
pub(super) async fn verified(platform: &Platform, name: &str) -> Person {
    let person = platform.person(name, &[]).await;
    verify(platform, &person).await;
    person
}

async fn verify(platform: &Platform, person: &Person) {
    let asked = platform.data(Some(person), "mutation { emailVerificationRequest { requested } }", Value::Null).await;
    assert_eq!(asked["emailVerificationRequest"]["requested"], true);
    let token = platform.mailbag.token(&person.email, Occasion::VerifyEmail).await;
    let verify = "mutation($input: EmailVerifyInput!) { emailVerify(input: $input) { errors { code } } }";
    let answer = platform.data(None, verify, json!({ "input": { "token": token } })).await;
    assert_eq!(answer["emailVerify"]["errors"], json!([]));
}

#[tokio::test]
async fn who_is_invited_sees_a_run_by_code_once_it_is_published_and_their_address_is_verified() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = scheduled(&platform, &grace, run(json!({ "visibility": "CODE" }))).await;
    let (ada, bob) = (platform.person("ada", &[]).await, verified(&platform, "bob").await);
    done(&platform, &grace, "guestInvite", "registrationId", invited(&id, json!({}))).await;
    done(&platform, &grace, "guestInvite", "registrationId", invited(&id, json!({ "email": "bob@example.org" }))).await;
    let sees = async |by: Option<&Person>| {
        let data = platform.data(by, "query($id: ID!) { run(id: $id) { title } }", json!({ "id": id })).await;
        data["run"]["title"] == "Containers"
    };
    assert!(!sees(Some(&bob)).await, "a draft is for who looks after it");
    done(&platform, &grace, "runPublish", "run { id }", json!({ "runId": id })).await;
    assert!(sees(Some(&bob)).await);
    assert!(!sees(Some(&ada)).await, "anybody could name her address");
    verify(&platform, &ada).await;
    assert!(sees(Some(&ada)).await);
    let eve = verified(&platform, "eve").await;
    assert!(!sees(Some(&eve)).await && !sees(None).await);

    let full = "subscription($id: ID!) { runAvailabilityChanged(runId: $id) { left } }";
    let mut socket = Socket::of(&platform, &ada).await;
    socket.subscribe("r", full, json!({ "id": id })).await;
    assert_eq!(socket.item("r").await["runAvailabilityChanged"]["left"], 2);
    done(&platform, &grace, "guestWithdrawInvitation", "withdrawn", json!({ "runId": id, "email": "ada@example.org" })).await;
    assert!(!sees(Some(&ada)).await);
    let answer = done(&platform, &bob, "registrationRequest", REGISTRATION, seat(&id)).await;
    assert_eq!(answer["registration"]["state"], "CONFIRMED");
}

#[tokio::test]
async fn what_is_wrong_with_an_invitation_is_said_by_field() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({}))).await;
    for (otherwise, code, field) in [
        (json!({ "email": "ada" }), "INVALID", "email"),
        (json!({ "name": "" }), "INVALID", "name"),
        (json!({ "until": "2001-01-01T00:00:00Z" }), "INVALID", "until"),
        (json!({ "ticket": "gold" }), "TICKET_NOT_FOUND", "ticket"),
    ] {
        assert_eq!(refused(&platform, &grace, "guestInvite", invited(&id, otherwise)).await, error(code, field));
    }
    let input = json!({ "input": invited(&id, json!({ "priority": 256 })) });
    let answer = platform.answer(Some(&grace), &query("guestInvite", ""), input).await;
    assert_eq!(answer["errors"][0]["extensions"]["argument"], "priority", "{answer}");
}
