//! What learners and authors see of it all.

use domain::{identity::Role, learning::session::CheckEnd};
use serde_json::{Value, json};

use crate::{
    learning::{ANSWER, CHECK, COMPLETE, FINISH, step},
    platform::{Person, Platform, content, pages},
};

/// Works through the workshop with a wrong answer and a failed check.
async fn work(platform: &Platform, learner: &Person, session: &str) {
    platform.data(Some(learner), COMPLETE, step(session, "read")).await;
    for choice in [0, 1] {
        let input = json!({ "input": { "sessionId": session, "step": "answer", "choices": [choice] } });
        platform.data(Some(learner), ANSWER, input).await;
    }
    for exit in [1, 0] {
        platform.bench.ends_with(CheckEnd::Exited(exit));
        platform.data(Some(learner), CHECK, step(session, "check")).await;
    }
    platform.data(Some(learner), FINISH, json!({ "input": { "sessionId": session } })).await;
}

#[tokio::test]
async fn a_learner_sees_what_they_did() {
    let platform = Platform::start().await;
    let (author, learner) = (platform.person("author", &[Role::Author]).await, platform.person("learner", &[]).await);
    let dashboard = "{ learnerDashboard { activeSessions { nodes { title } totalCount } finishedSessions { nodes { title } }
        activeCount finishedCount stepsCompleted spentSeconds points rank completionRate } }";
    let data = platform.data(Some(&learner), dashboard, json!({})).await;
    let blank = &data["learnerDashboard"];
    assert_eq!((&blank["points"], &blank["rank"], &blank["completionRate"]), (&json!(0), &Value::Null, &Value::Null));

    let (pipes, read) = (platform.workshop(&author, "pipes", content()).await, platform.workshop(&author, "pages", pages(2)).await);
    let session = platform.session(&learner, &pipes).await;
    work(&platform, &learner, &session).await;
    platform.session(&learner, &read).await;
    let data = platform.until(&learner, dashboard, json!({}), |data| data["learnerDashboard"]["points"] == 11).await;
    let seen = &data["learnerDashboard"];
    assert_eq!(seen["activeSessions"], json!({ "nodes": [{ "title": "Pages" }], "totalCount": 1 }));
    assert_eq!(seen["finishedSessions"]["nodes"], json!([{ "title": "Pipes" }]));
    let numbers = [&seen["activeCount"], &seen["finishedCount"], &seen["stepsCompleted"], &seen["rank"]];
    assert_eq!(numbers, [&json!(1), &json!(1), &json!(3), &json!(1)]);
    assert_eq!(seen["completionRate"], 0.5);
    assert_eq!(platform.code(None, dashboard, json!({})).await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn an_author_sees_where_learners_fail() {
    let platform = Platform::start().await;
    let (author, learner) = (platform.person("author", &[Role::Author]).await, platform.person("learner", &[]).await);
    let (pipes, read) = (platform.workshop(&author, "pipes", content()).await, platform.workshop(&author, "pages", pages(1)).await);
    let session = platform.session(&learner, &pipes).await;
    work(&platform, &learner, &session).await;
    platform.session(&learner, &read).await;
    let dashboard = "{ authorDashboard { starts completions completionRate workshops { nodes { workshop { slug } starts completions
        completionRate averageSeconds steps { key reached completions attempts failures failureRate averageSeconds } } } } }";
    let data = platform.data(Some(&author), dashboard, json!({})).await;
    let seen = &data["authorDashboard"];
    assert_eq!((&seen["starts"], &seen["completions"], &seen["completionRate"]), (&json!(2), &json!(1), &json!(0.5)));
    let of = |slug: &str| {
        let nodes = seen["workshops"]["nodes"].as_array().expect("workshops");
        nodes.iter().find(|node| node["workshop"]["slug"] == slug).expect(slug).clone()
    };
    let pipes = of("pipes");
    assert_eq!((&pipes["starts"], &pipes["completionRate"]), (&json!(1), &json!(1.0)));
    assert!(pipes["averageSeconds"].is_f64());
    let step = &pipes["steps"][2];
    let numbers = [&step["key"], &step["reached"], &step["completions"], &step["attempts"], &step["failures"], &step["failureRate"]];
    assert_eq!(numbers, [&json!("check"), &json!(1), &json!(1), &json!(2), &json!(1), &json!(0.5)]);
    assert_eq!(
        of("pages")["steps"][0],
        json!({ "key": "page-1", "reached": 1, "completions": 0, "attempts": 0, "failures": 0,
        "failureRate": null, "averageSeconds": null })
    );
    assert_eq!(platform.code(Some(&learner), dashboard, json!({})).await, "FORBIDDEN");

    let own = "{ workshop(slug: \"pipes\") { statistics { starts } } }";
    assert_eq!(platform.data(Some(&author), own, json!({})).await["workshop"]["statistics"]["starts"], 1);
    assert_eq!(platform.data(Some(&learner), own, json!({})).await["workshop"]["statistics"], Value::Null);
}
