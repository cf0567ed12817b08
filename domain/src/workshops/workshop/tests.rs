use uuid::Uuid;

use super::{Defect, Edition, Editor, Outline, Rejection, Workshop, WorkshopCommand, WorkshopEvent};
use crate::{
    Decider, given,
    kernel::{AccountId, Digest, Minutes, Points, Timestamp},
    workshops::content::{Category, Difficulty, StepOrder, Visibility},
};

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const BY_ADA: Editor = Editor::Author(ADA);
const BY_BOB: Editor = Editor::Author(AccountId(Uuid::from_u128(2)));

fn digest(letter: char) -> Digest {
    Digest::try_from(letter.to_string().repeat(64)).expect("64 digits")
}

fn outline(letter: char) -> Outline {
    Outline {
        title: format!("Workshop {letter}"),
        summary: String::new(),
        category: Category::Docker,
        difficulty: Difficulty::Beginner,
        duration: Minutes(30),
        tags: vec![],
        languages: vec![],
        visibility: Visibility::Public,
        order: StepOrder::Sequential,
        completion_points: Points(0),
        lifetime: None,
        steps: vec![],
    }
}

fn edition(letter: char) -> Edition {
    Edition { content: digest(letter), outline: outline(letter) }
}

fn drafted() -> WorkshopEvent {
    WorkshopEvent::Drafted { author: ADA, slug: "docker-101".to_owned(), content: digest('a'), outline: outline('a') }
}

fn revised(revision: u32, letter: char) -> WorkshopEvent {
    WorkshopEvent::Revised { revision, content: digest(letter), outline: outline(letter) }
}

fn published(version: u32, letter: char) -> WorkshopEvent {
    WorkshopEvent::Published { version, content: digest(letter), outline: outline(letter) }
}

fn defect() -> Defect {
    Defect::new("title", "a title")
}

fn draft(defects: Vec<Defect>) -> WorkshopCommand {
    WorkshopCommand::Draft { author: ADA, slug: "docker-101".to_owned(), edition: edition('a'), defects }
}

fn revise(by: Editor, letter: char) -> WorkshopCommand {
    WorkshopCommand::Revise { by, edition: edition(letter), defects: vec![] }
}

fn publish(by: Editor, letter: char) -> WorkshopCommand {
    WorkshopCommand::Publish { by, content: digest(letter), defects: vec![] }
}

fn archive(by: Editor) -> WorkshopCommand {
    WorkshopCommand::Archive { by }
}

fn when(history: Vec<WorkshopEvent>, command: WorkshopCommand) -> Result<Vec<WorkshopEvent>, Rejection> {
    given::<Workshop>(history).decide(command, Timestamp::UNIX_EPOCH)
}

#[test]
fn a_draft_without_defects_is_kept() {
    assert_eq!(when(vec![], draft(vec![])), Ok(vec![drafted()]));
}

#[test]
fn a_draft_with_defects_is_refused_and_they_are_listed() {
    assert_eq!(when(vec![], draft(vec![defect()])), Err(Rejection::Defective(vec![defect()])));
    let listed = Rejection::Defective(vec![defect(), Defect::new("steps", "at least one step")]).to_string();
    assert_eq!(listed, "title: expected a title; steps: expected at least one step");
}

#[test]
fn a_workshop_is_drafted_once() {
    assert_eq!(when(vec![drafted()], draft(vec![])), Err(Rejection::SlugTaken));
    assert_eq!(when(vec![drafted(), WorkshopEvent::Archived], draft(vec![])), Err(Rejection::SlugTaken));
}

#[test]
fn a_revision_is_numbered_after_the_one_before() {
    assert_eq!(when(vec![drafted()], revise(BY_ADA, 'b')), Ok(vec![revised(2, 'b')]));
    assert_eq!(when(vec![drafted(), revised(2, 'b')], revise(BY_ADA, 'a')), Ok(vec![revised(3, 'a')]));
}

#[test]
fn the_same_content_again_is_no_revision() {
    assert_eq!(when(vec![drafted()], revise(BY_ADA, 'a')), Ok(vec![]));
}

#[test]
fn a_revision_with_defects_is_refused() {
    let command = WorkshopCommand::Revise { by: BY_ADA, edition: edition('b'), defects: vec![defect()] };
    assert_eq!(when(vec![drafted()], command), Err(Rejection::Defective(vec![defect()])));
}

#[test]
fn versions_count_from_one_and_carry_the_draft() {
    assert_eq!(when(vec![drafted()], publish(BY_ADA, 'a')), Ok(vec![published(1, 'a')]));
    let history = vec![drafted(), published(1, 'a'), revised(2, 'b')];
    assert_eq!(when(history, publish(BY_ADA, 'b')), Ok(vec![published(2, 'b')]));
}

#[test]
fn a_draft_that_is_published_already_is_refused() {
    assert_eq!(when(vec![drafted(), published(1, 'a')], publish(BY_ADA, 'a')), Err(Rejection::NothingToPublish));
    let revised_and_back = vec![drafted(), published(1, 'a'), revised(2, 'b'), revised(3, 'a')];
    assert_eq!(when(revised_and_back, publish(BY_ADA, 'a')), Err(Rejection::NothingToPublish));
}

#[test]
fn an_earlier_version_may_be_published_again_as_a_new_one() {
    let history = vec![drafted(), published(1, 'a'), revised(2, 'b'), published(2, 'b'), revised(3, 'a')];
    assert_eq!(when(history, publish(BY_ADA, 'a')), Ok(vec![published(3, 'a')]));
}

#[test]
fn content_that_was_looked_through_before_a_revision_is_not_published() {
    let refused = when(vec![drafted(), revised(2, 'b')], publish(BY_ADA, 'a')).expect_err("the draft is another by now");
    let Rejection::Defective(defects) = refused else { panic!("{refused:?}") };
    assert_eq!(defects.iter().map(|defect| defect.path.as_str()).collect::<Vec<_>>(), ["content"]);
}

#[test]
fn a_version_with_defects_is_refused() {
    let command = WorkshopCommand::Publish { by: BY_ADA, content: digest('a'), defects: vec![defect()] };
    assert_eq!(when(vec![drafted()], command), Err(Rejection::Defective(vec![defect()])));
}

#[test]
fn an_archived_workshop_does_not_change_and_archiving_it_again_is_no_mistake() {
    assert_eq!(when(vec![drafted()], archive(BY_ADA)), Ok(vec![WorkshopEvent::Archived]));
    for by in [BY_ADA, Editor::Manager] {
        let archived = || vec![drafted(), published(1, 'a'), WorkshopEvent::Archived];
        assert_eq!(when(archived(), archive(by)), Ok(vec![]));
        assert_eq!(when(archived(), revise(by, 'b')), Err(Rejection::Archived));
        assert_eq!(when(archived(), publish(by, 'a')), Err(Rejection::Archived));
    }
}

#[test]
fn somebody_elses_workshop_looks_like_none_whether_live_or_archived() {
    for history in [vec![], vec![drafted()], vec![drafted(), WorkshopEvent::Archived]] {
        for command in [revise(BY_BOB, 'b'), publish(BY_BOB, 'a'), archive(BY_BOB)] {
            assert_eq!(when(history.clone(), command), Err(Rejection::NotFound), "after {} events", history.len());
        }
    }
}

#[test]
fn a_manager_changes_anybodys_workshop_but_none_that_is_not_there() {
    assert_eq!(when(vec![drafted()], revise(Editor::Manager, 'b')), Ok(vec![revised(2, 'b')]));
    assert_eq!(when(vec![drafted()], publish(Editor::Manager, 'a')), Ok(vec![published(1, 'a')]));
    assert_eq!(when(vec![drafted()], archive(Editor::Manager)), Ok(vec![WorkshopEvent::Archived]));
    for command in [revise(Editor::Manager, 'b'), publish(Editor::Manager, 'a'), archive(Editor::Manager)] {
        assert_eq!(when(vec![], command), Err(Rejection::NotFound));
    }
}
