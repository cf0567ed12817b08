//! Authors and their workshops.

use serde_json::{Value, json};

use crate::{
    authoring::{checked, publish, reading},
    engines::{Engine, on_each_engine},
    lesson::Lesson,
    people::{Person, text},
    site::{PATIENCE, Site},
};

on_each_engine! {
    a_workshop_is_drafted_previewed_published_revised_and_archived,
    a_workshop_with_defects_is_not_published_and_each_is_named,
    only_authors_write_and_only_what_is_theirs,
}

async fn a_workshop_is_drafted_previewed_published_revised_and_archived(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let author = Person::with_role(&server, "author", "author").await;
    let learner = Person::register(&server, "learner").await;
    let drafted = author.mutate("workshopDraft", json!({ "slug": "novel", "content": reading(1, 5) }), "workshop { id state } stale").await;
    assert_eq!((&drafted["workshop"]["state"], &drafted["stale"]), (&json!("DRAFT"), &json!(false)));
    let workshop = text(&drafted["workshop"]["id"]);

    let see = "{ workshop(slug: \"novel\") { version steps { key } } }";
    assert_eq!(learner.query(see, Value::Null).await["workshop"], Value::Null, "a draft is its author's");
    let start = json!({ "workshopId": workshop });
    assert_eq!(learner.declined("sessionStart", start.clone(), "session { id }").await, ["WORKSHOP_NOT_FOUND"]);
    let preview = json!({ "workshopId": workshop, "preview": true });
    let preview = author.mutate("sessionStart", preview, "session { id preview version }").await;
    assert_eq!((&preview["session"]["preview"], &preview["session"]["version"]), (&json!(true), &Value::Null));
    let preview = Lesson { person: author.clone(), session: text(&preview["session"]["id"]) };
    preview.complete("page-1").await;
    preview.finish().await;

    let published = author.mutate("workshopPublish", start.clone(), "workshop { version state }").await;
    assert_eq!(published["workshop"], json!({ "version": 1, "state": "PUBLISHED" }));
    assert_eq!(author.declined("workshopPublish", start.clone(), "workshop { id }").await, ["NOTHING_TO_PUBLISH"]);
    let running = Lesson::start(&learner, &workshop).await;

    let revision = json!({ "workshopId": workshop, "content": reading(3, 5) });
    author.mutate("workshopRevise", revision, "workshop { draft { revision } }").await;
    assert_eq!(learner.query(see, Value::Null).await["workshop"]["steps"].as_array().map(Vec::len), Some(1), "not published yet");
    author.mutate("workshopPublish", start.clone(), "workshop { version }").await;
    let seen = learner.query(see, Value::Null).await["workshop"].take();
    assert_eq!((&seen["version"], seen["steps"].as_array().map(Vec::len)), (&json!(2), Some(3)));
    running.complete("page-1").await;
    // One page and the end: what was begun stays as it was. And the preview above earned nothing.
    assert_eq!(running.finish().await, 12);
    let places = "subscription { leaderboardChanged { nodes { points learner { id } } } }";
    let expected = json!([{ "points": 12, "learner": { "id": learner.account } }]);
    let mut board = learner.client.subscribe(places, Value::Null).await.expect("a subscription");
    let settled = |data: &Value| (data["leaderboardChanged"]["nodes"] == expected).then_some(());
    board.until("the points of the finished session alone", PATIENCE, settled).await.expect("told");

    author.mutate("workshopArchive", start.clone(), "workshop { state }").await;
    assert_eq!(learner.declined("sessionStart", start, "session { id }").await, ["WORKSHOP_NOT_FOUND"]);
    let statistics = "{ authorDashboard { starts completions completionRate } }";
    let expected = json!({ "starts": 1, "completions": 1, "completionRate": 1.0 });
    assert_eq!(author.query(statistics, Value::Null).await["authorDashboard"], expected, "previews are left out");
}

async fn a_workshop_with_defects_is_not_published_and_each_is_named(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let author = Person::with_role(&server, "author", "author").await;
    let mut content = checked(&[("first", "if [ -f x ]; then"), ("second", "exit 0")]);
    content["steps"][1]["body"] = json!([]);
    let drafted = author.mutate("workshopDraft", json!({ "slug": "broken", "content": content }), "workshop { id }").await;
    let input = json!({ "workshopId": drafted["workshop"]["id"] });
    let error = author.client.mutate("workshopPublish", input.clone(), "workshop { id }").await.expect_err("defects").to_string();
    assert!(error.contains("DEFECTIVE"), "{error}");
    for named in ["steps[0]", "steps[1]"] {
        assert!(error.contains(named), "{named} is not in {error}");
    }
    let seen = author.query("{ workshop(slug: \"broken\") { state version } }", Value::Null).await;
    assert_eq!(seen["workshop"], json!({ "state": "DRAFT", "version": null }));
}

async fn only_authors_write_and_only_what_is_theirs(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let author = Person::with_role(&server, "author", "author").await;
    let other = Person::with_role(&server, "other", "author").await;
    let learner = Person::register(&server, "learner").await;
    let draft = json!({ "slug": "mine", "content": reading(1, 5) });
    assert_eq!(learner.declined("workshopDraft", draft.clone(), "workshop { id }").await, ["FORBIDDEN"]);
    let workshop = publish(&author, "mine", reading(1, 5)).await;
    assert_eq!(other.declined("workshopDraft", draft, "workshop { id }").await, ["SLUG_TAKEN"]);
    let revision = json!({ "workshopId": workshop, "content": reading(2, 5) });
    assert_eq!(other.declined("workshopRevise", revision, "workshop { id }").await, ["NOT_FOUND"]);
    for field in ["draft { revision }", "versions { nodes { number } }", "statistics { starts }"] {
        let query = format!("{{ workshop(slug: \"mine\") {{ value: {field} }} }}");
        assert_eq!(learner.query(&query, Value::Null).await["workshop"]["value"], Value::Null, "{field}");
        assert_ne!(author.query(&query, Value::Null).await["workshop"]["value"], Value::Null, "{field}");
    }
}
