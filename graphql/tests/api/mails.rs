//! Mails, and what the links in them do.

use std::sync::Mutex;

use commands::identity::{Outgoing, Postman, Undelivered};
use domain::identity::{
    Role,
    mail::{Failure, Occasion},
};
use journal::vault::ExposeSecret;
use serde_json::{Value, json};

use crate::platform::{PASSWORD, Platform};

const REGISTER: &str =
    "mutation($input: AccountRegisterInput!) { accountRegister(input: $input) { account { id emailVerified language } errors { code } } }";
const VERIFY: &str =
    "mutation($input: EmailVerifyInput!) { emailVerify(input: $input) { account { emailVerified } errors { code field } stale } }";
pub(crate) const ASK: &str =
    "mutation($input: PasswordResetRequestInput!) { passwordResetRequest(input: $input) { requested errors { code field } stale } }";
pub(crate) const RESET: &str =
    "mutation($input: PasswordResetInput!) { passwordReset(input: $input) { changed errors { code field } stale } }";
const OUTBOX: &str =
    "query($parked: Boolean!) { outbox(parked: $parked) { nodes { id accountId occasion attempts failure nextAt parkedAt } } }";
const REQUEUE: &str = "mutation($input: MailRequeueInput!) { mailRequeue(input: $input) { mail { id } errors { code field } } }";
const NEW: &str = "quite another horse";

/// Takes mails; those to `never@…` it refuses until it is told to take them.
#[derive(Default)]
pub(crate) struct Mailbag {
    taken: Mutex<Vec<(String, Occasion, Option<String>)>>,
    open: Mutex<bool>,
}

#[async_trait::async_trait]
impl Postman for Mailbag {
    async fn deliver(&self, mail: &Outgoing) -> Result<(), Undelivered> {
        let to = mail.to.as_str().to_owned();
        if to.starts_with("never@") && !*self.open.lock().expect("not poisoned") {
            return Err(Undelivered { failure: Failure::Reply(550), permanent: true });
        }
        let token = mail.token.as_ref().map(|token| token.expose_secret().to_owned());
        self.taken.lock().expect("not poisoned").push((to, mail.occasion, token));
        Ok(())
    }
}

impl Mailbag {
    /// The token in the mail to an address, once it has come.
    pub(crate) async fn token(&self, to: &str, occasion: Occasion) -> String {
        let came = async {
            loop {
                let found = self.taken.lock().expect("not poisoned").iter().find(|mail| mail.0 == to && mail.1 == occasion).cloned();
                if let Some((_, _, token)) = found {
                    return token.expect("a link");
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_mins(1), came).await.expect("the mail comes")
    }
}

async fn register(platform: &Platform, email: &str) -> Value {
    let input = json!({ "email": email, "displayName": "Ada", "password": PASSWORD });
    platform.data(None, REGISTER, json!({ "input": input })).await["accountRegister"]["account"].clone()
}

#[tokio::test]
async fn the_mail_of_a_new_account_verifies_its_address_once() {
    let platform = Platform::start().await;
    let account = register(&platform, "ada@example.org").await;
    assert_eq!((&account["emailVerified"], &account["language"]), (&json!(false), &json!("EN")));
    let token = platform.mailbag.token("ada@example.org", Occasion::VerifyEmail).await;
    let input = json!({ "input": { "token": token } });
    let verified = platform.data(None, VERIFY, input.clone()).await;
    assert_eq!(verified["emailVerify"], json!({ "account": { "emailVerified": true }, "errors": [], "stale": false }));
    let again = platform.data(None, VERIFY, input).await;
    let error = json!({ "code": "LINK_INVALID", "field": "token" });
    assert_eq!(again["emailVerify"], json!({ "account": null, "errors": [error], "stale": false }));
    let ada = platform.sign_in("ada@example.org").await;
    let ask = "mutation { emailVerificationRequest { requested errors { code } } }";
    let asked = platform.data(Some(&ada), ask, Value::Null).await;
    assert_eq!(asked["emailVerificationRequest"], json!({ "requested": false, "errors": [{ "code": "EMAIL_VERIFIED" }] }));
    assert_eq!(platform.code(None, ask, Value::Null).await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn the_language_is_that_of_the_request_and_others_see_neither_it_nor_whether_an_address_is_verified() {
    let platform = Platform::start().await;
    let input = json!({ "email": "zoe@example.org", "displayName": "Zoé", "password": PASSWORD });
    let body = json!({ "query": REGISTER, "variables": { "input": input } });
    let answer = platform.http().header("accept-language", "de, fr-CH;q=0.9, en;q=0.1").json(&body).send().await.expect("an answer");
    let answer: Value = answer.json().await.expect("JSON");
    let account = &answer["data"]["accountRegister"]["account"];
    assert_eq!(account["language"], "FR", "{answer}");
    let root = platform.person("root", &[Role::Administrator]).await;
    let node = "query($id: ID!) { node(id: $id) { ... on Account { emailVerified language } } }";
    let seen = platform.data(Some(&root), node, json!({ "id": account["id"] })).await;
    assert_eq!(seen["node"], json!({ "emailVerified": false, "language": "FR" }));
}

#[tokio::test]
async fn a_forgotten_password_is_asked_for_alike_by_somebody_and_by_nobody() {
    let platform = Platform::start().await;
    platform.person("ada", &[]).await;
    let ask = async |email: &str| platform.data(None, ASK, json!({ "input": { "email": email } })).await;
    let known = ask("ada@example.org").await;
    assert_eq!(known["passwordResetRequest"], json!({ "requested": true, "errors": [], "stale": false }));
    assert_eq!(ask("nobody@example.org").await, known);
    let token = platform.mailbag.token("ada@example.org", Occasion::ResetPassword).await;
    let reset = async |password: &str| platform.data(None, RESET, json!({ "input": { "token": token, "password": password } })).await;
    let bad = json!({ "changed": false, "errors": [{ "code": "PASSWORD_INVALID", "field": "password" }], "stale": false });
    assert_eq!(reset("short").await["passwordReset"], bad);
    assert_eq!(reset(NEW).await["passwordReset"], json!({ "changed": true, "errors": [], "stale": false }));
    assert_eq!(reset(NEW).await["passwordReset"]["errors"][0]["code"], "LINK_INVALID");
}

#[tokio::test]
async fn a_new_address_is_the_accounts_once_it_is_confirmed() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let change = "mutation($input: EmailChangeInput!) { emailChange(input: $input) { requested errors { code field } } }";
    let input = |password| json!({ "input": { "email": "new@example.org", "currentPassword": password } });
    let wrong = platform.data(Some(&ada), change, input("not my password")).await;
    let error = json!({ "code": "PASSWORD_WRONG", "field": "currentPassword" });
    assert_eq!(wrong["emailChange"], json!({ "requested": false, "errors": [error] }));
    assert_eq!(platform.data(Some(&ada), change, input(PASSWORD)).await["emailChange"], json!({ "requested": true, "errors": [] }));
    let stop = platform.mailbag.token("ada@example.org", Occasion::EmailChangeRequested).await;
    let token = platform.mailbag.token("new@example.org", Occasion::ConfirmNewEmail).await;
    let confirm = "mutation($input: EmailChangeConfirmInput!) {
        emailChangeConfirm(input: $input) { account { email emailVerified } awaiting errors { code } }
    }";
    let wrong = platform.data(None, confirm, json!({ "input": { "token": stop } })).await;
    let invalid = json!([{ "code": "LINK_INVALID" }]);
    assert_eq!(wrong["emailChangeConfirm"], json!({ "account": null, "awaiting": null, "errors": invalid }));
    let confirmed = platform.data(None, confirm, json!({ "input": { "token": token } })).await;
    let account = json!({ "email": "new@example.org", "emailVerified": true });
    assert_eq!(
        confirmed["emailChangeConfirm"],
        json!({ "account": account, "awaiting": null, "errors": [] }),
        "the old one was never verified"
    );
    let stopping = "mutation($input: EmailChangeStopInput!) { emailChangeStop(input: $input) { stopped errors { code } } }";
    let late = platform.data(None, stopping, json!({ "input": { "token": stop } })).await;
    assert_eq!(late["emailChangeStop"], json!({ "stopped": false, "errors": [{ "code": "LINK_INVALID" }] }));
    platform.sign_in("new@example.org").await;
}

#[tokio::test]
async fn an_address_that_was_verified_takes_the_account_back() {
    let platform = Platform::start().await;
    register(&platform, "ada@example.org").await;
    let ada = platform.sign_in("ada@example.org").await;
    let verify = "mutation($input: EmailVerifyInput!) { emailVerify(input: $input) { errors { code } } }";
    let token = platform.mailbag.token("ada@example.org", Occasion::VerifyEmail).await;
    platform.data(None, verify, json!({ "input": { "token": token } })).await;
    let change = "mutation($input: EmailChangeInput!) { emailChange(input: $input) { requested } }";
    platform.data(Some(&ada), change, json!({ "input": { "email": "new@example.org", "currentPassword": PASSWORD } })).await;
    let confirm = "mutation($input: EmailChangeConfirmInput!) {
        emailChangeConfirm(input: $input) { account { email } awaiting errors { code } }
    }";
    let confirm =
        async |token: &str| platform.data(None, confirm, json!({ "input": { "token": token } })).await["emailChangeConfirm"].clone();
    let new = platform.mailbag.token("new@example.org", Occasion::ConfirmNewEmail).await;
    let old = platform.mailbag.token("ada@example.org", Occasion::ConfirmEmailChange).await;
    let half = json!({ "account": null, "awaiting": "OLD", "errors": [] });
    assert_eq!(confirm(&new).await, half, "nor is who reads the new address told whose account it is");
    let invalid = json!({ "account": null, "awaiting": null, "errors": [{ "code": "LINK_INVALID" }] });
    assert_eq!(confirm(&new).await, invalid, "it confirms once, and not for the other");
    let whole = json!({ "account": { "email": "new@example.org" }, "awaiting": null, "errors": [] });
    assert_eq!(confirm(&old).await, whole);
    assert_eq!(confirm(&old).await, invalid);
    let token = platform.mailbag.token("ada@example.org", Occasion::EmailChanged).await;
    let revert = "mutation($input: EmailChangeRevertInput!) { emailChangeRevert(input: $input) { reverted errors { code field } } }";
    let input = json!({ "input": { "token": token } });
    let reverted = platform.data(None, revert, input.clone()).await;
    assert_eq!(reverted["emailChangeRevert"], json!({ "reverted": true, "errors": [] }));
    let again = platform.data(None, revert, input).await;
    let error = json!({ "code": "LINK_INVALID", "field": "token" });
    assert_eq!(again["emailChangeRevert"], json!({ "reverted": false, "errors": [error] }));
    let me = platform.http().bearer_auth(&ada.token).json(&json!({ "query": "{ me { id } }" }));
    assert_eq!(me.send().await.expect("an answer").status(), reqwest::StatusCode::UNAUTHORIZED);
    let token = platform.mailbag.token("ada@example.org", Occasion::ResetPassword).await;
    let reset = platform.data(None, RESET, json!({ "input": { "token": token, "password": NEW } })).await;
    assert_eq!(reset["passwordReset"]["errors"], json!([]));
}

#[tokio::test]
async fn operators_see_what_was_set_aside_and_have_it_tried_again() {
    let platform = Platform::start().await;
    let account = register(&platform, "never@example.org").await;
    let root = platform.person("root", &[Role::Administrator]).await;
    let ada = platform.person("ada", &[]).await;
    let parked = json!({ "parked": true });
    assert_eq!(platform.code(Some(&ada), OUTBOX, parked.clone()).await, "FORBIDDEN");
    assert_eq!(platform.code(None, OUTBOX, parked.clone()).await, "UNAUTHENTICATED");
    let is_there = |data: &Value| data["outbox"]["nodes"].as_array().is_some_and(|nodes| !nodes.is_empty());
    let data = platform.until(&root, OUTBOX, parked.clone(), is_there).await;
    let mail = &data["outbox"]["nodes"][0];
    assert_eq!((&mail["accountId"], &mail["occasion"], &mail["attempts"]), (&account["id"], &json!("VERIFY_EMAIL"), &json!(1)));
    assert_eq!(mail["failure"], "the mail server answered 550");
    assert!(mail["parkedAt"].is_string() && !data.to_string().contains("never@"), "{data}");
    let input = json!({ "input": { "mailId": mail["id"] } });
    assert_eq!(platform.code(Some(&ada), REQUEUE, input.clone()).await, "FORBIDDEN");
    *platform.mailbag.open.lock().expect("not poisoned") = true;
    let requeued = platform.data(Some(&root), REQUEUE, input.clone()).await;
    assert_eq!(requeued["mailRequeue"]["errors"], json!([]));
    platform.mailbag.token("never@example.org", Occasion::VerifyEmail).await;
    platform.until(&root, OUTBOX, json!({ "parked": false }), |data| !is_there(data)).await;
    let again = platform.data(Some(&root), REQUEUE, input).await;
    assert_eq!(again["mailRequeue"], json!({ "mail": null, "errors": [{ "code": "MAIL_NOT_PARKED", "field": "mailId" }] }));
}

#[tokio::test]
async fn a_name_and_a_language_are_changed_by_whose_they_are() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let revise =
        "mutation($input: ProfileReviseInput!) { profileRevise(input: $input) { account { displayName language } errors { code field } } }";
    let revised = platform.data(Some(&ada), revise, json!({ "input": { "displayName": "Countess", "language": "FR" } })).await;
    assert_eq!(revised["profileRevise"], json!({ "account": { "displayName": "Countess", "language": "FR" }, "errors": [] }));
    let kept = platform.data(Some(&ada), revise, json!({ "input": {} })).await;
    assert_eq!(kept, revised, "what is not given stays");
    let refused = platform.data(Some(&ada), revise, json!({ "input": { "displayName": "\u{202e}" } })).await;
    let error = json!({ "code": "DISPLAY_NAME_INVALID", "field": "displayName" });
    assert_eq!(refused["profileRevise"], json!({ "account": null, "errors": [error] }));
    assert_eq!(platform.code(None, revise, json!({ "input": {} })).await, "UNAUTHENTICATED");
}
