use uuid::Uuid;

use super::{Digest, EnvironmentId, Pool, PoolCommand as Do, PoolEvent as Did, Rejection};
use crate::{
    Decider,
    kernel::{RunId, Timestamp},
};

const ONE: EnvironmentId = EnvironmentId(Uuid::from_u128(1));
const TWO: EnvironmentId = EnvironmentId(Uuid::from_u128(2));

fn content() -> Digest {
    Digest::from([7; 32])
}

fn stocked(environment: EnvironmentId) -> Did {
    Did::Stocked { environment, content: content() }
}

fn stock(environment: EnvironmentId, most: u32) -> Do {
    Do::Stock { environment, content: content(), most }
}

fn when<const N: usize>(history: [Did; N], command: Do) -> Result<Vec<Did>, Rejection> {
    let mut pool = Pool::default();
    for event in history {
        pool.evolve(&event);
    }
    pool.decide(command, Timestamp::UNIX_EPOCH)
}

#[test]
fn how_many_are_reserved_is_said_once_and_within_bounds() {
    assert_eq!(when([], Do::Reserve { count: 3 }), Ok(vec![Did::Reserved { count: 3, previous: 0 }]));
    assert_eq!(when([Did::Reserved { count: 3, previous: 0 }], Do::Reserve { count: 3 }), Ok(vec![]));
    assert_eq!(when([], Do::Reserve { count: Pool::MOST + 1 }), Err(Rejection::PoolTooLarge { most: Pool::MOST }));
}

#[test]
fn what_runs_need_for_a_while_comes_on_top_of_what_is_reserved() {
    let (first, second) = (RunId(Uuid::from_u128(7)), RunId(Uuid::from_u128(8)));
    let need = |run, count| Do::Need { run, count };
    let needed = |run, count, total| Did::Needed { run, count, total };
    assert_eq!(when([], need(first, 12)), Ok(vec![needed(first, 12, 12)]));
    assert_eq!(when([], need(first, 0)), Ok(vec![]), "none were needed");
    assert_eq!(when([needed(first, 12, 12)], need(first, 12)), Ok(vec![]), "the same again");
    assert_eq!(when([needed(first, 12, 12)], need(second, 5)), Ok(vec![needed(second, 5, 17)]));
    assert_eq!(when([needed(first, 12, 12), needed(second, 5, 17)], need(first, 3)), Ok(vec![needed(first, 3, 8)]));
    let mut pool = Pool::default();
    let mut wanted = vec![];
    for event in [Did::Reserved { count: 2, previous: 0 }, needed(first, 12, 12), needed(second, 5, 17), needed(first, 0, 5)] {
        pool.evolve(&event);
        wanted.push(pool.wanted());
    }
    assert_eq!((wanted, pool.reserved()), (vec![2, 14, 19, 7], 2));
}

#[test]
fn no_more_are_made_than_may_be() {
    assert_eq!(when([], stock(ONE, 1)), Ok(vec![stocked(ONE)]));
    assert_eq!(when([stocked(ONE)], stock(ONE, 1)), Ok(vec![]), "the same again");
    assert_eq!(when([stocked(ONE)], stock(TWO, 1)), Err(Rejection::PoolFull));
    assert_eq!(when([stocked(ONE), Did::Claimed { environment: ONE }], stock(TWO, 1)), Ok(vec![stocked(TWO)]));
}

#[test]
fn one_is_taken_once() {
    assert_eq!(when([stocked(ONE)], Do::Claim { environment: ONE }), Ok(vec![Did::Claimed { environment: ONE }]));
    assert_eq!(when([stocked(ONE), Did::Claimed { environment: ONE }], Do::Claim { environment: ONE }), Err(Rejection::NotInPool));
    assert_eq!(when([stocked(ONE), Did::Dropped { environment: ONE }], Do::Claim { environment: ONE }), Err(Rejection::NotInPool));
}

#[test]
fn what_is_not_to_be_had_any_more_is_dropped_once() {
    assert_eq!(when([stocked(ONE)], Do::Drop { environment: ONE }), Ok(vec![Did::Dropped { environment: ONE }]));
    assert_eq!(when([], Do::Drop { environment: ONE }), Ok(vec![]));
}

#[test]
fn the_oldest_is_first() {
    let mut pool = Pool::default();
    for environment in [TWO, ONE] {
        pool.evolve(&stocked(environment));
    }
    assert_eq!(pool.members().map(|(environment, _)| environment).collect::<Vec<_>>(), [ONE, TWO]);
}
