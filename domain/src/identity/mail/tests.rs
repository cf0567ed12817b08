use uuid::Uuid;

use super::*;
use crate::{given, kernel::AccountId};

const FAILURE: Failure = Failure::Reply(451);

fn letter() -> Letter {
    let to = Personal::new(AccountId(Uuid::from_u128(1)), Email::try_new("ada@example.org").expect("an address"));
    Letter::of(to, Occasion::PasswordChanged, Language::En, Timestamp::UNIX_EPOCH)
}

fn queued() -> MailEvent {
    MailEvent::Queued(letter())
}

fn fail(permanent: bool) -> MailCommand {
    MailCommand::Fail { failure: FAILURE, permanent }
}

fn when(history: &[MailEvent], command: MailCommand) -> Result<Vec<MailEvent>, Rejection> {
    given::<Mail>(history.to_vec()).decide(command, Timestamp::UNIX_EPOCH)
}

#[test]
fn a_mail_is_queued_once_and_sent_once() {
    assert_eq!(when(&[], MailCommand::Queue(letter())), Ok(vec![queued()]));
    assert_eq!(when(&[queued()], MailCommand::Queue(letter())), Ok(vec![]));
    assert_eq!(when(&[queued()], MailCommand::Sent), Ok(vec![MailEvent::Sent { attempts: 1 }]));
    let sent = [queued(), MailEvent::Sent { attempts: 1 }];
    for command in [MailCommand::Sent, fail(true), fail(false), MailCommand::Drop(Needless::Erased), MailCommand::Queue(letter())] {
        assert_eq!(when(&sent, command), Ok(vec![]));
    }
    assert_eq!(when(&[], MailCommand::Sent), Err(Rejection::MailNotFound));
}

#[test]
fn waits_grow_up_to_four_hours_and_after_fourteen_tries_an_operator_is_waited_for() {
    let mut history = vec![queued()];
    let mut waits = Vec::new();
    for _ in 0..13 {
        let events = when(&history, fail(false)).expect("decided");
        let [MailEvent::Deferred { until, failure: FAILURE, .. }] = events[..] else { panic!("{events:?}") };
        waits.push((until - Timestamp::UNIX_EPOCH).num_minutes());
        history.extend(events);
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240, 240, 240]);
    assert_eq!(when(&history, fail(false)), Ok(vec![MailEvent::Parked { failure: FAILURE, attempts: 14 }]));
}

#[test]
fn a_permanent_refusal_waits_for_an_operator_at_once() {
    let parked = MailEvent::Parked { failure: FAILURE, attempts: 1 };
    assert_eq!(when(&[queued()], fail(true)), Ok(vec![parked.clone()]));
    assert_eq!(when(&[queued(), parked.clone()], MailCommand::Requeue), Ok(vec![MailEvent::Requeued {}]));
    assert_eq!(when(&[queued(), parked.clone()], fail(true)), Ok(vec![]));
    let again = [queued(), parked, MailEvent::Requeued {}];
    let first = MailEvent::Deferred { failure: FAILURE, attempts: 1, until: Timestamp::UNIX_EPOCH + TimeDelta::minutes(1) };
    assert_eq!(when(&again, fail(false)), Ok(vec![first]), "it is counted anew");
}

#[test]
fn what_was_not_set_aside_is_not_queued_again() {
    assert_eq!(when(&[queued()], MailCommand::Requeue), Err(Rejection::MailNotParked));
    assert_eq!(when(&[queued(), MailEvent::Sent { attempts: 1 }], MailCommand::Requeue), Err(Rejection::MailNotParked));
    assert_eq!(when(&[], MailCommand::Requeue), Err(Rejection::MailNotFound));
}

#[test]
fn a_mail_of_no_use_is_dropped_wherever_it_waits() {
    let dropped = || MailCommand::Drop(Needless::Outdated);
    let event = vec![MailEvent::Dropped { because: Needless::Outdated }];
    assert_eq!(when(&[queued()], dropped()), Ok(event.clone()));
    assert_eq!(when(&[queued(), MailEvent::Parked { failure: FAILURE, attempts: 1 }], dropped()), Ok(event));
}
