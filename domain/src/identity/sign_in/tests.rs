use uuid::Uuid;

use super::{Rejection, SignIn, SignInCommand, SignInEvent};
use crate::{
    Decider, given,
    kernel::{AccountId, Timestamp},
};

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const OPEN: SignInCommand = SignInCommand::Open { account: ADA };

fn when(history: &[SignInEvent], command: SignInCommand) -> Result<Vec<SignInEvent>, Rejection> {
    given::<SignIn>(history.to_vec()).decide(command, Timestamp::UNIX_EPOCH)
}

#[test]
fn signing_in_opens_and_signing_out_closes() {
    assert_eq!(when(&[], OPEN), Ok(vec![SignInEvent::Opened { account: ADA }]));
    assert_eq!(when(&[SignInEvent::Opened { account: ADA }], SignInCommand::Close), Ok(vec![SignInEvent::Closed { account: ADA }]));
}

#[test]
fn signing_out_twice_is_no_mistake() {
    let closed = [SignInEvent::Opened { account: ADA }, SignInEvent::Closed { account: ADA }];
    assert_eq!(when(&closed, SignInCommand::Close), Ok(vec![]));
}

#[test]
fn a_sign_in_is_opened_once_and_never_reopened() {
    let opened = SignInEvent::Opened { account: ADA };
    assert_eq!(when(std::slice::from_ref(&opened), OPEN), Err(Rejection::NotFound));
    assert_eq!(when(&[opened, SignInEvent::Closed { account: ADA }], OPEN), Err(Rejection::NotFound));
}

#[test]
fn a_sign_in_that_is_not_there_cannot_be_closed() {
    assert_eq!(when(&[], SignInCommand::Close), Err(Rejection::NotFound));
}
