use uuid::Uuid;

use super::{Digest, EnvironmentId, Pool, PoolCommand as Do, PoolEvent as Did, Rejection};
use crate::{Decider, kernel::Timestamp};

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
