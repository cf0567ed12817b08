use domain::{
    Decider,
    kernel::{AccountId, WorkshopId},
    workshops::{
        Outline,
        content::{Category, Difficulty, Visibility},
        workshop::{Workshop, WorkshopEvent},
    },
};

use super::{Entity, Filter, Model, Viewer, WorkshopState, by_slug, find, find_many, page, total};
use crate::{
    column::Word,
    fixtures::{World, catch_up, digest, id, outline, recorded, rows, second},
    read_model::{MissingRow, ReadModel},
};

const ADA: AccountId = AccountId(id(9));
const BOB: AccountId = AccountId(id(8));

fn drafted(slug: &str, outline: Outline) -> WorkshopEvent {
    WorkshopEvent::Drafted { author: ADA, slug: slug.into(), content: digest("a"), outline }
}

fn revised(title: &str) -> WorkshopEvent {
    WorkshopEvent::Revised { revision: 2, content: digest("b"), outline: outline(title) }
}

fn published(outline: Outline) -> WorkshopEvent {
    WorkshopEvent::Published { version: 1, content: digest("c"), outline }
}

fn row_after(events: impl IntoIterator<Item = WorkshopEvent>) -> Model {
    let events: Vec<_> = (1..).zip(events).map(|(position, event)| recorded(position, id(1), event)).collect();
    rows(&Entity, &events).remove(0)
}

#[test]
fn a_draft_lists_what_it_says_itself() {
    let row = row_after([drafted("docker", outline("Docker")), revised("Docker Basics")]);
    assert_eq!((row.slug.as_str(), row.author, row.state, row.revision), ("docker", ADA.0, Word(WorkshopState::Draft), 2));
    assert_eq!((row.title.as_str(), row.text.as_str()), ("Docker Basics", "docker basics\nall about docker basics."));
    assert_eq!((row.draft_content.as_str(), row.draft_outline.title.as_str()), ("b".repeat(64).as_str(), "Docker Basics"));
    assert_eq!((row.version, row.content, row.outline, row.published_at), (None, None, None, None));
    assert_eq!((row.drafted_at, row.updated_at, row.listed_at), (second(1), second(2), second(1)));
}

#[test]
fn a_published_workshop_lists_its_version_whatever_is_drafted_since() {
    let private = Outline { visibility: Visibility::Private, ..outline("Secret plans") };
    let later = WorkshopEvent::Revised { revision: 2, content: digest("b"), outline: private };
    let row = row_after([drafted("docker", outline("Docker")), published(outline("Docker")), later]);
    assert_eq!((row.state, row.version, row.content), (Word(WorkshopState::Published), Some(1), Some("c".repeat(64))));
    assert_eq!((row.title.as_str(), row.visibility), ("Docker", Word(Visibility::Public)));
    assert_eq!((row.draft_outline.title.as_str(), row.revision), ("Secret plans", 2));
    assert_eq!((row.published_at, row.listed_at, row.updated_at), (Some(second(2)), second(2), second(3)));
}

#[test]
fn an_archived_workshop_keeps_its_content() {
    let row = row_after([drafted("docker", outline("Docker")), published(outline("Docker")), WorkshopEvent::Archived]);
    assert_eq!((row.state, row.version, row.updated_at), (Word(WorkshopState::Archived), Some(1), second(3)));
}

#[test]
fn nothing_follows_a_workshop_that_was_never_drafted() {
    for event in [revised("Docker"), published(outline("Docker")), WorkshopEvent::Archived] {
        assert_eq!(Entity.fold(&id(1), None, &recorded(1, id(1), event)), Err(MissingRow));
    }
}

/// Ada's workshops: 1 public, 2 unlisted, 3 private, 4 a draft, 5 archived.
async fn catalogue() -> (World, std::sync::Arc<crate::Projections>) {
    let world = World::new().await;
    let rust = Outline {
        category: Category::Other("rust".into()),
        difficulty: Difficulty::Expert,
        summary: "Größe und 100%".into(),
        tags: vec!["async".into(), "it's".into()],
        languages: vec!["de".into()],
        ..outline("Rust")
    };
    let seen = |visibility| Outline { visibility, ..outline("Docker") };
    let lives = [
        vec![drafted("rust", rust.clone()), published(rust)],
        vec![drafted("unlisted", seen(Visibility::Unlisted)), published(seen(Visibility::Unlisted))],
        vec![drafted("private", seen(Visibility::Private)), published(seen(Visibility::Private))],
        vec![drafted("draft", seen(Visibility::Public))],
        vec![drafted("old", seen(Visibility::Public)), published(seen(Visibility::Public)), WorkshopEvent::Archived],
    ];
    for (number, events) in (1..).zip(&lives) {
        world.append(Workshop::STREAM, id(number), events).await;
    }
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, world.head().await).await;
    (world, projections)
}

#[tokio::test]
async fn each_viewer_is_listed_and_shown_what_is_theirs_to_see() {
    let (_world, projections) = catalogue().await;
    let db = projections.db();
    let cases = [
        (Viewer::Anonymous, vec![1], vec![1, 2]),
        (Viewer::Account(BOB), vec![1], vec![1, 2]),
        (Viewer::Account(ADA), vec![1, 2, 3, 4, 5], vec![1, 2, 3, 4, 5]),
        (Viewer::Manager, vec![1, 2, 3, 4, 5], vec![1, 2, 3, 4, 5]),
    ];
    let every: Vec<_> = (1..=5).map(|number| WorkshopId(id(number))).collect();
    for (viewer, listed, visible) in cases {
        let page = page(db, &Filter::default(), viewer, None, 10).await.expect("a page");
        let mut found: Vec<_> = page.rows.iter().map(|row| row.workshop.as_u128()).collect();
        found.sort_unstable();
        assert_eq!(found, listed, "listed for {viewer:?}");
        assert_eq!(total(db, &Filter::default(), viewer).await.expect("a count"), listed.len() as u64);
        let rows = find_many(db, &every).await.expect("rows");
        let mut shown: Vec<_> = rows.iter().filter(|row| row.is_visible_to(viewer)).map(|row| row.workshop.as_u128()).collect();
        shown.sort_unstable();
        assert_eq!(shown, visible, "visible to {viewer:?}");
    }
}

#[tokio::test]
async fn every_part_of_a_filter_restricts() {
    let (_world, projections) = catalogue().await;
    let text = |text: &str| Filter { text: Some(text.into()), ..Filter::default() };
    let tag = |tag: &str| Filter { tag: Some(tag.into()), ..Filter::default() };
    let cases = [
        (Filter { category: Some(Category::Other("rust".into())), ..Filter::default() }, 1),
        (Filter { category: Some(Category::Docker), ..Filter::default() }, 4),
        (Filter { difficulty: Some(Difficulty::Expert), ..Filter::default() }, 1),
        (Filter { language: Some("de".into()), ..Filter::default() }, 1),
        (Filter { author: Some(BOB), ..Filter::default() }, 0),
        (Filter { state: Some(WorkshopState::Archived), ..Filter::default() }, 1),
        (Filter { state: Some(WorkshopState::Published), ..Filter::default() }, 3),
        (tag("async"), 1),
        (tag("asyn"), 0),
        (tag("it's"), 1),
        (text("GRÖSSE rust"), 0),
        (text("GRÖßE rust"), 1),
        (text("100%"), 1),
        (text("1_0"), 0),
        (text("docker rust"), 0),
        (text("  "), 5),
        (Filter { tag: Some("containers".into()), ..text("docker") }, 4),
    ];
    for (filter, count) in cases {
        assert_eq!(total(projections.db(), &filter, Viewer::Manager).await.expect("a count"), count, "{filter:?}");
    }
}

#[tokio::test]
async fn a_workshop_is_found_by_its_slug_and_its_id() {
    let (_world, projections) = catalogue().await;
    let by_slug = by_slug(projections.db(), "unlisted").await.expect("a query").expect("a workshop");
    assert_eq!(find(projections.db(), WorkshopId(id(2))).await.expect("a query"), Some(by_slug));
    assert_eq!(find(projections.db(), WorkshopId(id(6))).await.expect("a query"), None);
}
