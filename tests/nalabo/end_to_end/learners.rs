//! Learners, their sessions and their points.

use domain::workshops::content::{CompletionRule, Content};
use importers::BuiltIn;
use serde_json::{Value, json};

use crate::{
    authoring::{publish, reading},
    engines::{Engine, on_each_engine},
    lesson::Lesson,
    people::{Person, text},
    site::{PATIENCE, Site, files_in},
};

on_each_engine! {
    a_learner_works_through_a_built_in_workshop,
    equal_points_share_a_rank_and_who_got_there_first_stands_first,
    nobody_reaches_into_another_ones_session,
    a_learner_has_one_session_of_a_workshop_and_few_at_once,
}

const SLUG: &str = "find-the-intruder";
const BOARD: &str = "subscription { leaderboardChanged(first: 5) { nodes { rank points learner { id } } } }";
const DASHBOARD: &str = "{ learnerDashboard { activeCount finishedCount stepsCompleted points rank completionRate
    finishedSessions { nodes { title points } } } }";
const STATISTICS: &str = "query($slug: String!) { workshop(slug: $slug) { id statistics { starts completions completionRate
    steps { key reached completions attempts failures } } } }";

/// What the built-in workshop consists of, answers included.
fn built_in() -> Content {
    let workshops = importers::read(&BuiltIn).expect("built in");
    workshops.into_iter().find(|workshop| workshop.slug == SLUG).and_then(|workshop| workshop.content).expect("a workshop")
}

async fn a_learner_works_through_a_built_in_workshop(engine: Engine) {
    let site = Site::with_workshops_on(engine);
    let server = site.serve();
    let (learner, content) = (Person::register(&server, "kit").await, built_in());
    let mut board = learner.client.subscribe(BOARD, Value::Null).await.expect("a subscription");

    let found = learner.query("{ workshops(filter: { category: \"security\" }) { nodes { id slug } totalCount } }", Value::Null).await;
    assert_eq!(found["workshops"]["totalCount"], 1);
    assert_eq!(found["workshops"]["nodes"][0]["slug"], SLUG);
    let lesson = Lesson::start(&learner, &text(&found["workshops"]["nodes"][0]["id"])).await;
    let environment = lesson.environment().await;
    let mut shell = lesson.shell(&environment).await;
    for step in &content.steps {
        match &step.rule {
            CompletionRule::Read => lesson.complete(&step.key).await,
            CompletionRule::Answer(quiz) => {
                let all: Vec<u16> = (0..).take(quiz.choices.len()).collect();
                assert!(!lesson.answer(&step.key, &all).await, "not all choices are right");
                assert!(lesson.answer(&step.key, &quiz.correct).await);
            }
            CompletionRule::Check(checks) => {
                let (passed, run) = lesson.check(&step.key).await;
                assert!(!passed && run["end"] == "EXITED" && run["exitCode"] != 0, "{run}");
                for solution in checks.iter().filter_map(|check| check.solution.as_deref()) {
                    shell.run(solution).await.expect("typed");
                }
                let (passed, run) = lesson.check(&step.key).await;
                assert!(passed, "step {}: {run}", step.key);
            }
        }
    }
    let points: u32 = content.steps.iter().map(|step| step.points.0).sum::<u32>() + content.completion_points.0;
    assert_eq!(lesson.finish().await, i64::from(points));
    let top = |data: &Value| (data["leaderboardChanged"]["nodes"][0]["points"] == points).then(|| data["leaderboardChanged"].clone());
    let top = board.until("the points on the leaderboard", PATIENCE, top).await.expect("told");
    assert_eq!(top["nodes"], json!([{ "rank": 1, "points": points, "learner": { "id": learner.account } }]));

    lesson.gone().await;
    let ended = shell.terminal().receive().await.expect_err("the terminal is closed with its environment");
    assert_eq!(ended.close_code(), Some(1000), "{ended}");
    assert_eq!(files_in(&site.path().join("sandboxes")), Vec::<std::path::PathBuf>::new());
    numbers_agree(&learner, &Person::administrator(&server).await, &content, points).await;
    server.stop();
    events_tell_the_story(&site);
}

/// Dashboards of the learner and of those who look after the workshop.
async fn numbers_agree(learner: &Person, administrator: &Person, content: &Content, points: u32) {
    let steps = content.steps.len();
    let data = learner.query(DASHBOARD, Value::Null).await;
    let expected = json!({ "activeCount": 0, "finishedCount": 1, "stepsCompleted": steps, "points": points, "rank": 1,
        "completionRate": 1.0, "finishedSessions": { "nodes": [{ "title": content.title, "points": points }] } });
    assert_eq!(data["learnerDashboard"], expected);
    let data = administrator.query(STATISTICS, json!({ "slug": SLUG })).await;
    let statistics = &data["workshop"]["statistics"];
    assert_eq!((&statistics["starts"], &statistics["completions"], &statistics["completionRate"]), (&1.into(), &1.into(), &json!(1.0)));
    for step in statistics["steps"].as_array().expect("steps") {
        let expected = json!({ "key": step["key"], "reached": 1, "completions": 1, "attempts": 2, "failures": 1 });
        assert_eq!(step, &expected);
    }
}

/// Positions without gaps, and facts in the order in which they can happen.
fn events_tell_the_story(site: &Site) {
    let events = site.events();
    let positions: Vec<i64> = events.iter().filter_map(|event| event["position"].as_i64()).collect();
    assert_eq!(positions, (1..).take(events.len()).collect::<Vec<_>>());
    let mut names = events.iter().map(|event| text(&event["type"]));
    for expected in [
        "WorkshopPublished",
        "AccountRegistered",
        "SignedIn",
        "SessionStarted",
        "EnvironmentRequested",
        "EnvironmentPlaced",
        "EnvironmentReady",
        "StepAnswered",
        "StepCompleted",
        "StepCheckFailed",
        "StepCheckPassed",
        "StepCompleted",
        "SessionFinished",
        "EnvironmentTornDown",
    ] {
        assert!(names.any(|name| name == expected), "there is no {expected} after what comes before it");
    }
}

async fn equal_points_share_a_rank_and_who_got_there_first_stands_first(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let author = Person::with_role(&server, "author", "author").await;
    let (short, long) = (publish(&author, "short", reading(1, 5)).await, publish(&author, "long", reading(2, 5)).await);
    let mut learners = Vec::new();
    for name in ["ada", "bea", "cyd"] {
        learners.push(Person::register(&server, name).await);
    }
    for (learner, workshop, pages) in [(&learners[1], &short, 1), (&learners[0], &short, 1), (&learners[2], &long, 2)] {
        let lesson = Lesson::start(learner, workshop).await;
        for page in 1..=pages {
            lesson.complete(&format!("page-{page}")).await;
        }
        lesson.finish().await;
    }
    let (ada, bea, cyd) = (&learners[0].account, &learners[1].account, &learners[2].account);
    let place = |rank: u32, points: u32, account: &str| json!({ "rank": rank, "points": points, "learner": { "id": account } });
    for period in ["ALL", "MONTH", "WEEK", "DAY"] {
        let query = format!("subscription {{ leaderboardChanged(period: {period}) {{ nodes {{ rank points learner {{ id }} }} }} }}");
        let mut board = learners[0].client.subscribe(&query, Value::Null).await.expect("a subscription");
        let expected = json!([place(1, 17, cyd), place(2, 12, bea), place(2, 12, ada)]);
        let settled = |data: &Value| (data["leaderboardChanged"]["nodes"] == expected).then_some(());
        board.until(&format!("{period} to be {expected}"), PATIENCE, settled).await.expect("told");
    }
    let query = "query($id: ID!) { leaderboard(workshopId: $id) { nodes { rank points learner { id } } totalCount } }";
    let data = learners[0].query(query, json!({ "id": short })).await;
    assert_eq!(data["leaderboard"]["nodes"], json!([place(1, 12, bea), place(1, 12, ada)]));
}

async fn nobody_reaches_into_another_ones_session(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let author = Person::with_role(&server, "author", "author").await;
    let workshop = publish(&author, "short", reading(2, 5)).await;
    let (owner, stranger) = (Person::register(&server, "owner").await, Person::register(&server, "stranger").await);
    let administrator = Person::administrator(&server).await;
    let mine = Lesson::start(&owner, &workshop).await;
    let theirs = Lesson { person: stranger.clone(), session: mine.session.clone() };
    let before = administrator.head().await;

    let data = stranger.query("query($id: ID!) { session(id: $id) { id } node(id: $id) { id } }", json!({ "id": mine.session })).await;
    assert_eq!(data, json!({ "session": null, "node": null }));
    for mutation in ["stepComplete", "stepCheck"] {
        assert_eq!(stranger.declined(mutation, theirs.at("page-1"), "session { id }").await, ["NOT_FOUND"], "{mutation}");
    }
    for mutation in ["sessionFinish", "sessionAbandon"] {
        let input = json!({ "sessionId": mine.session });
        assert_eq!(stranger.declined(mutation, input, "session { id }").await, ["NOT_FOUND"], "{mutation}");
    }
    let told = theirs.changes().await.next().await.expect_err("nothing is told");
    assert_eq!(told.codes(), ["BAD_USER_INPUT"], "{told}");

    // The owner, in another order than the workshop's.
    assert_eq!(owner.declined("stepComplete", mine.at("page-2"), "session { id }").await, ["OUT_OF_ORDER"]);
    assert_eq!(owner.declined("stepComplete", mine.at("page-9"), "session { id }").await, ["STEP_NOT_FOUND"]);
    assert_eq!(owner.declined("stepCheck", mine.at("page-1"), "session { id }").await, ["WRONG_RULE"]);
    assert_eq!(owner.declined("sessionFinish", json!({ "sessionId": mine.session }), "session { id }").await, ["STEPS_REMAINING"]);
    assert_eq!(administrator.head().await, before, "nothing of that was recorded");
}

async fn a_learner_has_one_session_of_a_workshop_and_few_at_once(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve_with(&[("NALABO_PLANS__FREE__SESSIONS", "2")]);
    let author = Person::with_role(&server, "author", "author").await;
    let learner = Person::register(&server, "kit").await;
    let mut workshops = Vec::new();
    for slug in ["one", "two", "three"] {
        workshops.push(publish(&author, slug, reading(1, 1)).await);
    }
    let first = Lesson::start(&learner, &workshops[0]).await;
    let again = |workshop: &str| json!({ "workshopId": workshop });
    assert_eq!(learner.declined("sessionStart", again(&workshops[0]), "session { id }").await, ["ALREADY_ACTIVE"]);
    Lesson::start(&learner, &workshops[1]).await;
    assert_eq!(learner.declined("sessionStart", again(&workshops[2]), "session { id }").await, ["TOO_MANY_ACTIVE"]);
    learner.mutate("sessionAbandon", json!({ "sessionId": first.session }), "session { status }").await;
    Lesson::start(&learner, &workshops[2]).await;
}
