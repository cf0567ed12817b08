use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Details, Registrant, RegistrantCommand as Do, RegistrantEvent as Did, Rejection};
use crate::{
    Decider, given,
    kernel::{AccountId, Personal, RunId, Timestamp},
};

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const BOB: AccountId = AccountId(Uuid::from_u128(2));
const RUN: RunId = RunId(Uuid::from_u128(3));
const OTHER: RunId = RunId(Uuid::from_u128(4));
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn details(subject: AccountId, account: Option<AccountId>) -> Box<Details> {
    let text = |text: &str| Personal::new(subject, text.to_owned());
    let attendees = Personal::new(subject, vec!["Ada".to_owned()]);
    let answers = Personal::new(subject, BTreeMap::new());
    Box::new(Details { account, name: text("Ada"), email: text("ada@example.org"), attendees, companions: None, answers })
}

fn email() -> Personal<String> {
    Personal::new(ADA, "ada@example.org".to_owned())
}

fn registered() -> Did {
    Did::Registered { run: RUN, details: details(ADA, Some(ADA)) }
}

#[test]
fn somebody_registers_once() {
    let register = || Do::Register { run: RUN, details: details(ADA, Some(ADA)) };
    assert_eq!(Registrant::default().decide(register(), NOW), Ok(vec![registered()]));
    assert_eq!(given::<Registrant>([registered()]).decide(register(), NOW), Err(Rejection::RegistrationTaken));
}

#[test]
fn a_guest_registers_for_the_run_they_were_invited_to() {
    let invited = given::<Registrant>([Did::Invited { run: RUN, email: email() }]);
    assert_eq!(
        Registrant::default().decide(Do::Invite { run: RUN, email: email() }, NOW),
        Ok(vec![Did::Invited { run: RUN, email: email() }])
    );
    assert_eq!(invited.decide(Do::Invite { run: RUN, email: email() }, NOW), Err(Rejection::RegistrationTaken));
    let register = |run| Do::Register { run, details: details(ADA, None) };
    assert_eq!(invited.decide(register(OTHER), NOW), Err(Rejection::RegistrationNotFound));
    assert_eq!(invited.decide(register(RUN), NOW), Ok(vec![Did::Registered { run: RUN, details: details(ADA, None) }]));
}

#[test]
fn whoever_comes_instead_is_whose_it_is_from_then_on() {
    let replace = || Do::Replace { details: details(BOB, Some(BOB)) };
    assert_eq!(Registrant::default().decide(replace(), NOW), Err(Rejection::RegistrationNotFound));
    let replaced = Did::Replaced { details: details(BOB, Some(BOB)) };
    assert_eq!(given::<Registrant>([registered()]).decide(replace(), NOW), Ok(vec![replaced.clone()]));
    assert_eq!(replaced.subject(), BOB);
    let email = Personal::new(BOB, "ada@example.org".to_owned());
    let known = given::<Registrant>([registered(), replaced]);
    assert_eq!(known.reached(), Some((RUN, BOB, &email)));
    let known_as = Registrant::Known { run: RUN, subject: BOB, email: email.clone(), companions: None, is_guest: false, before: vec![] };
    assert_eq!(known, known_as, "who had an account before is no guest who had it");
}

#[test]
fn what_is_known_of_somebody_is_sealed_under_one_key() {
    let mut mixed = details(ADA, Some(ADA));
    mixed.name = Personal::new(BOB, "Bob".to_owned());
    assert_eq!(Registrant::default().decide(Do::Register { run: RUN, details: mixed }, NOW), Err(Rejection::SubjectsMixed));
    let anothers = Do::Register { run: RUN, details: details(ADA, Some(BOB)) };
    assert_eq!(Registrant::default().decide(anothers, NOW), Err(Rejection::SubjectsMixed));
}

#[test]
fn who_comes_along_goes_with_whose_it_is() {
    let along = |subject: AccountId, account: Option<AccountId>| {
        let companions = Some(Personal::new(subject, vec!["eve@example.org".to_owned()]));
        Box::new(Details { companions, ..*details(ADA, account) })
    };
    let registered = Did::Registered { run: RUN, details: along(ADA, Some(ADA)) };
    assert_eq!(registered.companions(), along(ADA, None).companions.as_ref());
    let known = given::<Registrant>([registered.clone()]);
    assert_eq!(known.companions(), registered.companions());
    assert_eq!(given::<Registrant>([registered, Did::Replaced { details: details(BOB, Some(BOB)) }]).companions(), None);
    let mixed = Do::Register { run: RUN, details: along(BOB, Some(ADA)) };
    assert_eq!(Registrant::default().decide(mixed, NOW), Err(Rejection::SubjectsMixed));
}

fn forgotten(subject: AccountId) -> Did {
    Did::Forgotten { subject }
}

#[test]
fn a_guest_is_forgotten_once_and_nobody_has_the_registration_any_more() {
    let invited = || Did::Invited { run: RUN, email: email() };
    let registered = || Did::Registered { run: RUN, details: details(ADA, None) };
    for known in [given::<Registrant>([invited()]), given::<Registrant>([invited(), registered()])] {
        assert_eq!(known.decide(Do::Forget { subject: BOB }, NOW), Err(Rejection::RegistrationNotFound));
        assert_eq!(known.decide(Do::Forget { subject: ADA }, NOW), Ok(vec![forgotten(ADA)]));
    }
    let gone = given::<Registrant>([invited(), registered(), forgotten(ADA)]);
    assert_eq!((gone.run(), gone.reached(), gone.companions(), gone.guests().count()), (Some(RUN), None, None, 0));
    assert!(gone.has_forgotten(ADA) && !gone.has_forgotten(BOB));
    for command in [
        Do::Forget { subject: ADA },
        Do::Register { run: RUN, details: details(ADA, None) },
        Do::Replace { details: details(BOB, Some(BOB)) },
        Do::Invite { run: RUN, email: email() },
    ] {
        assert_eq!(gone.decide(command, NOW), Err(Rejection::Erased));
    }
    let nobody = Registrant::default();
    assert_eq!(nobody.decide(Do::Forget { subject: ADA }, NOW), Err(Rejection::RegistrationNotFound));
    assert_eq!(given::<Registrant>([self::registered()]).decide(Do::Forget { subject: ADA }, NOW), Err(Rejection::RegistrationNotFound));
}

#[test]
fn a_guest_who_had_it_before_is_forgotten_beside_who_has_it_now() {
    let known =
        given::<Registrant>([Did::Registered { run: RUN, details: details(ADA, None) }, Did::Replaced { details: details(BOB, None) }]);
    let guests = |of: &Registrant| of.guests().map(Personal::subject).collect::<Vec<_>>();
    assert_eq!(guests(&known), [BOB, ADA]);
    assert_eq!(known.decide(Do::Forget { subject: ADA }, NOW), Ok(vec![forgotten(ADA)]));
    let mut first = known.clone();
    first.evolve(&forgotten(ADA));
    assert_eq!((guests(&first), first.reached().map(|(_, subject, _)| subject)), (vec![BOB], Some(BOB)));
    let mut last = known;
    last.evolve(&forgotten(BOB));
    assert_eq!((guests(&last), last.reached()), (vec![ADA], None));
    assert_eq!(last.decide(Do::Forget { subject: ADA }, NOW), Ok(vec![forgotten(ADA)]));
}
