//! Fields that were added to events since they were first stored. The fixture of an event has its first form; a form with more is
//! here, and is stored as it is read.

use domain::fact::Fact;
use serde_json::json;

use super::store;

#[test]
fn a_sign_in_tells_its_epoch_and_its_device() {
    let account = "0192f0c1-2233-7abc-8def-000000000001";
    let sealed = |text: &str| json!({ "$personal": { "subject": account, "sealed": text } });
    let (agent, address) = (sealed("v1.YWdlbnQ"), sealed("v1.YWRkcmVzcw"));
    let payload = json!({ "Opened": { "account": account, "epoch": 2, "user_agent": agent, "address": address,
            "proof": { "until": "2026-03-04T05:06:07Z", "second_factor": true }, "method": { "provider": "corp" },
            "until": "2026-06-02T05:06:07Z" } });
    let fact = Fact::read("sign_in", "SignedIn", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("sign_in", "SignedIn", 1, payload));
}

#[test]
fn a_proof_tells_by_what_it_was_shown() {
    let account = "0192f0c1-2233-7abc-8def-000000000001";
    let proof = json!({ "until": "2026-03-04T05:06:07Z", "second_factor": true });
    let payload = json!({ "Proven": { "account": account, "proof": proof, "method": "passkey" } });
    let fact = Fact::read("sign_in", "SignInProven", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("sign_in", "SignInProven", 1, payload));
}

#[test]
fn a_passkey_that_was_taken_away_tells_by_whom() {
    let account = "0192f0c1-2233-7abc-8def-000000000001";
    let payload = json!({ "PasskeyRemoved": { "account": account, "id": "0192f0c1-2233-8abc-8def-0000000000b1",
            "by": "0192f0c1-2233-7abc-8def-000000000002", "reason": "lost their key" } });
    let fact = Fact::read("ways_in", "PasskeyRemoved", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("ways_in", "PasskeyRemoved", 1, payload));
}

#[test]
fn a_role_tells_until_when_it_is_held() {
    let until = "2026-01-02T03:04:05Z";
    let grants = json!([{ "role": "author", "until": until }, { "role": "rol_0192f0c122337abc8def000000000050" }]);
    let payload = json!({ "RoleGranted": { "role": "author", "until": until, "grants": grants } });
    let fact = Fact::read("account", "RoleGranted", 2, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("account", "RoleGranted", 2, payload));
}

#[test]
fn a_role_tells_within_which_community_it_is_held() {
    let community = "0192f0c1-2233-7abc-8def-0000000000c1";
    let grants = json!([{ "role": "learner" }]);
    let payload = json!({ "RoleGranted": { "role": "moderator", "within": community, "grants": grants } });
    let fact = Fact::read("account", "RoleGranted", 2, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("account", "RoleGranted", 2, payload));
    let payload = json!({ "RoleRevoked": { "role": "moderator", "within": community, "grants": grants } });
    let fact = Fact::read("account", "RoleRevoked", 2, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("account", "RoleRevoked", 2, payload));
}

#[test]
fn a_change_of_address_tells_that_both_addresses_must_confirm_it() {
    let email = json!({ "$personal": { "subject": "0192f0c1-2233-7abc-8def-000000000001", "sealed": "v1.ZW1haWwy" } });
    let request = "0192f0c1-2233-7abc-8def-00000000000a";
    let asked = json!({ "request": request, "email": email, "expires_at": "2026-01-03T00:00:00Z", "language": "en", "both": true });
    let payload = json!({ "ChangeRequested": asked });
    let fact = Fact::read("contact", "EmailChangeRequested", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("contact", "EmailChangeRequested", 1, payload));
}

#[test]
fn a_confirmed_change_of_address_tells_what_may_be_taken_back() {
    let before = json!({ "$personal": { "subject": "0192f0c1-2233-7abc-8def-000000000001", "sealed": "v1.YmVmb3Jl" } });
    let request = "0192f0c1-2233-7abc-8def-00000000000a";
    let payload = json!({ "ChangeConfirmed": { "request": request, "before": before, "revertible_until": "2026-01-09T00:00:00Z" } });
    let fact = Fact::read("contact", "EmailChangeConfirmed", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("contact", "EmailChangeConfirmed", 1, payload));
}

#[test]
fn a_second_factor_tells_when_it_was_turned_on_and_by_which_sign_in() {
    let account = "0192f0c1-2233-7abc-8def-000000000001";
    let payload = json!({ "Confirmed": { "account": account, "step": 58_000_000, "recovery": ["0a"], "at": "2026-01-02T03:04:05Z",
            "sign_in": "0192f0c1-2233-7abc-8def-0000000000d1" } });
    let fact = Fact::read("second_factor", "TotpConfirmed", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("second_factor", "TotpConfirmed", 1, payload));
}

#[test]
fn a_token_for_programs_tells_its_epoch_and_a_password_that_it_ends_those_before() {
    let account = "0192f0c1-2233-7abc-8def-000000000001";
    let sealed = json!({ "$personal": { "subject": account, "sealed": "v1.bmFtZQ" } });
    let payload = json!({ "Created": { "account": account, "name": sealed, "scopes": ["cluster:read"],
            "expires_at": "2026-12-04T05:06:07Z", "epoch": 2 } });
    let fact = Fact::read("access_token", "AccessTokenCreated", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("access_token", "AccessTokenCreated", 1, payload));
    let payload = json!({ "PasswordChanged": { "password": sealed, "epoch": 3, "programs": true } });
    let fact = Fact::read("account", "PasswordChanged", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("account", "PasswordChanged", 1, payload));
}

#[test]
fn a_service_account_tells_the_epoch_of_its_creator() {
    let payload = json!({ "Created": { "creator": "0192f0c1-2233-7abc-8def-000000000001", "name": "nightly reports",
            "scopes": ["event:read"], "expires_at": "2026-12-04T05:06:07Z", "epoch": 2 } });
    let fact = Fact::read("service_account", "ServiceAccountCreated", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("service_account", "ServiceAccountCreated", 1, payload));
}

#[test]
fn a_mail_tells_which_cluster_it_is_about() {
    let to = json!({ "$personal": { "subject": "0192f0c1-2233-7abc-8def-000000000001", "sealed": "v1.ZW1haWw" } });
    let payload = json!({ "Queued": { "to": to, "occasion": "cluster_unreachable", "language": "en", "at": "2026-01-02T00:00:00Z",
            "cluster": "0192f0c1-2233-7abc-8def-000000000060" } });
    let fact = Fact::read("mail", "MailQueued", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("mail", "MailQueued", 1, payload));
}

#[test]
fn a_plan_tells_how_many_runs_it_allows() {
    let payload = json!({ "Revised": { "plan": "team", "revision": { "sessions": 25, "storage": 2048, "runs": 40 } } });
    let fact = Fact::read("plan_book", "PlanRevised", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("plan_book", "PlanRevised", 1, payload));
}

#[test]
fn a_plan_tells_how_many_communities_it_allows() {
    let payload = json!({ "Revised": { "plan": "team", "revision": { "sessions": 25, "storage": 2048, "communities": 4 } } });
    let fact = Fact::read("plan_book", "PlanRevised", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("plan_book", "PlanRevised", 1, payload));
}

#[test]
fn an_invitation_that_is_taken_back_tells_what_the_registration_would_have_been() {
    let golden = include_str!("../golden/InvitationWithdrawn.v1.json");
    let mut payload = serde_json::from_str::<serde_json::Value>(golden).expect("JSON")["payload"].take();
    payload["InvitationWithdrawn"]["registration"] = json!("0192f0c1-2233-7abc-8def-000000000071");
    let fact = Fact::read("run", "InvitationWithdrawn", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("run", "InvitationWithdrawn", 1, payload));
}

#[test]
fn a_session_tells_for_which_run_it_is() {
    let digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let payload = json!({ "Started": { "learner": "0192f0c1-2233-7abc-8def-000000000001",
            "workshop": "0192f0c1-2233-7abc-8def-000000000003", "author": "0192f0c1-2233-7abc-8def-000000000002", "version": 1,
            "content": digest, "title": "Docker", "order": "free", "steps": [], "completion_points": 20, "environment": null,
            "run": "0192f0c1-2233-7abc-8def-000000000070", "started_at": "2026-01-01T12:00:00Z",
            "expires_at": "2026-01-01T14:00:00Z" } });
    let fact = Fact::read("session", "SessionStarted", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("session", "SessionStarted", 1, payload));
}

#[test]
fn a_registration_tells_by_which_addresses_others_come_along() {
    let digest = |digit: u8| format!("{digit:064}");
    let person = json!({ "account": null, "address": digest(2) });
    let registration = "0192f0c1-2233-7abc-8def-000000000071";
    let payload = json!({ "RegistrationTransferred": { "registration": registration, "person": person, "members": [digest(3)] } });
    let fact = Fact::read("run", "RegistrationTransferred", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("run", "RegistrationTransferred", 1, payload));
}

#[test]
fn a_run_that_is_revised_tells_where_it_was_to_take_place() {
    let golden = include_str!("../golden/RunRevised.v1.json");
    let mut payload = serde_json::from_str::<serde_json::Value>(golden).expect("JSON")["payload"].take();
    payload["Revised"]["from"] = json!({ "format": { "online": { "link": "https://meet.example.org/before" } }, "count": 12 });
    let fact = Fact::read("run", "RunRevised", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("run", "RunRevised", 1, payload));
}

#[test]
fn a_payment_tells_that_it_was_recorded_by_hand() {
    let golden = include_str!("../golden/PaymentReported.v1.json");
    let mut payload = serde_json::from_str::<serde_json::Value>(golden).expect("JSON")["payload"].take();
    payload["PaymentReported"]["by_hand"] = json!(true);
    let fact = Fact::read("run", "PaymentReported", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("run", "PaymentReported", 1, payload));
}

#[test]
fn a_refund_tells_that_it_was_recorded_by_hand() {
    let golden = include_str!("../golden/RefundRecorded.v1.json");
    let mut payload = serde_json::from_str::<serde_json::Value>(golden).expect("JSON")["payload"].take();
    payload["RefundRecorded"]["by_hand"] = json!(true);
    let fact = Fact::read("run", "RefundRecorded", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("run", "RefundRecorded", 1, payload));
}

#[test]
fn who_registered_tells_where_those_who_come_along_are_written_to() {
    for (name, variant) in [("RegistrantRegistered", "Registered"), ("RegistrantReplaced", "Replaced")] {
        let golden = match variant {
            "Registered" => include_str!("../golden/RegistrantRegistered.v1.json"),
            _ => include_str!("../golden/RegistrantReplaced.v1.json"),
        };
        let mut payload = serde_json::from_str::<serde_json::Value>(golden).expect("JSON")["payload"].take();
        let details = &mut payload[variant]["details"];
        let subject = details["email"]["$personal"]["subject"].clone();
        details["companions"] = json!({ "$personal": { "subject": subject, "sealed": "v1.Y29tcGFuaW9ucw" } });
        let fact = Fact::read("registrant", name, 1, &payload.to_string()).expect("readable");
        assert_eq!(store(&fact), ("registrant", name, 1, payload));
    }
}

#[test]
fn a_registration_that_ran_out_tells_what_it_was_at() {
    let expired = |from: serde_json::Value| {
        let registration = "0192f0c1-2233-7abc-8def-000000000071";
        json!({ "RegistrationExpired": { "registration": registration, "from": from, "left": 20, "waiting": 0 } })
    };
    let awaiting = json!({ "awaiting_payment": { "until": "2026-01-02T03:04:05Z" } });
    for from in [json!("waitlisted"), json!({ "pending_approval": { "holds_place": true } }), awaiting] {
        let payload = expired(from);
        let fact = Fact::read("run", "RegistrationExpired", 1, &payload.to_string()).expect("readable");
        assert_eq!(store(&fact), ("run", "RegistrationExpired", 1, payload));
    }
}

#[test]
fn a_mail_tells_what_was_missing_when_a_registration_ran_out() {
    let to = json!({ "$personal": { "subject": "0192f0c1-2233-7abc-8def-000000000001", "sealed": "v1.ZW1haWw" } });
    let booked = |missed: &str| json!({ "registration": "0192f0c1-2233-7abc-8def-000000000071", "missed": missed });
    for missed in ["place", "approval"] {
        let payload = json!({ "Queued": { "to": to, "occasion": "registration_expired", "language": "en", "at": "2026-01-02T00:00:00Z",
                "booked": booked(missed) } });
        let fact = Fact::read("mail", "MailQueued", 1, &payload.to_string()).expect("readable");
        assert_eq!(store(&fact), ("mail", "MailQueued", 1, payload));
    }
}
