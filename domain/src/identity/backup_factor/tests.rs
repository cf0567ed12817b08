use super::{
    BackupFactor, BackupFactorCommand as Command, BackupFactorEvent as Happened, Channel, LIFETIME, PAUSE, PhoneNumber, Rejection,
};
use crate::{
    Decider, given,
    kernel::{AccountId, Personal, Timestamp},
};
use chrono::TimeDelta;
use uuid::Uuid;

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const ONE: Uuid = Uuid::from_u128(11);
const TWO: Uuid = Uuid::from_u128(12);
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn number() -> Personal<PhoneNumber> {
    Personal::sealed(ADA, "v1.number".into())
}

fn sent(request: Uuid) -> Happened {
    Happened::Sent { account: ADA, request, channel: Channel::Email, at: NOW }
}

fn named() -> Happened {
    Happened::PhoneNamed { account: ADA, number: number(), request: ONE, at: NOW }
}

fn send(channel: Channel) -> Command {
    Command::Send { account: ADA, request: TWO, channel }
}

fn when(history: &[Happened], command: Command, after: TimeDelta) -> Result<Vec<Happened>, Rejection> {
    given::<BackupFactor>(history.to_vec()).decide(command, NOW + after)
}

#[test]
fn a_code_is_used_once_and_in_time() {
    let spend = |request| Command::Use { account: ADA, request };
    let used = Happened::Used { account: ADA, request: ONE };
    let last = LIFETIME - TimeDelta::seconds(1);
    assert_eq!(when(&[sent(ONE)], spend(ONE), last), Ok(vec![used.clone()]));
    assert_eq!(when(&[sent(ONE)], spend(ONE), LIFETIME), Err(Rejection::CodeWrong), "too late");
    assert_eq!(when(&[sent(ONE), used], spend(ONE), last), Err(Rejection::CodeWrong), "a second time");
    assert_eq!(when(&[sent(ONE), sent(TWO)], spend(ONE), last), Err(Rejection::CodeWrong), "another took its place");
    assert_eq!(when(&[], spend(ONE), last), Err(Rejection::CodeWrong));
    assert_eq!(when(&[named()], spend(ONE), last), Err(Rejection::CodeWrong), "it was for something else");
}

#[test]
fn messages_go_where_the_account_is_known_to_be_reached_and_not_too_often() {
    assert_eq!(when(&[], send(Channel::Email), PAUSE).expect("by mail").len(), 1);
    assert_eq!(when(&[], send(Channel::Text), PAUSE), Err(Rejection::PhoneMissing));
    assert_eq!(when(&[named()], send(Channel::Text), PAUSE), Err(Rejection::PhoneMissing), "it was not confirmed");
    let confirmed = [named(), Happened::PhoneConfirmed { account: ADA }];
    assert_eq!(when(&confirmed, send(Channel::Text), PAUSE).expect("by text").len(), 1);
    let soon = PAUSE - TimeDelta::seconds(1);
    for channel in [Channel::Text, Channel::Email] {
        assert_eq!(when(&confirmed, send(channel), soon), Err(Rejection::CodeSentJustNow));
    }
    let name = Command::NamePhone { account: ADA, number: number(), request: TWO };
    assert_eq!(when(&[sent(ONE)], name, soon), Err(Rejection::CodeSentJustNow));
}

#[test]
fn a_telephone_is_theirs_once_its_code_came_back() {
    let confirm = |request| Command::ConfirmPhone { account: ADA, request };
    let confirmed = Happened::PhoneConfirmed { account: ADA };
    assert_eq!(when(&[named()], confirm(ONE), TimeDelta::zero()), Ok(vec![confirmed.clone()]));
    for (history, request, after) in
        [(&[named()][..], TWO, TimeDelta::zero()), (&[named()], ONE, LIFETIME), (&[sent(ONE)], ONE, TimeDelta::zero())]
    {
        assert_eq!(when(history, confirm(request), after), Err(Rejection::CodeWrong));
    }
    let state: BackupFactor = given([named(), confirmed]);
    assert_eq!((state.phone, state.named), (Some(number()), None));
}

#[test]
fn what_is_forgotten_is_good_for_nothing_and_no_reason_for_more_messages() {
    let forget = || Command::Forget { account: ADA };
    let forgotten = Happened::Forgotten { account: ADA };
    assert_eq!(when(&[], forget(), PAUSE), Ok(vec![]));
    assert_eq!(when(&[sent(ONE)], forget(), PAUSE), Ok(vec![forgotten.clone()]));
    let history = [named(), Happened::PhoneConfirmed { account: ADA }, sent(ONE), forgotten];
    assert_eq!(when(&history, forget(), PAUSE), Ok(vec![]));
    assert_eq!(when(&history, Command::Use { account: ADA, request: ONE }, TimeDelta::zero()), Err(Rejection::CodeWrong));
    assert_eq!(when(&history, send(Channel::Text), PAUSE), Err(Rejection::PhoneMissing));
    assert_eq!(when(&history, send(Channel::Email), TimeDelta::zero()), Err(Rejection::CodeSentJustNow));
}
