use chrono::TimeDelta;
use uuid::Uuid;

use super::*;
use crate::{given, kernel::AccountId};

const ADA: AccountId = AccountId(Uuid::from_u128(1));

fn sign_in(number: u128) -> SignInId {
    SignInId(Uuid::from_u128(number))
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn sighting(device: &str) -> Personal<Sighting> {
    Personal::new(ADA, Sighting { device: Some(device.into()), ..Sighting::default() })
}

/// A look at a sign-in of a number and second, on a device, after so many.
fn look(number: u8, device: &str, looks: u64) -> Look {
    let (sign_in, at) = (sign_in(number.into()), at(number.into()));
    Look { sign_in, at, sighting: sighting(device), like: None, unusual: BTreeSet::new(), too_far_from: None, looks }
}

fn seen(number: u8, device: &str) -> WhereaboutsEvent {
    WhereaboutsEvent::Seen { sign_in: sign_in(number.into()), at: at(number.into()), sighting: sighting(device) }
}

fn when(history: &[WhereaboutsEvent], look: Look) -> Vec<WhereaboutsEvent> {
    given::<Whereabouts>(history.to_vec()).decide(WhereaboutsCommand::Look(Box::new(look)), at(0)).expect("never refused")
}

#[test]
fn what_is_seen_first_is_remembered_and_what_is_alike_is_not_kept_twice() {
    assert_eq!(when(&[], look(1, "curl", 0)), [seen(1, "curl")]);
    let again = Look { like: Some(sign_in(1)), ..look(2, "curl", 1) };
    let followed = when(&[seen(1, "curl")], again);
    assert_eq!(followed, [WhereaboutsEvent::SeenAgain { sign_in: sign_in(2), at: at(2), like: sign_in(1) }]);
    let state = given::<Whereabouts>([vec![seen(1, "curl")], followed].concat());
    assert_eq!(state.seen(), [Seen { sign_in: sign_in(1), at: at(2), sighting: sighting("curl") }]);
    assert_eq!(state.looks(), 2);
}

#[test]
fn what_is_unusual_is_an_event_beside() {
    let unusual: BTreeSet<_> = [Unusual::NewDevice, Unusual::TooFar].into();
    let found = when(&[seen(1, "curl")], Look { unusual: unusual.clone(), too_far_from: Some(sign_in(1)), ..look(2, "phone", 1) });
    let (sign_in, at, too_far_from) = (sign_in(2), at(2), Some(sighting("curl")));
    let told = WhereaboutsEvent::FoundUnusual { sign_in, at, unusual, sighting: sighting("phone"), too_far_from };
    assert_eq!(found, [seen(2, "phone"), told]);
}

#[test]
fn looking_twice_or_late_or_without_knowing_all_leads_to_nothing() {
    let history = [seen(2, "curl")];
    for number in [1, 2] {
        assert_eq!(when(&history, Look { like: Some(sign_in(2)), ..look(number, "curl", 1) }), []);
    }
    assert_eq!(when(&history, look(3, "phone", 0)), [], "somebody else has looked meanwhile");
    assert_eq!(when(&history, look(3, "phone", 1)).len(), 1);
}

#[test]
fn what_was_not_seen_for_the_longest_time_is_forgotten_first() {
    let mut history: Vec<_> = (1..=64).map(|number| seen(number, &format!("device {number}"))).collect();
    history.push(WhereaboutsEvent::SeenAgain { sign_in: sign_in(100), at: at(100), like: sign_in(1) });
    history.push(seen(101, "another"));
    let state = given::<Whereabouts>(history);
    assert_eq!(state.seen().len(), MOST);
    assert!(state.is_known(sign_in(1), at(100)) && !state.is_known(sign_in(2), at(2)) && state.is_known(sign_in(3), at(3)));
}
