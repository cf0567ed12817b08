//! A learner's way through a workshop.

use domain::{identity::Role, learning::session::CheckEnd};
use serde_json::{Value, json};

use crate::platform::{Person, Platform, content, pages};

pub(crate) const COMPLETE: &str = "mutation($input: StepCompleteInput!) { stepComplete(input: $input) {
    session { points currentStep { key } steps { key completed } } errors { code field message } stale } }";
pub(crate) const ANSWER: &str = "mutation($input: StepAnswerInput!) { stepAnswer(input: $input) {
    passed session { currentStep { key } steps { attempts { number passed choices } } } errors { code field } } }";
pub(crate) const CHECK: &str = "mutation($input: StepCheckInput!) { stepCheck(input: $input) {
    passed session { currentStep { key } steps { key attemptCount failureCount attempts(last: 5) {
        number passed checks { check passed end exitCode output milliseconds } } } } errors { code field message } } }";
pub(crate) const FINISH: &str = "mutation($input: SessionFinishInput!) { sessionFinish(input: $input) {
    session { status points completedSteps totalSteps endedAt } errors { code message } } }";
const ABANDON: &str = "mutation($input: SessionAbandonInput!) { sessionAbandon(input: $input) { session { status } errors { code } } }";
const SESSION: &str = "query($id: ID!) { session(id: $id) { id status title version preview learner { id } workshop { slug }
    steps { key rule page { blocks { __typename ... on TextBlock { markdown } ... on ActionBlock { body action {
        __typename ... on ExecuteAction { command terminal } } } }
        question { text choices correct } checks { name title script solution arguments } } } } }";

pub(crate) fn step(session: &str, step: &str) -> Value {
    json!({ "input": { "sessionId": session, "step": step } })
}

async fn begun(platform: &Platform) -> (Person, Person, String) {
    let author = platform.person("author", &[Role::Author]).await;
    let learner = platform.person("learner", &[]).await;
    let workshop = platform.workshop(&author, "pipes", content()).await;
    let session = platform.session(&learner, &workshop).await;
    (author, learner, session)
}

#[tokio::test]
async fn a_learner_reads_answers_has_it_checked_and_finishes() {
    let platform = Platform::start().await;
    let (_, learner, session) = begun(&platform).await;
    let by = Some(&learner);
    let data = platform.data(by, COMPLETE, step(&session, "read")).await;
    assert_eq!(data["stepComplete"]["session"]["currentStep"]["key"], "answer");

    let answer = |choices: Value| json!({ "input": { "sessionId": session, "step": "answer", "choices": choices } });
    let data = platform.data(by, ANSWER, answer(json!([0]))).await;
    assert_eq!((&data["stepAnswer"]["passed"], &data["stepAnswer"]["session"]["currentStep"]["key"]), (&json!(false), &json!("answer")));
    let data = platform.data(by, ANSWER, answer(json!([1]))).await;
    assert_eq!(data["stepAnswer"]["passed"], true);
    let attempts = &data["stepAnswer"]["session"]["steps"][1]["attempts"];
    assert_eq!(attempts[0], json!({ "number": 1, "passed": false, "choices": [0] }));
    assert_eq!(attempts[1], json!({ "number": 2, "passed": true, "choices": [1] }));

    let data = platform.data(by, CHECK, step(&session, "check")).await;
    assert_eq!(data["stepCheck"]["errors"][0]["code"], "ENVIRONMENT_NOT_READY");
    platform.bench.ends_with(CheckEnd::Exited(1));
    let data = platform.data(by, CHECK, step(&session, "check")).await;
    assert_eq!(data["stepCheck"]["passed"], false);
    let run = &data["stepCheck"]["session"]["steps"][2]["attempts"][0]["checks"][0];
    let expected = json!({ "check": "file", "passed": false, "end": "EXITED", "exitCode": 1, "output": "ran file", "milliseconds": 7 });
    assert_eq!(run, &expected);
    let data = platform.data(by, FINISH, json!({ "input": { "sessionId": session } })).await;
    assert_eq!(data["sessionFinish"]["errors"][0]["code"], "STEPS_REMAINING");
    platform.bench.ends_with(CheckEnd::Exited(0));
    let data = platform.data(by, CHECK, step(&session, "check")).await;
    assert_eq!((&data["stepCheck"]["passed"], &data["stepCheck"]["session"]["currentStep"]), (&json!(true), &Value::Null));

    let data = platform.data(by, FINISH, json!({ "input": { "sessionId": session } })).await;
    let ended = &data["sessionFinish"]["session"];
    assert_eq!((&ended["status"], &ended["points"], &ended["completedSteps"]), (&json!("FINISHED"), &json!(11), &json!(3)));
    assert!(ended["endedAt"].is_string());
}

#[tokio::test]
async fn a_refused_step_says_why() {
    let platform = Platform::start().await;
    let (_, learner, session) = begun(&platform).await;
    for (key, code) in [("nowhere", "STEP_NOT_FOUND"), ("answer", "WRONG_RULE")] {
        let data = platform.data(Some(&learner), COMPLETE, step(&session, key)).await;
        let error = &data["stepComplete"]["errors"][0];
        assert_eq!((&error["code"], &error["field"]), (&json!(code), &json!("step")));
    }
    let out_of_order = json!({ "input": { "sessionId": session, "step": "answer", "choices": [1] } });
    let data = platform.data(Some(&learner), ANSWER, out_of_order).await;
    assert_eq!(data["stepAnswer"]["errors"][0]["code"], "OUT_OF_ORDER");
    platform.data(Some(&learner), COMPLETE, step(&session, "read")).await;
    let invalid = json!({ "input": { "sessionId": session, "step": "answer", "choices": [7] } });
    let data = platform.data(Some(&learner), ANSWER, invalid).await;
    assert_eq!(data["stepAnswer"]["errors"][0], json!({ "code": "CHOICES_INVALID", "field": "choices" }));
}

#[tokio::test]
async fn a_retry_under_the_same_key_is_no_second_attempt() {
    let platform = Platform::start().await;
    let (_, learner, session) = begun(&platform).await;
    platform.data(Some(&learner), COMPLETE, step(&session, "read")).await;
    let mut wrong = json!({ "input": { "sessionId": session, "step": "answer", "choices": [0], "idempotencyKey": "k" } });
    let first = platform.data(Some(&learner), ANSWER, wrong.clone()).await;
    assert_eq!(platform.data(Some(&learner), ANSWER, wrong.clone()).await, first);
    wrong["input"]["choices"] = json!([1]);
    assert_eq!(platform.code(Some(&learner), ANSWER, wrong).await, "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn a_page_shows_actions_in_order_and_gives_nothing_away() {
    let platform = Platform::start().await;
    let (author, learner, session) = begun(&platform).await;
    let data = platform.data(Some(&learner), SESSION, json!({ "id": session })).await;
    let steps = &data["session"]["steps"];
    let execute = json!({ "__typename": "ExecuteAction", "command": "ls | wc -l", "terminal": "1" });
    let blocks = json!([
        { "__typename": "TextBlock", "markdown": "Look:" },
        { "__typename": "ActionBlock", "body": "ls | wc -l", "action": execute },
        { "__typename": "TextBlock", "markdown": "Good." },
    ]);
    assert_eq!(steps[0]["page"]["blocks"], blocks);
    let question = json!({ "text": "Which is a pipe?", "choices": [">", "|", "<"], "correct": null });
    assert_eq!(steps[1]["page"]["question"], question);
    let check = json!({ "name": "file", "title": "There is a file", "script": null, "solution": null, "arguments": null });
    assert_eq!(steps[2]["page"]["checks"], json!([check]));
    assert!(!data.to_string().contains("secret-"), "{data}");

    let draft = "{ workshop(slug: \"pipes\") { draft { steps { page { question { correct } checks { script solution } } } } } }";
    assert_eq!(platform.data(Some(&learner), draft, json!({})).await["workshop"]["draft"], Value::Null);
    let data = platform.data(Some(&author), draft, json!({})).await;
    let steps = &data["workshop"]["draft"]["steps"];
    assert_eq!(steps[1]["page"]["question"]["correct"], json!([1]));
    assert_eq!(steps[2]["page"]["checks"][0]["script"], "test -f secret-script");
}

#[tokio::test]
async fn a_foreign_session_is_not_there() {
    let platform = Platform::start().await;
    let (author, learner, session) = begun(&platform).await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    let (id, input) = (json!({ "id": session }), json!({ "input": { "sessionId": session } }));
    for by in [None, Some(&author)] {
        assert_eq!(platform.data(by, SESSION, id.clone()).await["session"], Value::Null);
        assert_eq!(platform.data(by, "query($id: ID!) { node(id: $id) { id } }", id.clone()).await["node"], Value::Null);
    }
    for (query, field, input) in [
        (COMPLETE, "stepComplete", step(&session, "read")),
        (CHECK, "stepCheck", step(&session, "check")),
        (FINISH, "sessionFinish", input.clone()),
        (ABANDON, "sessionAbandon", input),
    ] {
        let data = platform.data(Some(&author), query, input.clone()).await;
        assert_eq!(data[field]["errors"][0]["code"], "NOT_FOUND");
        assert_eq!(platform.code(None, query, input).await, "UNAUTHENTICATED");
    }
    for by in [&learner, &admin] {
        assert_eq!(platform.data(Some(by), SESSION, id.clone()).await["session"]["learner"]["id"], learner.id);
    }
}

#[tokio::test]
async fn sessions_are_listed_for_their_learner() {
    let platform = Platform::start().await;
    let (author, learner, session) = begun(&platform).await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    let list = "query($filter: SessionFilter) { sessions(filter: $filter) { nodes { id } totalCount } }";
    let data = platform.data(Some(&learner), list, json!({})).await;
    assert_eq!(data["sessions"], json!({ "nodes": [{ "id": session }], "totalCount": 1 }));
    assert_eq!(platform.data(Some(&author), list, json!({})).await["sessions"]["totalCount"], 0);
    assert_eq!(platform.code(None, list, json!({})).await, "UNAUTHENTICATED");
    for filter in [json!({ "everybody": true }), json!({ "learnerId": learner.id })] {
        let filter = json!({ "filter": filter });
        assert_eq!(platform.code(Some(&author), list, filter.clone()).await, "FORBIDDEN");
        assert_eq!(platform.data(Some(&admin), list, filter).await["sessions"]["totalCount"], 1);
    }
    let finished = json!({ "filter": { "status": "FINISHED" } });
    assert_eq!(platform.data(Some(&learner), list, finished).await["sessions"]["totalCount"], 0);
}

#[tokio::test]
async fn a_session_starts_once_and_only_of_what_is_published() {
    let platform = Platform::start().await;
    let (author, learner, _) = begun(&platform).await;
    let start =
        "mutation($input: SessionStartInput!) { sessionStart(input: $input) { session { preview version } errors { code field } } }";
    let draft = "mutation($input: WorkshopDraftInput!) { workshopDraft(input: $input) { workshop { id } } }";
    let data = platform.data(Some(&author), draft, json!({ "input": { "slug": "draft", "content": pages(1) } })).await;
    let id = data["workshopDraft"]["workshop"]["id"].clone();
    let preview = json!({ "input": { "workshopId": id, "preview": true } });
    let plain = json!({ "input": { "workshopId": id } });
    for (by, input) in [(&learner, &plain), (&learner, &preview), (&author, &plain)] {
        let data = platform.data(Some(by), start, input.clone()).await;
        assert_eq!(data["sessionStart"]["errors"][0], json!({ "code": "WORKSHOP_NOT_FOUND", "field": "workshopId" }));
    }
    let data = platform.data(Some(&author), start, preview).await;
    assert_eq!(data["sessionStart"]["session"], json!({ "preview": true, "version": null }));

    let pipes = platform.data(None, "{ workshop(slug: \"pipes\") { id } }", json!({})).await;
    let again = json!({ "input": { "workshopId": pipes["workshop"]["id"] } });
    let data = platform.data(Some(&learner), start, again.clone()).await;
    assert_eq!(data["sessionStart"]["errors"][0]["code"], "ALREADY_ACTIVE");
    assert_eq!(platform.code(None, start, again).await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn an_abandoned_session_has_ended() {
    let platform = Platform::start().await;
    let (_, learner, session) = begun(&platform).await;
    let data = platform.data(Some(&learner), ABANDON, json!({ "input": { "sessionId": session } })).await;
    assert_eq!(data["sessionAbandon"]["session"]["status"], "ABANDONED");
    let data = platform.data(Some(&learner), COMPLETE, step(&session, "read")).await;
    assert_eq!(data["stepComplete"]["errors"][0]["code"], "ENDED");
}
