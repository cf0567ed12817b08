use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use domain::{
    Decider,
    gamification::scorecard::{Scorecard, ScorecardEvent, Source},
    kernel::{AccountId, Points, Timestamp, WorkshopId},
};
use proptest::prelude::*;

use super::{Board, Leaderboard, Model, Period, RankAfter, page, rank_of, total};
use crate::{
    Projections,
    fixtures::{World, catch_up, id, instant, recorded, rows, seeds::seeded},
    read_model::{ReadModel, Recorded},
};

const HERE: WorkshopId = WorkshopId(id(7));

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn awarded(learner: u128, workshop: WorkshopId, points: u32) -> ScorecardEvent {
    ScorecardEvent::Awarded {
        learner: AccountId(id(learner)),
        source: Source::Workshop { workshop },
        points: Points(points),
        total: Points(0),
    }
}

fn award_at(position: i64, at: Timestamp, learner: u128, points: u32) -> Recorded {
    Recorded { at, ..recorded(position, id(learner), awarded(learner, HERE, points)) }
}

/// The period and first day of each board over all workshops that an award at an instant counts on.
fn boards(zone: Tz, at: &str) -> BTreeMap<Period, NaiveDate> {
    let keys = Leaderboard::new(zone).keys(&award_at(1, instant(at), 1, 5));
    assert_eq!(keys.len(), 8);
    keys.into_iter().filter(|(_, _, workshop, _)| workshop.is_nil()).map(|(period, start, _, _)| (period.0, start)).collect()
}

#[test]
fn an_award_counts_on_eight_boards_and_adds_up_on_those_that_go_on() {
    let first = award_at(1, instant("2026-03-02T10:00:00Z"), 1, 5);
    let next_day = award_at(2, instant("2026-03-03T10:00:00Z"), 1, 7);
    let rows = rows(&Leaderboard::new(Tz::UTC), &[first, next_day]);
    let brief = |row: &Model| (row.period.0, row.period_start, row.workshop, row.points, row.reached);
    let board = |workshop| {
        [
            (Period::All, day("1970-01-01"), workshop, 12, 2),
            (Period::Day, day("2026-03-02"), workshop, 5, 1),
            (Period::Day, day("2026-03-03"), workshop, 7, 2),
            (Period::Week, day("2026-03-02"), workshop, 12, 2),
            (Period::Month, day("2026-03-01"), workshop, 12, 2),
        ]
    };
    let mut expected = [board(uuid::Uuid::nil()), board(HERE.0)].concat();
    expected.sort_unstable();
    assert_eq!(rows.iter().map(brief).collect::<Vec<_>>(), expected);
    assert!(rows.iter().all(|row| row.account == id(1)));
}

#[test]
fn weeks_begin_on_monday_even_across_a_year() {
    // 1 January 2027 is a Friday.
    assert_eq!(Period::Week.start(day("2027-01-01")), day("2026-12-28"));
    assert_eq!(Period::Week.start(day("2026-12-28")), day("2026-12-28"));
    assert_eq!(Period::Week.start(day("2026-12-27")), day("2026-12-21"));
    assert_eq!(Period::Month.start(day("2024-02-29")), day("2024-02-01"));
}

#[test]
fn periods_begin_at_midnight_of_the_time_zone_on_either_side_of_a_clock_change() {
    let berlin = Tz::Europe__Berlin;
    let cases = [
        // Winter, one hour ahead of UTC: Sunday ends, and with it the week, at 23:00.
        ("2026-03-22T22:59:59Z", "2026-03-22", "2026-03-16", "2026-03-01"),
        ("2026-03-22T23:00:00Z", "2026-03-23", "2026-03-23", "2026-03-01"),
        // The night in which an hour is left out: the day that follows has 23 hours.
        ("2026-03-28T22:59:59Z", "2026-03-28", "2026-03-23", "2026-03-01"),
        ("2026-03-28T23:00:00Z", "2026-03-29", "2026-03-23", "2026-03-01"),
        ("2026-03-29T21:59:59Z", "2026-03-29", "2026-03-23", "2026-03-01"),
        ("2026-03-29T22:00:00Z", "2026-03-30", "2026-03-30", "2026-03-01"),
        // Summer, two hours ahead: a month ends at 22:00.
        ("2026-03-31T21:59:59Z", "2026-03-31", "2026-03-30", "2026-03-01"),
        ("2026-03-31T22:00:00Z", "2026-04-01", "2026-03-30", "2026-04-01"),
        // The day with 25 hours.
        ("2026-10-24T22:00:00Z", "2026-10-25", "2026-10-19", "2026-10-01"),
        ("2026-10-25T22:59:59Z", "2026-10-25", "2026-10-19", "2026-10-01"),
        ("2026-10-25T23:00:00Z", "2026-10-26", "2026-10-26", "2026-10-01"),
    ];
    for (at, of_day, week, month) in cases {
        let expected = BTreeMap::from([
            (Period::All, day("1970-01-01")),
            (Period::Day, day(of_day)),
            (Period::Week, day(week)),
            (Period::Month, day(month)),
        ]);
        assert_eq!(boards(berlin, at), expected, "at {at}");
    }
    assert_eq!(boards(Tz::UTC, "2026-03-22T23:00:00Z")[&Period::Day], day("2026-03-22"));
}

/// Everything on one board, from a journal with these awards in turn.
async fn world(awards: &[(u128, u32)]) -> (World, std::sync::Arc<Projections>) {
    let world = World::new().await;
    for (learner, points) in awards {
        world.append(Scorecard::STREAM, id(*learner), &[awarded(*learner, HERE, *points)]).await;
    }
    let projections = world.open_with(vec![Box::new(Leaderboard::new(Tz::UTC))], "rows.db", 3).await;
    catch_up(&projections, world.head().await).await;
    (world, projections)
}

fn all_time(workshop: Option<WorkshopId>) -> Board {
    Board::on(Period::All, day("2026-05-05"), workshop)
}

/// Who stands where, read in pages.
async fn standings(projections: &Projections, board: &Board, first: u64) -> Vec<(u64, u128)> {
    let mut seen = Vec::new();
    let mut after: Option<RankAfter> = None;
    loop {
        let page = page(projections.db(), board, after, first).await.expect("a page");
        after = page.rows.last().map(|ranked| ranked.entry.after());
        seen.extend(page.rows.iter().map(|ranked| (ranked.rank, ranked.entry.account.as_u128())));
        if !page.more {
            return seen;
        }
    }
}

#[tokio::test]
async fn equals_rank_alike_and_who_got_there_first_is_listed_first() {
    // 2 has 20 first, then 1, then 3; 4 leads; 5 is last; 6 comes to 20 by small steps and latest.
    let awards = [(6, 5), (2, 20), (1, 10), (4, 30), (1, 10), (3, 20), (5, 1), (6, 15)];
    let (_world, projections) = world(&awards).await;
    let expected = [(1, 4), (2, 2), (2, 1), (2, 3), (2, 6), (6, 5)];
    for size in 1..=7 {
        for workshop in [None, Some(HERE)] {
            assert_eq!(standings(&projections, &all_time(workshop), size).await, expected, "in pages of {size}");
        }
    }
    for (rank, account) in expected {
        let place = rank_of(projections.db(), &all_time(None), AccountId(id(account))).await.expect("a query");
        assert_eq!(place.expect("a place").rank, rank);
    }
    assert_eq!(total(projections.db(), &all_time(None)).await.expect("a count"), 6);
}

#[tokio::test]
async fn who_earned_nothing_there_or_then_has_no_place() {
    let (_world, projections) = world(&[(1, 10)]).await;
    let elsewhere = all_time(Some(WorkshopId(id(8))));
    let long_ago = Board::on(Period::Month, day("2001-01-01"), None);
    for (board, account) in [(elsewhere, 1), (long_ago, 1), (all_time(None), 2)] {
        assert_eq!(rank_of(projections.db(), &board, AccountId(id(account))).await.expect("a query"), None);
    }
    assert_eq!(standings(&projections, &elsewhere, 5).await, []);
    assert_eq!(total(projections.db(), &long_ago).await.expect("a count"), 0);
}

#[tokio::test]
async fn a_leaderboard_is_of_the_day_it_was_recorded_on() {
    let (world, projections) = world(&[(1, 10)]).await;
    let at = world.journal.read(journal::Position(0), 1).await.expect("an event")[0].recorded_at;
    for period in Period::ALL {
        let board = Board::at(period, at, Tz::UTC, None);
        assert_eq!(standings(&projections, &board, 5).await, [(1, 1)], "{period:?}");
    }
}

/// The order and ranks as defined: more points first, then who got there first; the rank is one more than how many have more.
fn defined(awards: &[(u128, u32)]) -> Vec<(u64, u128)> {
    let mut entries: BTreeMap<u128, (u32, usize)> = BTreeMap::new();
    for (position, (learner, points)) in awards.iter().enumerate() {
        let entry = entries.entry(*learner).or_default();
        *entry = (entry.0 + points, position);
    }
    let mut order: Vec<_> = entries.iter().map(|(learner, (points, reached))| (std::cmp::Reverse(*points), *reached, *learner)).collect();
    order.sort_unstable();
    let above = |points| entries.values().filter(|(other, _)| *other > points).count() as u64;
    order.into_iter().map(|(points, _, learner)| (above(points.0) + 1, learner)).collect()
}

proptest! {
    #![proptest_config(seeded(20))]

    #[test]
    fn standings_are_as_defined_in_pages_of_any_size(awards in proptest::collection::vec((1..12_u128, 1..4_u32), 1..40), size in 1..9_u64) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let (_world, projections) = world(&awards).await;
            assert_eq!(standings(&projections, &all_time(None), size).await, defined(&awards));
        });
    }
}
