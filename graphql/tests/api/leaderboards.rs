//! Who earned the most.

use domain::identity::Role;
use serde_json::{Value, json};

use crate::{
    learning::{COMPLETE, step},
    platform::{Person, Platform, pages},
};

pub(crate) const BOARD: &str = "query($period: LeaderboardPeriod, $workshopId: ID, $first: Int, $after: String) {
    leaderboard(period: $period, workshopId: $workshopId, first: $first, after: $after) {
        nodes { rank points learner { displayName email } } pageInfo { hasNextPage endCursor } totalCount } }";

/// Completes the first `count` pages.
pub(crate) async fn read(platform: &Platform, learner: &Person, workshop: &str, count: usize) {
    let session = platform.session(learner, workshop).await;
    for page in 1..=count {
        platform.data(Some(learner), COMPLETE, step(&session, &format!("page-{page}"))).await;
    }
}

fn places(data: &Value) -> Vec<(i64, String)> {
    let nodes = data["leaderboard"]["nodes"].as_array().expect("places");
    let place =
        |node: &Value| (node["rank"].as_i64().expect("a rank"), node["learner"]["displayName"].as_str().expect("a name").to_owned());
    nodes.iter().map(place).collect()
}

#[tokio::test]
async fn equal_points_rank_alike_and_who_was_first_is_listed_first() {
    let platform = Platform::start().await;
    let author = platform.person("author", &[Role::Author]).await;
    let workshop = platform.workshop(&author, "pages", pages(3)).await;
    let other = platform.workshop(&author, "other", pages(3)).await;
    for (name, count) in [("ada", 2), ("bob", 2), ("cid", 3)] {
        let learner = platform.person(name, &[]).await;
        read(&platform, &learner, &workshop, count).await;
        let wanted = |data: &Value| {
            places(data).iter().any(|(_, place)| place == name)
                && data["leaderboard"]["nodes"]
                    .as_array()
                    .is_some_and(|nodes| nodes.iter().any(|node| node["learner"]["displayName"] == name && node["points"] == count))
        };
        platform.until(&author, BOARD, json!({}), wanted).await;
    }
    let all = [(1, "cid".to_owned()), (2, "ada".to_owned()), (2, "bob".to_owned())];
    for period in ["ALL", "DAY", "WEEK", "MONTH"] {
        let variables = json!({ "period": period, "workshopId": workshop });
        assert_eq!(places(&platform.data(Some(&author), BOARD, variables).await), all, "{period}");
    }
    let data = platform.data(Some(&author), BOARD, json!({ "first": 2 })).await;
    assert_eq!((places(&data), &data["leaderboard"]["totalCount"]), (all[..2].to_vec(), &json!(3)));
    assert_eq!(data["leaderboard"]["nodes"][0]["learner"]["email"], Value::Null);
    let after = data["leaderboard"]["pageInfo"]["endCursor"].clone();
    let data = platform.data(Some(&author), BOARD, json!({ "first": 2, "after": after })).await;
    assert_eq!(places(&data), all[2..]);
    assert_eq!(data["leaderboard"]["pageInfo"]["hasNextPage"], false);
    assert_eq!(places(&platform.data(Some(&author), BOARD, json!({ "workshopId": other })).await), []);
}

#[tokio::test]
async fn the_board_of_a_workshop_that_one_may_not_see_is_empty() {
    let platform = Platform::start().await;
    let (author, other) = (platform.person("author", &[Role::Author]).await, platform.person("other", &[]).await);
    let mut content = pages(1);
    content["visibility"] = json!("PRIVATE");
    let workshop = platform.workshop(&author, "pages", content).await;
    read(&platform, &author, &workshop, 1).await;
    let board = json!({ "workshopId": workshop });
    platform.until(&author, BOARD, board.clone(), |data| places(data).len() == 1).await;
    assert_eq!(places(&platform.data(Some(&other), BOARD, board).await), []);
    assert_eq!(platform.code(None, BOARD, json!({})).await, "UNAUTHENTICATED");
}
