//! Environments that are made ahead: a session is given one that is ready, and others are made instead.

use serde_json::{Value, json};
use std::time::{Duration, Instant};

use crate::{
    authoring::{checked, publish},
    clusters::{namespaces, register, serve, simulator, site, workshop},
    engines::{Engine, on_each_engine},
    lesson::Lesson,
    people::{PASSWORD, Person},
    site::{ADMINISTRATOR, Site, files_in},
    waiting::until,
};

on_each_engine! {
    what_is_made_ahead_is_given_out_and_survives_a_crash,
}

const POOL: &str = "query($id: ID!) { environmentPool(workshopId: $id) { ready preparing claimed } }";

/// How long the first of them is waited for before the server is killed anyway.
const SOON: Duration = Duration::from_secs(2);

async fn reserve(administrator: &Person, workshop: &str, count: u32) {
    administrator.mutate("environmentPoolReserve", json!({ "workshopId": workshop, "count": count }), "pool { reserved }").await;
}

/// Waits until so many are to be had, and no others are being made.
async fn stocked(administrator: &Person, workshop: &str, ready: u32) -> Value {
    let is_so = |data: &Value| data["environmentPool"]["ready"] == ready && data["environmentPool"]["preparing"] == 0;
    administrator.until(POOL, json!({ "id": workshop }), is_so).await["environmentPool"].clone()
}

/// Those that are ready, whoever has them.
async fn standing(administrator: &Person) -> Vec<String> {
    let all = administrator.query("{ environments(first: 50, state: READY) { nodes { id } } }", Value::Null).await;
    let nodes = all["environments"]["nodes"].as_array().expect("a list").iter();
    nodes.map(|node| node["id"].as_str().expect("an id").to_owned()).collect()
}

async fn what_is_made_ahead_is_given_out_and_survives_a_crash(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let author = Person::with_role(&server, "author", "author").await;
    let administrator = Person::administrator(&server).await;
    let content = checked(&[("done", "test -e done")]);
    let workshop = publish(&author, "free", content.clone()).await;
    reserve(&administrator, &workshop, 2).await;
    let began = Instant::now();
    while administrator.query(POOL, json!({ "id": workshop })).await["environmentPool"]["preparing"] == 0 && began.elapsed() < SOON {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    server.kill(); // In the middle of making them, unless that was quicker.

    let server = site.serve();
    let administrator = Person::sign_in(&server, ADMINISTRATOR.0, ADMINISTRATOR.1).await;
    stocked(&administrator, &workshop, 2).await;
    let ahead = standing(&administrator).await;
    assert_eq!(ahead.len(), 2);
    let lesson = Lesson::start(&Person::register(&server, "kit").await, &workshop).await;
    let environment = lesson.environment().await;
    assert!(ahead.contains(&environment), "{environment} of {ahead:?}");
    lesson.shell(&environment).await.run("touch done").await.expect("typed");
    assert!(lesson.check("done").await.0);
    assert_eq!(stocked(&administrator, &workshop, 2).await["claimed"], 1);

    let mut next = content;
    next["title"] = json!("Another");
    let author = Person::sign_in(&server, "author@example.org", PASSWORD).await;
    author.mutate("workshopRevise", json!({ "workshopId": workshop, "content": next }), "workshop { id }").await;
    author.mutate("workshopPublish", json!({ "workshopId": workshop }), "workshop { version }").await;
    let old = standing(&administrator).await;
    // Those of the new version are other ones; what somebody works in stays.
    let is_so = |now: &Vec<String>| now.iter().filter(|id| old.contains(id)).count() <= 1;
    until("other ones", async || standing(&administrator).await, is_so).await;
    stocked(&administrator, &workshop, 2).await;
    assert!(standing(&administrator).await.contains(&environment));
    reserve(&administrator, &workshop, 0).await;
    stocked(&administrator, &workshop, 0).await;
    lesson.person.mutate("sessionAbandon", json!({ "sessionId": lesson.session }), "session { status }").await;
    lesson.gone().await;
    server.stop();
    assert!(files_in(&site.path().join("sandboxes")).is_empty(), "nothing is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_cluster_what_is_made_ahead_has_the_names_of_its_session() {
    let (site, simulator) = (site(), simulator());
    let server = serve(&site);
    let administrator = Person::administrator(&server).await;
    let cluster = register(&administrator, "first", &simulator).await;
    let learner = Person::register(&server, "learner").await;
    let workshop = workshop(&learner).await;
    reserve(&administrator, &workshop, 1).await;
    stocked(&administrator, &workshop, 1).await;
    let made = namespaces(&simulator);
    assert_eq!(made.len(), 2, "{made:?}");
    reserve(&administrator, &workshop, 0).await;
    stocked(&administrator, &workshop, 0).await;
    reserve(&administrator, &workshop, 1).await;
    stocked(&administrator, &workshop, 1).await;
    let lesson = Lesson::start(&learner, &workshop).await;
    let environment = lesson.environment().await;
    let query = "query($id: ID!) { environment(id: $id) { cluster { id } session { id } } }";
    let found = administrator.query(query, json!({ "id": environment })).await["environment"].clone();
    assert_eq!(found, json!({ "cluster": { "id": cluster }, "session": { "id": lesson.session } }));
    lesson.shell(&environment).await.run("mkdir inbox").await.expect("typed");
    assert!(lesson.check("folder").await.0, "the home and the kubeconfig are there");
    assert_eq!(stocked(&administrator, &workshop, 1).await["claimed"], 1);
    reserve(&administrator, &workshop, 0).await;
    lesson.finish().await;
    lesson.gone().await;
    stocked(&administrator, &workshop, 0).await;
    server.stop();
}
