use uuid::Uuid;

use super::{Rejection, Roster, RosterCommand as Do, RosterEvent as Did};
use crate::{
    Decider,
    environments::cluster::ClusterName,
    given,
    kernel::{ClusterId, Timestamp},
};

const ONE: ClusterId = ClusterId(Uuid::from_u128(1));
const TWO: ClusterId = ClusterId(Uuid::from_u128(2));

fn name(text: &str) -> ClusterName {
    ClusterName::try_new(text).expect("a name")
}

fn named(cluster: ClusterId, text: &str) -> Did {
    Did::Named { cluster, name: name(text) }
}

const fn default(default: Option<ClusterId>, previous: Option<ClusterId>) -> Did {
    Did::DefaultChanged { default, previous }
}

/// With `one`, the default, and `two`.
fn roster() -> Roster {
    given([named(ONE, "one"), default(Some(ONE), None), named(TWO, "two")])
}

fn when(roster: &Roster, command: Do) -> Result<Vec<Did>, Rejection> {
    roster.decide(command, Timestamp::UNIX_EPOCH)
}

#[test]
fn the_first_cluster_is_the_default_until_another_is() {
    let admit = |cluster, text| Do::Admit { cluster, name: name(text) };
    assert_eq!(when(&Roster::default(), admit(ONE, "one")), Ok(vec![named(ONE, "one"), default(Some(ONE), None)]));
    let three = ClusterId(Uuid::from_u128(3));
    assert_eq!(when(&roster(), admit(three, "three")), Ok(vec![named(three, "three")]));
    assert_eq!(when(&roster(), Do::SetDefault { cluster: TWO }), Ok(vec![default(Some(TWO), Some(ONE))]));
    assert_eq!(when(&roster(), Do::SetDefault { cluster: ONE }), Ok(vec![]));
    assert_eq!(when(&roster(), Do::SetDefault { cluster: three }), Err(Rejection::ClusterNotFound));
}

#[test]
fn a_name_is_one_clusters_at_a_time() {
    let rename = |text| Do::Rename { cluster: TWO, name: name(text) };
    assert_eq!(when(&roster(), rename("one")), Err(Rejection::NameTaken));
    assert_eq!(when(&roster(), rename("two")), Ok(vec![]));
    assert_eq!(when(&roster(), rename("other")), Ok(vec![named(TWO, "other")]));
    let again = Do::Admit { cluster: ClusterId(Uuid::from_u128(3)), name: name("one") };
    assert_eq!(when(&roster(), again), Err(Rejection::NameTaken));
    let gone = given([named(ONE, "one"), named(ONE, "other")]);
    assert!(when(&gone, Do::Admit { cluster: TWO, name: name("one") }).is_ok(), "the name it had before is free");
}

#[test]
fn who_is_dismissed_leaves_name_and_default_free() {
    assert_eq!(when(&roster(), Do::Dismiss { cluster: ONE }), Ok(vec![Did::Dismissed { cluster: ONE }, default(None, Some(ONE))]));
    assert_eq!(when(&roster(), Do::Dismiss { cluster: TWO }), Ok(vec![Did::Dismissed { cluster: TWO }]));
    assert_eq!(when(&Roster::default(), Do::Dismiss { cluster: ONE }), Ok(vec![]));
    assert_eq!(when(&Roster::default(), Do::Rename { cluster: ONE, name: name("one") }), Err(Rejection::ClusterNotFound));
}
