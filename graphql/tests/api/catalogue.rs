//! Writing workshops, and who finds them.

use domain::identity::Role;
use serde_json::{Value, json};

use crate::platform::{Platform, content, pages};

const DRAFT: &str = "mutation($input: WorkshopDraftInput!) { workshopDraft(input: $input) {
    workshop { id state version draft { revision } } errors { code field message } stale } }";
const REVISE: &str = "mutation($input: WorkshopReviseInput!) { workshopRevise(input: $input) {
    workshop { draft { revision } } errors { code field message } } }";
const PUBLISH: &str = "mutation($input: WorkshopPublishInput!) { workshopPublish(input: $input) {
    workshop { version state } errors { code field message } } }";
const ARCHIVE: &str = "mutation($input: WorkshopArchiveInput!) { workshopArchive(input: $input) { workshop { state } errors { code } } }";
const BY_SLUG: &str = "query($slug: String!) { workshop(slug: $slug) { id title draft { title } versions { nodes { number } } } }";

#[tokio::test]
async fn a_workshop_is_drafted_revised_published_and_archived() {
    let platform = Platform::start().await;
    let author = platform.person("author", &[Role::Author]).await;
    let input = json!({ "input": { "slug": "pipes", "content": content(), "idempotencyKey": "k" } });
    let data = platform.data(Some(&author), DRAFT, input.clone()).await;
    let workshop = &data["workshopDraft"]["workshop"];
    assert_eq!((&workshop["state"], &workshop["version"], &workshop["draft"]["revision"]), (&json!("DRAFT"), &Value::Null, &json!(1)));
    assert_eq!(platform.data(Some(&author), DRAFT, input).await, data);

    let id = workshop["id"].clone();
    let revised = json!({ "input": { "workshopId": id, "content": pages(2) } });
    let data = platform.data(Some(&author), REVISE, revised.clone()).await;
    assert_eq!(data["workshopRevise"]["workshop"]["draft"]["revision"], 2);
    let data = platform.data(Some(&author), REVISE, revised).await;
    assert_eq!(data["workshopRevise"]["workshop"]["draft"]["revision"], 2);

    let this = json!({ "input": { "workshopId": id } });
    let data = platform.data(Some(&author), PUBLISH, this.clone()).await;
    assert_eq!(data["workshopPublish"]["workshop"], json!({ "version": 1, "state": "PUBLISHED" }));
    let data = platform.data(Some(&author), PUBLISH, this.clone()).await;
    assert_eq!(data["workshopPublish"]["errors"][0]["code"], "NOTHING_TO_PUBLISH");
    let data = platform.data(Some(&author), ARCHIVE, this).await;
    assert_eq!(data["workshopArchive"]["workshop"]["state"], "ARCHIVED");
    assert_eq!(platform.data(None, BY_SLUG, json!({ "slug": "pipes" })).await["workshop"], Value::Null);
}

#[tokio::test]
async fn every_defect_is_named_with_its_place() {
    let platform = Platform::start().await;
    let author = platform.person("author", &[Role::Author]).await;
    let mut wrong = content();
    wrong["title"] = json!("");
    wrong["steps"][1]["key"] = json!("Not a key");
    let data = platform.data(Some(&author), DRAFT, json!({ "input": { "slug": "wrong", "content": wrong } })).await;
    let fields: Vec<&str> =
        data["workshopDraft"]["errors"].as_array().expect("errors").iter().filter_map(|e| e["field"].as_str()).collect();
    assert_eq!(fields, ["content.title", "content.steps[1].key"]);

    let mut unparsable = content();
    unparsable["steps"][2]["rule"]["check"][0]["script"] = json!("if true");
    let data = platform.data(Some(&author), DRAFT, json!({ "input": { "slug": "unparsable", "content": unparsable } })).await;
    let id = &data["workshopDraft"]["workshop"]["id"];
    let data = platform.data(Some(&author), PUBLISH, json!({ "input": { "workshopId": id } })).await;
    let error = &data["workshopPublish"]["errors"][0];
    assert_eq!((&error["code"], &error["field"]), (&json!("DEFECTIVE"), &json!("content.steps[2].rule.check[0].script")));
}

#[tokio::test]
async fn workshops_are_written_by_authors_and_changed_by_their_own() {
    let platform = Platform::start().await;
    let (author, other) = (platform.person("author", &[Role::Author]).await, platform.person("other", &[Role::Author]).await);
    let learner = platform.person("learner", &[]).await;
    let input = json!({ "input": { "slug": "pipes", "content": pages(1) } });
    assert_eq!(platform.code(Some(&learner), DRAFT, input.clone()).await, "FORBIDDEN");
    assert_eq!(platform.code(None, DRAFT, input).await, "UNAUTHENTICATED");
    let id = platform.workshop(&author, "pages", pages(1)).await;
    let data = platform.data(Some(&other), REVISE, json!({ "input": { "workshopId": id, "content": pages(2) } })).await;
    assert_eq!(data["workshopRevise"]["errors"][0]["code"], "NOT_FOUND");
    let data = platform.data(Some(&other), DRAFT, json!({ "input": { "slug": "pages", "content": pages(1) } })).await;
    assert_eq!(data["workshopDraft"]["errors"][0]["code"], "SLUG_TAKEN");
}

#[tokio::test]
async fn a_draft_is_seen_by_its_author_and_by_administrators() {
    let platform = Platform::start().await;
    let (author, other) = (platform.person("author", &[Role::Author]).await, platform.person("other", &[Role::Author]).await);
    let admin = platform.person("root", &[Role::Administrator]).await;
    platform.data(Some(&author), DRAFT, json!({ "input": { "slug": "secret", "content": pages(1) } })).await;
    let slug = json!({ "slug": "secret" });
    for by in [None, Some(&other)] {
        assert_eq!(platform.data(by, BY_SLUG, slug.clone()).await["workshop"], Value::Null);
        assert_eq!(platform.data(by, "{ workshops { nodes { id } totalCount } }", json!({})).await["workshops"]["totalCount"], 0);
    }
    for by in [&author, &admin] {
        assert_eq!(platform.data(Some(by), BY_SLUG, slug.clone()).await["workshop"]["draft"]["title"], "Pages");
    }
}

#[tokio::test]
async fn unlisted_and_private_workshops_are_not_listed() {
    let platform = Platform::start().await;
    let author = platform.person("author", &[Role::Author]).await;
    for visibility in ["PUBLIC", "UNLISTED", "PRIVATE"] {
        let mut content = pages(1);
        content["visibility"] = json!(visibility);
        platform.workshop(&author, &visibility.to_lowercase(), content).await;
    }
    let list = "{ workshops { nodes { slug versions { nodes { number } } draft { title } } } }";
    let data = platform.data(None, list, json!({})).await;
    assert_eq!(data["workshops"]["nodes"], json!([{ "slug": "public", "versions": null, "draft": null }]));
    let found = async |slug: &str| !platform.data(None, BY_SLUG, json!({ "slug": slug })).await["workshop"].is_null();
    assert_eq!((found("public").await, found("unlisted").await, found("private").await), (true, true, false));
    let own = platform.data(Some(&author), "{ workshops { totalCount } }", json!({})).await;
    assert_eq!(own["workshops"]["totalCount"], 3);
}

#[tokio::test]
async fn workshops_are_filtered_and_paged() {
    let platform = Platform::start().await;
    let author = platform.person("author", &[Role::Author]).await;
    for n in 1..=3 {
        platform.workshop(&author, &format!("pages-{n}"), pages(n)).await;
    }
    platform.workshop(&author, "pipes", content()).await;
    let list = "query($filter: WorkshopFilter, $first: Int, $after: String) { workshops(filter: $filter, first: $first, after: $after) {
        edges { cursor node { slug category } } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount } }";
    let data = platform.data(None, list, json!({ "filter": { "category": "cloud" }, "first": 2 })).await;
    let slugs = |data: &Value| -> Vec<String> {
        let edges = data["workshops"]["edges"].as_array().expect("edges");
        edges.iter().filter_map(|edge| edge["node"]["slug"].as_str()).map(Into::into).collect()
    };
    assert_eq!((slugs(&data), &data["workshops"]["totalCount"]), (vec!["pages-3".into(), "pages-2".into()], &json!(3)));
    let after = &data["workshops"]["pageInfo"]["endCursor"];
    let data = platform.data(None, list, json!({ "filter": { "category": "cloud" }, "first": 2, "after": after })).await;
    assert_eq!(slugs(&data), ["pages-1"]);
    let page = &data["workshops"]["pageInfo"];
    assert_eq!((&page["hasNextPage"], &page["hasPreviousPage"]), (&json!(false), &json!(true)));
    let data =
        platform.data(None, list, json!({ "filter": { "search": "SMALL programs", "tag": "shell", "difficulty": "BEGINNER" } })).await;
    assert_eq!(slugs(&data), ["pipes"]);
}

#[tokio::test]
async fn what_is_asked_wrongly_is_named() {
    let platform = Platform::start().await;
    let author = platform.person("author", &[Role::Author]).await;
    for (query, argument) in [
        ("{ workshops(first: 101) { totalCount } }", "first"),
        ("{ workshops(first: -1) { totalCount } }", "first"),
        ("{ workshops(after: \"nonsense\") { totalCount } }", "after"),
        ("{ workshops(filter: { authorId: \"wks_1\" }) { totalCount } }", "filter.authorId"),
        ("{ node(id: \"xyz\") { id } }", "id"),
        ("{ session(id: \"ses_12\") { id } }", "id"),
        ("mutation { workshopPublish(input: { workshopId: \"1\" }) { stale } }", "workshopId"),
    ] {
        let answer = platform.answer(Some(&author), query, json!({})).await;
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!((&extensions["code"], &extensions["argument"]), (&json!("BAD_USER_INPUT"), &json!(argument)), "{query}");
    }
}
