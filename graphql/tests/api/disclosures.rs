//! Who saw what is other people's is found in the audit, however they came by it: once for each field that was asked for, with whose it
//! was.

use domain::identity::Role;
use serde_json::{Value, json};

use crate::{
    audit::found,
    leaderboards::read,
    placement::environment,
    platform::{Person, Platform, content, pages},
    socket::Socket,
};

/// What the audit has of somebody's having read something about somebody.
async fn times(platform: &Platform, root: &Person, by: &Person, action: &str, about: &Person) -> usize {
    found(platform, root, json!({ "actor": by.id, "action": action, "outcome": "ACCEPTED", "subject": about.id })).await.len()
}

/// What the audit has of somebody's having read something, about whomever.
async fn all_times(platform: &Platform, root: &Person, by: &Person, action: &str) -> usize {
    found(platform, root, json!({ "actor": by.id, "action": action, "outcome": "ACCEPTED" })).await.len()
}

#[tokio::test]
async fn who_sees_addresses_below_what_is_for_everybody_is_found_once_with_whose_they_were() {
    const BOARD: &str = "{ leaderboard { nodes { learner { email roles { role { id } } registeredAt } } } }";
    const NAMES: &str = "{ leaderboard { nodes { learner { id displayName } } } }";
    let platform = Platform::start().await;
    let (root, support) = (platform.person("root", &[Role::Administrator]).await, platform.person("support", &[Role::Support]).await);
    let author = platform.person("author", &[Role::Author]).await;
    let (ada, bob) = (platform.person("ada", &[]).await, platform.person("bob", &[]).await);
    let workshop = platform.workshop(&author, "pages", pages(3)).await;
    for learner in [&ada, &bob] {
        read(&platform, learner, &workshop, 1).await;
    }
    // Points are given by a reaction.
    let has_both = |data: &Value| data["leaderboard"]["nodes"].as_array().is_some_and(|nodes| nodes.len() == 2);
    platform.until(&ada, NAMES, json!({}), has_both).await;

    let seen = platform.data(Some(&ada), BOARD, json!({})).await["leaderboard"]["nodes"].clone();
    let emails = |seen: &Value| seen.as_array().expect("nodes").iter().map(|node| node["learner"]["email"].clone()).collect::<Vec<_>>();
    assert_eq!(emails(&seen), [json!(ada.email), Value::Null], "one's own");
    platform.data(Some(&support), NAMES, json!({})).await;
    for person in [&ada, &support] {
        assert_eq!(all_times(&platform, &root, person, "leaderboard").await, 0, "{} saw nothing of others", person.email);
    }

    let seen = platform.data(Some(&support), BOARD, json!({})).await["leaderboard"]["nodes"].clone();
    assert_eq!(emails(&seen), [json!(ada.email), json!(bob.email)]);
    for about in [&ada, &bob] {
        assert_eq!(times(&platform, &root, &support, "leaderboard", about).await, 1, "{}", about.email);
    }
    assert_eq!(all_times(&platform, &root, &support, "leaderboard").await, 1, "once for both");

    let authors = "{ mine: workshops { nodes { author { backupPhone } } } }";
    platform.data(Some(&support), authors, json!({})).await;
    assert_eq!(times(&platform, &root, &support, "workshops", &author).await, 1);
    platform.data(Some(&support), "{ me { email roles { role { id } } } }", json!({})).await;
    assert_eq!(all_times(&platform, &root, &support, "me").await, 0, "one's own");
}

#[tokio::test]
async fn who_is_told_of_others_in_the_answer_to_a_command_is_found_beside_the_command() {
    const FOUND: &str = "mutation($name: String!) { communityFound(input: { name: $name }) { community { id } } }";
    const JOIN: &str = "mutation($id: ID!) { communityJoin(input: { communityId: $id }) { community { founder { displayName } } } }";
    const ASK: &str = "mutation($id: ID!) { communityJoin(input: { communityId: $id }) { community { founder { email } } } }";
    let platform = Platform::start().await;
    let (root, support) = (platform.person("root", &[Role::Administrator]).await, platform.person("support", &[Role::Support]).await);
    let (ada, bob) = (platform.person("ada", &[]).await, platform.person("bob", &[]).await);
    let founded = async |by: &Person| {
        let data = platform.data(Some(by), FOUND, json!({ "name": format!("Of {}", by.email) })).await;
        data["communityFound"]["community"]["id"].clone()
    };
    let (hers, his) = (founded(&ada).await, founded(&bob).await);
    platform.data(Some(&support), JOIN, json!({ "id": his })).await;
    for asked in 1..=2 {
        let answer = platform.data(Some(&support), ASK, json!({ "id": hers })).await;
        assert_eq!(answer["communityJoin"]["community"]["founder"]["email"], json!(ada.email));
        // The second time it changes nothing.
        assert_eq!(times(&platform, &root, &support, "communityJoin", &ada).await, asked);
    }
    assert_eq!(times(&platform, &root, &support, "communityJoin", &bob).await, 0, "a name is for everybody");
    platform.data(Some(&ada), ASK, json!({ "id": hers })).await;
    assert_eq!(times(&platform, &root, &ada, "communityJoin", &ada).await, 0, "it is her own");
}

#[tokio::test]
async fn who_sees_who_is_of_a_community_and_is_not_is_found() {
    const FOUND: &str = "mutation { communityFound(input: { name: \"Gophers\" }) { community { id } } }";
    const MEMBERS: &str = "query($id: ID!) { community(id: $id) { memberCount members { nodes { account { displayName } } } } }";
    let platform = Platform::start().await;
    let (root, moderator) = (platform.person("root", &[Role::Administrator]).await, platform.person("mo", &[Role::Moderator]).await);
    let (ada, bob) = (platform.person("ada", &[]).await, platform.person("bob", &[]).await);
    let founded = platform.data(Some(&ada), FOUND, json!({})).await["communityFound"]["community"]["id"].clone();
    for person in [&moderator, &ada, &bob] {
        let seen = platform.data(Some(person), MEMBERS, json!({ "id": founded })).await;
        assert_eq!(seen["community"]["members"].is_null(), person.id == bob.id, "{}", person.email);
    }
    assert_eq!(times(&platform, &root, &moderator, "community", &ada).await, 1);
    for person in [&ada, &bob] {
        assert_eq!(all_times(&platform, &root, person, "community").await, 0, "{}", person.email);
    }
}

#[tokio::test]
async fn who_sees_sessions_and_environments_of_others_is_found() {
    let platform = Platform::start().await;
    let (root, support) = (platform.person("root", &[Role::Administrator]).await, platform.person("support", &[Role::Support]).await);
    let (author, ada) = (platform.person("author", &[Role::Author]).await, platform.person("ada", &[]).await);
    let workshop = platform.workshop(&author, "pipes", content()).await;
    let environment = environment(&platform, &ada, &workshop).await.to_string();
    let query = "query($id: ID!) { environment(id: $id) { session { id } } }";
    let session = platform.data(Some(&ada), query, json!({ "id": environment })).await["environment"]["session"]["id"].clone();
    platform.level().await;

    let reads = [
        ("sessions", "query { sessions(filter: { everybody: true }) { nodes { id } } }", json!({})),
        ("session", "query($id: ID!) { session(id: $id) { status } }", json!({ "id": session })),
        ("node", "query($id: ID!) { node(id: $id) { id } }", json!({ "id": session })),
        ("environment", "query($id: ID!) { environment(id: $id) { state } }", json!({ "id": environment })),
        ("environments", "query { environments { nodes { id } } }", json!({})),
        (
            "environmentLog",
            "query($id: ID!) { environmentLog(sessionId: $id, pod: \"web\") { text errors { code } } }",
            json!({ "id": session }),
        ),
        (
            "environmentResources",
            "query($id: ID!) { environmentResources(sessionId: $id, kind: PODS) { errors { code } } }",
            json!({ "id": session }),
        ),
    ];
    for (name, query, variables) in &reads {
        platform.data(Some(&support), query, variables.clone()).await;
        assert_eq!(times(&platform, &root, &support, name, &ada).await, 1, "{name}");
        assert_eq!(all_times(&platform, &root, &support, name).await, 1, "{name}");
    }
    for (name, query, variables) in reads.iter().filter(|(name, ..)| !["sessions", "environments"].contains(name)) {
        platform.data(Some(&ada), query, variables.clone()).await;
        assert_eq!(all_times(&platform, &root, &ada, name).await, 0, "one's own by {name}");
        platform.answer(Some(&author), query, variables.clone()).await;
        assert_eq!(all_times(&platform, &root, &author, name).await, 0, "nothing was shown by {name}");
    }
    platform.data(Some(&ada), "{ sessions { nodes { id learner { email } } } }", json!({})).await;
    assert_eq!(all_times(&platform, &root, &ada, "sessions").await, 0, "one's own");
}

#[tokio::test]
async fn who_follows_what_is_somebody_elses_is_found_once() {
    const CHANGED: &str = "subscription($id: ID!) { told: sessionChanged(id: $id) { completedSteps learner { email } } }";
    const BOARD: &str = "subscription { leaderboardChanged { nodes { points learner { email } } } }";
    let platform = Platform::start().await;
    let (root, support) = (platform.person("root", &[Role::Administrator]).await, platform.person("support", &[Role::Support]).await);
    let (author, ada) = (platform.person("author", &[Role::Author]).await, platform.person("ada", &[]).await);
    let workshop = platform.workshop(&author, "pages", pages(3)).await;
    let session = platform.session(&ada, &workshop).await;
    let (mut hers, mut others) = (Socket::of(&platform, &ada).await, Socket::of(&platform, &support).await);
    hers.subscribe("s", CHANGED, json!({ "id": session })).await;
    others.subscribe("s", CHANGED, json!({ "id": session })).await;
    let mut board = Socket::of(&platform, &support).await;
    board.subscribe("b", BOARD, json!({})).await;
    for number in 1..=2 {
        platform.data(Some(&ada), crate::learning::COMPLETE, crate::learning::step(&session, &format!("page-{number}"))).await;
        for socket in [&mut hers, &mut others] {
            loop {
                let seen = socket.item("s").await["told"].clone();
                assert_eq!(seen["learner"]["email"], json!(ada.email));
                if seen["completedSteps"] == json!(number) {
                    break;
                }
            }
        }
        while board.item("b").await["leaderboardChanged"]["nodes"][0]["points"] != json!(number) {}
    }
    for name in ["sessionChanged", "leaderboardChanged"] {
        assert_eq!(times(&platform, &root, &support, name, &ada).await, 1, "{name}");
        assert_eq!(all_times(&platform, &root, &support, name).await, 1, "{name}");
    }
    assert_eq!(all_times(&platform, &root, &ada, "sessionChanged").await, 0, "one's own");
}

#[tokio::test]
async fn what_is_noted_anyway_does_not_name_all_who_are_on_a_page() {
    let platform = Platform::start().await;
    let (root, support) = (platform.person("root", &[Role::Administrator]).await, platform.person("support", &[Role::Support]).await);
    let ada = platform.person("ada", &[]).await;
    platform.level().await;
    let seen = platform.data(Some(&support), "{ accounts { nodes { email } } }", json!({})).await;
    let nodes = seen["accounts"]["nodes"].as_array().expect("nodes");
    assert!(nodes.contains(&json!({ "email": ada.email })), "{seen}");
    assert_eq!(all_times(&platform, &root, &support, "accounts").await, 1);
    assert_eq!(times(&platform, &root, &support, "accounts", &ada).await, 0);
}
