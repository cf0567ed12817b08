use super::{Limits, PlanBook, PlanBookCommand, PlanBookEvent, Rejection, Revision};
use crate::{
    Decider, given,
    kernel::{Mebibytes, Plan, Timestamp},
};

const CONFIGURED: Limits = Limits { sessions: 3, storage: Mebibytes(64), runs: 5, communities: 2 };

const fn said(sessions: Option<u32>, storage: Option<u32>) -> Revision {
    let storage = match storage {
        Some(storage) => Some(Mebibytes(storage)),
        None => None,
    };
    Revision { sessions, storage, runs: None, communities: None }
}

fn revised(sessions: Option<u32>, storage: Option<u32>) -> PlanBookEvent {
    PlanBookEvent::Revised { plan: Plan::Team, revision: said(sessions, storage) }
}

fn revise(history: &[PlanBookEvent], change: Revision) -> Result<Vec<PlanBookEvent>, Rejection> {
    given::<PlanBook>(history.to_vec()).decide(PlanBookCommand::Revise { plan: Plan::Team, change }, Timestamp::UNIX_EPOCH)
}

#[test]
fn what_nobody_has_changed_is_as_configured() {
    assert_eq!(given::<PlanBook>([]).limits(Plan::Team, CONFIGURED), CONFIGURED);
    let book = given::<PlanBook>([revised(Some(7), None)]);
    assert_eq!(book.limits(Plan::Team, CONFIGURED), Limits { sessions: 7, ..CONFIGURED });
    assert_eq!(book.limits(Plan::Free, CONFIGURED), CONFIGURED, "another plan");
}

#[test]
fn what_is_left_out_of_a_change_stays() {
    assert_eq!(revise(&[], said(Some(7), None)), Ok(vec![revised(Some(7), None)]));
    assert_eq!(revise(&[revised(Some(7), None)], said(None, Some(1))), Ok(vec![revised(Some(7), Some(1))]));
    assert_eq!(revise(&[revised(Some(7), Some(1))], said(Some(0), None)), Ok(vec![revised(Some(0), Some(1))]));
}

#[test]
fn the_same_again_changes_nothing() {
    assert_eq!(revise(&[], said(None, None)), Ok(vec![]));
    assert_eq!(revise(&[revised(Some(7), Some(1))], said(Some(7), None)), Ok(vec![]));
}

#[test]
fn a_plan_allows_only_so_much() {
    let (sessions, storage) = (PlanBook::MOST_SESSIONS, PlanBook::MOST_STORAGE.0);
    assert_eq!(revise(&[], said(Some(sessions), Some(storage))), Ok(vec![revised(Some(sessions), Some(storage))]));
    assert_eq!(revise(&[], said(Some(sessions + 1), None)), Err(Rejection::PlanSessionsInvalid));
    assert_eq!(revise(&[], said(None, Some(storage + 1))), Err(Rejection::PlanStorageInvalid));
    assert_eq!(revise(&[], of_runs(PlanBook::MOST_RUNS)).map(|events| events.len()), Ok(1));
    assert_eq!(revise(&[], of_runs(PlanBook::MOST_RUNS + 1)), Err(Rejection::PlanRunsInvalid));
    assert_eq!(revise(&[], of_communities(PlanBook::MOST_COMMUNITIES)).map(|events| events.len()), Ok(1));
    assert_eq!(revise(&[], of_communities(PlanBook::MOST_COMMUNITIES + 1)), Err(Rejection::PlanCommunitiesInvalid));
}

const fn of_runs(runs: u32) -> Revision {
    Revision { sessions: None, storage: None, runs: Some(runs), communities: None }
}

const fn of_communities(communities: u32) -> Revision {
    Revision { sessions: None, storage: None, runs: None, communities: Some(communities) }
}

#[test]
fn communities_are_said_beside_what_was_said_before() {
    let both = Revision { sessions: Some(7), ..of_communities(1) };
    let event = PlanBookEvent::Revised { plan: Plan::Team, revision: both };
    assert_eq!(revise(&[revised(Some(7), None)], of_communities(1)), Ok(vec![event.clone()]));
    assert_eq!(given::<PlanBook>([event]).limits(Plan::Team, CONFIGURED), Limits { sessions: 7, communities: 1, ..CONFIGURED });
}

#[test]
fn runs_are_said_beside_what_was_said_before() {
    let both = Revision { sessions: Some(7), ..of_runs(2) };
    let event = PlanBookEvent::Revised { plan: Plan::Team, revision: both };
    assert_eq!(revise(&[revised(Some(7), None)], of_runs(2)), Ok(vec![event.clone()]));
    assert_eq!(given::<PlanBook>([event]).limits(Plan::Team, CONFIGURED), Limits { sessions: 7, runs: 2, ..CONFIGURED });
}
