//! What operators do about environments from the command line, and what learners see in theirs.

use serde_json::{Value, json};
use test_cluster_simulator::{Effect, Fault};

use crate::{
    authoring::{checked, publish},
    clusters::{namespaces, register, serve, simulator, site, workshop},
    lesson::Lesson,
    people::Person,
    site::{PATIENCE, said},
    waiting::until,
};

/// Waits until undoing the environment has failed for good.
async fn stuck(lesson: &Lesson) {
    let stuck = |data: &Value| (data["sessionChanged"]["environment"]["state"] == "STUCK").then_some(());
    lesson.changes().await.until("the environment to be stuck", PATIENCE, stuck).await.expect("stuck");
}

#[tokio::test(flavor = "multi_thread")]
async fn environments_are_helped_on_given_up_and_ended_from_the_command_line() {
    let (site, simulator) = (site(), simulator());
    let run = |arguments: &[&str]| {
        let output = site.run(&[&["environments"], arguments].concat());
        (output.status.success(), said(&output))
    };
    let (is_done, printed) = run(&["list"]);
    assert!(!is_done && printed.contains("no server runs on"), "{printed}");

    let server = serve(&site);
    let administrator = Person::administrator(&server).await;
    let cluster = register(&administrator, "first", &simulator).await;
    let learner = Person::register(&server, "learner").await;
    let workshop = workshop(&learner).await;
    let lesson = Lesson::start(&learner, &workshop).await;
    let environment = lesson.environment().await;
    let (_, printed) = run(&["list"]);
    assert!(printed.starts_with(&environment) && printed.contains("ready") && printed.ends_with("first\n"), "{printed}");
    let (_, printed) = run(&["list", "--cluster", "first", "--state", "ready", "--json"]);
    let listed: Value = serde_json::from_str(&printed).expect("JSON");
    assert_eq!((&listed["environments"][0]["id"], &listed["more"]), (&json!(environment), &json!(false)), "{listed}");
    assert_eq!(run(&["list", "--state", "stuck"]), (true, String::new()));
    let (is_done, printed) = run(&["list", "--cluster", "second"]);
    assert!(!is_done && printed.contains("there is no cluster second; there are: first"), "{printed}");
    let (is_done, printed) = run(&["retry", &environment]);
    assert!(!is_done && printed.contains("the environment is ready"), "{printed}");
    let (is_done, printed) = run(&["show", "env_1"]);
    assert!(!is_done && printed.contains("env_1"), "{printed}");

    let forbidden = Effect::Status { code: 403, reason: "Forbidden".into() };
    let fault = simulator.inject(Fault::new(forbidden).on("delete", "namespaces"));
    let (is_done, printed) = run(&["teardown", &environment]);
    assert!(is_done, "{printed}");
    stuck(&lesson).await;
    let (_, printed) = run(&["show", &environment]);
    let told = ["stuck", "could not be removed", "403", &format!("environments retry {environment}"), "environments skip"];
    assert!(told.iter().all(|word| printed.contains(word)), "{printed}");
    simulator.withdraw(fault);
    let (is_done, printed) = run(&["retry", &environment]);
    assert!(is_done, "{printed}");
    lesson.gone().await;
    assert_eq!(namespaces(&simulator), [""; 0]);
    // The session goes on without it, until its learner ends it.
    learner.mutate("sessionAbandon", json!({ "sessionId": lesson.session }), "session { status }").await;

    let lesson = Lesson::start(&learner, &workshop).await;
    let environment = lesson.environment().await;
    simulator.inject(Fault::new(Effect::Status { code: 403, reason: "Forbidden".into() }).on("delete", "namespaces"));
    learner.mutate("sessionAbandon", json!({ "sessionId": lesson.session }), "session { status }").await;
    stuck(&lesson).await;
    let (is_done, printed) = run(&["skip", &environment]);
    assert!(is_done && printed == format!("{environment} is given up\n"), "{printed}");
    lesson.gone().await;
    let left = administrator.query("query($id: ID!) { cluster(id: $id) { taken } }", json!({ "id": cluster })).await;
    assert_eq!((&left["cluster"]["taken"], namespaces(&simulator).len()), (&json!(0), 2), "its place is free, though it stands");
    let (_, printed) = run(&["show", &environment]);
    assert!(printed.contains("torn down") && printed.contains("403"), "what was wrong stays known: {printed}");
    server.stop();
}

const LIST: &str = "query($id: ID!, $kind: EnvironmentResourceKind!) { environmentResources(sessionId: $id, kind: $kind) {
    resources { name namespace message } errors { code field } } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_sees_what_stands_in_their_namespace_live() {
    let (site, simulator) = (site(), simulator());
    let server = serve(&site);
    register(&Person::administrator(&server).await, "first", &simulator).await;
    let (learner, stranger) = (Person::register(&server, "learner").await, Person::register(&server, "stranger").await);
    let lesson = Lesson::start(&learner, &workshop(&learner).await).await;
    lesson.environment().await;
    let theirs = namespaces(&simulator).into_iter().find(|name| name.ends_with("-k")).expect("a namespace");
    let of = |session: &str, kind: &str| json!({ "id": session, "kind": kind });
    let seen = learner.query(LIST, of(&lesson.session, "CONFIG_MAPS")).await["environmentResources"].clone();
    let welcome = json!({ "name": "welcome", "namespace": theirs, "message": "namespace" });
    assert!(seen["resources"].as_array().is_some_and(|all| all.contains(&welcome)), "{seen}");
    let unseen = stranger.query(LIST, of(&lesson.session, "CONFIG_MAPS")).await["environmentResources"].clone();
    assert_eq!(unseen, json!({ "resources": [], "errors": [{ "code": "NOT_FOUND", "field": "sessionId" }] }));

    let follow = "subscription($id: ID!) { environmentResourcesChanged(sessionId: $id, kind: CONFIG_MAPS) { resources { name } } }";
    let mut changes = learner.client.subscribe(follow, json!({ "id": lesson.session })).await.expect("a subscription");
    let there = |name: &'static str| {
        move |data: &Value| {
            let all = data["environmentResourcesChanged"]["resources"].as_array().expect("resources");
            all.iter().any(|row| row["name"] == name).then_some(())
        }
    };
    changes.until("what is there", PATIENCE, there("welcome")).await.expect("seen");
    simulator.drop_watches();
    simulator.put("configmaps", &theirs, "mine", json!({ "metadata": {}, "data": {} }));
    changes.until("what has come", PATIENCE, there("mine")).await.expect("seen");

    let author = Person::with_role(&server, "author", "author").await;
    let workshop = publish(&author, "sandboxed", checked(&[("done", "test -e done")])).await;
    let sandboxed = Lesson::start(&learner, &workshop).await;
    sandboxed.environment().await;
    let unseen = learner.query(LIST, of(&sandboxed.session, "PODS")).await["environmentResources"].clone();
    assert_eq!(unseen["errors"], json!([{ "code": "NOT_ON_CLUSTER", "field": "sessionId" }]));
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_sees_what_is_in_their_vcluster_live() {
    let (site, simulator) = (site(), simulator());
    let server = serve(&site);
    register(&Person::administrator(&server).await, "first", &simulator).await;
    let author = Person::with_role(&server, "author", "author").await;
    let learner = Person::register(&server, "learner").await;
    let mut content = checked(&[("own", "grep -q 'server: https://vcluster' .kube/config")]);
    content["environment"]["kubernetes"] = json!({ "isolation": "VCLUSTER" });
    let lesson = Lesson::start(&learner, &publish(&author, "inner", content).await).await;
    lesson.environment().await;
    let theirs = namespaces(&simulator).into_iter().find(|name| name.ends_with("-k")).expect("a namespace");
    let inside = simulator.vcluster(&theirs).expect("a vCluster");
    let (passed, run) = lesson.check("own").await;
    assert!(passed, "{run}");

    inside.put("configmaps", "shop", "mine", json!({ "metadata": {}, "data": { "key": "a value" } }));
    let seen = learner.query(LIST, json!({ "id": lesson.session, "kind": "CONFIG_MAPS" })).await["environmentResources"].clone();
    let mine = json!({ "name": "mine", "namespace": "shop", "message": "key" });
    assert!(seen["resources"].as_array().is_some_and(|all| all.contains(&mine)), "{seen}");
    let follow = "subscription($id: ID!) { environmentResourcesChanged(sessionId: $id, kind: PODS) { resources { name } } }";
    let mut changes = learner.client.subscribe(follow, json!({ "id": lesson.session })).await.expect("a subscription");
    let there = |data: &Value| {
        let all = data["environmentResourcesChanged"]["resources"].as_array().expect("resources");
        assert!(all.iter().all(|row| row["name"] != "vcluster-0"), "the control plane is the host's");
        all.iter().any(|row| row["name"] == "web").then_some(())
    };
    inside.put("pods", "default", "web", json!({ "metadata": {}, "spec": { "containers": [{ "name": "a", "image": "a" }] } }));
    changes.until("what has come", PATIENCE, there).await.expect("seen");
    learner.mutate("sessionAbandon", json!({ "sessionId": lesson.session }), "session { status }").await;
    lesson.gone().await;
    assert!(simulator.vcluster(&theirs).is_none());
    until("no port that is forwarded", async || simulator.tunnels(), |tunnels: &usize| *tunnels == 0).await;
    server.stop();
}
