use uuid::Uuid;

use super::{Scorecard, ScorecardCommand, ScorecardEvent, Source};
use crate::{
    Decider, given,
    kernel::{AccountId, Points, Timestamp, WorkshopId},
};

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const WORKSHOP: WorkshopId = WorkshopId(Uuid::from_u128(2));

fn step(key: &str) -> Source {
    Source::Step { workshop: WORKSHOP, step: key.to_owned() }
}

fn awarded(source: Source, points: u32, total: u32) -> ScorecardEvent {
    ScorecardEvent::Awarded { learner: ADA, source, points: Points(points), total: Points(total) }
}

fn when(history: Vec<ScorecardEvent>, source: Source, points: u32) -> Vec<ScorecardEvent> {
    let command = ScorecardCommand::Award { learner: ADA, source, points: Points(points) };
    given::<Scorecard>(history).decide(command, Timestamp::UNIX_EPOCH).expect("an award is never turned down")
}

#[test]
fn an_award_carries_the_new_total() {
    assert_eq!(when(vec![], step("one"), 10), [awarded(step("one"), 10, 10)]);
    assert_eq!(when(vec![awarded(step("one"), 10, 10)], step("two"), 5), [awarded(step("two"), 5, 15)]);
}

#[test]
fn the_same_source_earns_once_whatever_it_is_worth_the_second_time() {
    let history = vec![awarded(step("one"), 10, 10)];
    assert_eq!(when(history.clone(), step("one"), 10), []);
    assert_eq!(when(history, step("one"), 99), []);
}

#[test]
fn a_step_its_workshop_and_the_same_key_elsewhere_are_different_sources() {
    let elsewhere = WorkshopId(Uuid::from_u128(3));
    let history = vec![awarded(step("one"), 10, 10)];
    for source in [Source::Workshop { workshop: WORKSHOP }, Source::Step { workshop: elsewhere, step: "one".to_owned() }] {
        assert_eq!(when(history.clone(), source.clone(), 5), [awarded(source, 5, 15)]);
    }
    assert_eq!((step("one").workshop(), Source::Workshop { workshop: elsewhere }.workshop()), (WORKSHOP, elsewhere));
}

#[test]
fn nothing_is_recorded_for_no_points_and_the_source_can_still_earn() {
    assert_eq!(when(vec![], step("one"), 0), []);
    assert_eq!(when(vec![], step("one"), 3), [awarded(step("one"), 3, 3)]);
}

#[test]
fn a_total_stays_at_the_top() {
    let history = vec![awarded(step("one"), u32::MAX, u32::MAX)];
    assert_eq!(when(history, step("two"), 1), [awarded(step("two"), 1, u32::MAX)]);
}
