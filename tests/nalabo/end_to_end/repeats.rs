//! Retries, reading what was just written, and going on where one was cut off.

use serde_json::{Value, json};

use crate::{
    authoring::{publish, reading},
    engines::{Engine, on_each_engine},
    lesson::Lesson,
    people::{PASSWORD, Person, text},
    site::{PATIENCE, Site},
};

on_each_engine! {
    a_retry_under_the_same_key_is_answered_alike_and_does_nothing,
    what_was_written_is_read_at_once,
    events_are_followed_again_from_where_one_was_cut_off,
    events_are_filtered_and_paged_both_ways,
}

async fn a_retry_under_the_same_key_is_answered_alike_and_does_nothing(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let administrator = Person::administrator(&server).await;
    let register = |email: &str| json!({ "email": email, "displayName": "Kit", "password": PASSWORD, "idempotencyKey": "r1" });
    let first = server.client().mutate("accountRegister", register("kit@example.org"), "account { id }").await.expect("registered");
    let head = administrator.head().await;
    let again = server.client().mutate("accountRegister", register("kit@example.org"), "account { id }").await.expect("answered alike");
    assert_eq!(again["account"], first["account"]);
    let other = server.client().mutate("accountRegister", register("kat@example.org"), "account { id }").await.expect_err("another input");
    assert_eq!(other.codes(), ["IDEMPOTENCY_KEY_REUSED"], "{other}");
    assert_eq!(administrator.head().await, head);

    let author = Person::with_role(&server, "author", "author").await;
    let workshop = publish(&author, "short", reading(1, 5)).await;
    let kit = Person::sign_in(&server, "kit@example.org", PASSWORD).await;
    let start = json!({ "workshopId": workshop, "idempotencyKey": "s1" });
    let started = kit.mutate("sessionStart", start.clone(), "session { id }").await;
    assert_eq!(kit.mutate("sessionStart", start, "session { id }").await, started);
    let session = text(&started["session"]["id"]);
    let complete = json!({ "sessionId": session, "step": "page-1", "idempotencyKey": "c1" });
    for _ in 0..3 {
        let completed = kit.mutate("stepComplete", complete.clone(), "session { points }").await;
        assert_eq!(completed["session"]["points"], 5);
    }
    // A rejection is kept as well: what was declined stays declined under its key.
    let answer = json!({ "sessionId": session, "step": "page-1", "choices": [0], "idempotencyKey": "a1" });
    let declined = kit.declined("stepAnswer", answer.clone(), "passed").await;
    assert_eq!(kit.declined("stepAnswer", answer, "passed").await, declined);
}

async fn what_was_written_is_read_at_once(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let author = Person::with_role(&server, "author", "author").await;
    let workshop = publish(&author, "short", reading(3, 5)).await;
    for round in 0..5 {
        let learner = Person::register(&server, &format!("learner-{round}")).await;
        let input = json!({ "workshopId": workshop });
        let started = learner.mutate("sessionStart", input, "session { id completedSteps } stale").await;
        assert_eq!(started["stale"], false);
        let session = text(&started["session"]["id"]);
        for completed in 1..=3 {
            let input = json!({ "sessionId": session, "step": format!("page-{completed}") });
            let payload = learner.mutate("stepComplete", input, "session { completedSteps } stale").await;
            assert_eq!((&payload["session"]["completedSteps"], &payload["stale"]), (&json!(completed), &json!(false)));
            let read = learner.query("query($id: ID!) { session(id: $id) { completedSteps } }", json!({ "id": session })).await;
            assert_eq!(read["session"]["completedSteps"], completed);
        }
        let mine = learner.query("{ sessions { nodes { id } } learnerDashboard { stepsCompleted } }", Value::Null).await;
        assert_eq!(mine, json!({ "sessions": { "nodes": [{ "id": session }] }, "learnerDashboard": { "stepsCompleted": 3 } }));
    }
}

async fn events_are_followed_again_from_where_one_was_cut_off(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let administrator = Person::administrator(&server).await;
    let query = "subscription($after: String) { events(after: $after) { position cursor } }";
    let mut events = administrator.client.subscribe(query, json!({ "after": null })).await.expect("a subscription");
    // What is new can be told only once it is listened: before that the subscription has no beginning.
    let first = loop {
        let probe = Person::register(&server, &format!("probe-{}", administrator.head().await)).await;
        let next = tokio::time::timeout(std::time::Duration::from_secs(2), events.next()).await;
        if let Ok(next) = next {
            assert!(!probe.account.is_empty());
            break next.expect("told").expect("an event")["events"].take();
        }
    };
    drop(events);
    for name in ["one", "two", "three"] {
        Person::register(&server, name).await;
    }
    let head = administrator.head().await;
    let mut events = administrator.client.subscribe(query, json!({ "after": first["cursor"] })).await.expect("a subscription");
    let mut expected = first["position"].as_i64().expect("a position");
    let follow = |data: &Value| {
        expected += 1;
        assert_eq!(data["events"]["position"], expected, "neither a gap nor the same twice");
        (expected == head).then_some(())
    };
    events.until("the last event", PATIENCE, follow).await.expect("told");
}

async fn events_are_filtered_and_paged_both_ways(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let analyst = Person::with_role(&server, "analyst", "analyst").await;
    let author = Person::with_role(&server, "author", "author").await;
    let workshop = publish(&author, "short", reading(3, 5)).await;
    let lesson = Lesson::start(&author, &workshop).await;
    for page in 1..=3 {
        lesson.complete(&format!("page-{page}")).await;
    }
    let query = "query($first: Int, $after: String, $last: Int, $before: String, $id: String!) {
        events(filter: { streamId: $id, types: [\"StepCompleted\"] }, first: $first, after: $after, last: $last, before: $before) {
            nodes { payload } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }";
    let steps = |page: &Value| {
        let nodes = page["events"]["nodes"].as_array().expect("nodes").clone();
        nodes.iter().map(|event| text(&event["payload"]["StepCompleted"]["step"])).collect::<Vec<_>>()
    };
    let forward = analyst.query(query, json!({ "id": lesson.session, "first": 2 })).await;
    assert_eq!(steps(&forward), ["page-1", "page-2"]);
    let end = &forward["events"]["pageInfo"]["endCursor"];
    let rest = analyst.query(query, json!({ "id": lesson.session, "first": 2, "after": end })).await;
    assert_eq!((steps(&rest), &rest["events"]["pageInfo"]["hasNextPage"]), (vec!["page-3".to_owned()], &json!(false)));
    let backward = analyst.query(query, json!({ "id": lesson.session, "last": 2 })).await;
    assert_eq!(steps(&backward), ["page-2", "page-3"]);
    assert_eq!(backward["events"]["pageInfo"]["hasPreviousPage"], true);
    let refused = author.client.graphql(query, json!({ "id": lesson.session })).await.expect_err("not for authors");
    assert_eq!(refused.codes(), ["FORBIDDEN"], "{refused}");
}
