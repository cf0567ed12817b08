use std::collections::BTreeSet;

use uuid::Uuid;

use super::{ErasureReason, Rejection, SecondFactor, SecondFactorCommand as Command, SecondFactorEvent as Happened};
use crate::{
    Decider, given,
    kernel::{AccountId, Personal, SignInId, Timestamp},
};

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const HERE: SignInId = SignInId(Uuid::from_u128(2));

fn codes(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|code| (*code).to_owned()).collect()
}

fn enrolled() -> Happened {
    Happened::Enrolled { account: ADA, seed: Personal::sealed(ADA, "v1.seed".into()) }
}

fn on() -> Vec<Happened> {
    let at = Some(Timestamp::UNIX_EPOCH);
    vec![enrolled(), Happened::Confirmed { account: ADA, step: 7, recovery: codes(&["a", "b"]), at, sign_in: Some(HERE) }]
}

fn when(history: &[Happened], command: Command) -> Result<Vec<Happened>, Rejection> {
    given::<SecondFactor>(history.to_vec()).decide(command, Timestamp::UNIX_EPOCH)
}

fn enroll() -> Command {
    Command::Enroll { account: ADA, seed: Personal::sealed(ADA, "v1.seed".into()) }
}

#[test]
fn it_is_on_once_a_code_was_shown() {
    assert_eq!(when(&[], enroll()), Ok(vec![enrolled()]));
    assert_eq!(when(&[enrolled()], enroll()), Ok(vec![enrolled()]), "whoever lost the seed gets another");
    let confirm = || Command::Confirm { step: 7, recovery: codes(&["a", "b"]), sign_in: HERE };
    assert_eq!(when(&[enrolled()], confirm()), Ok(vec![on().remove(1)]));
    assert_eq!(when(&[], confirm()), Err(Rejection::SecondFactorOff));
    for command in [enroll(), confirm()] {
        assert_eq!(when(&on(), command), Err(Rejection::SecondFactorOn));
    }
}

#[test]
fn it_is_known_which_sign_in_turned_it_on() {
    let elsewhere = SignInId(Uuid::from_u128(3));
    let by = |history: Vec<Happened>| [HERE, elsewhere].map(|sign_in| given::<SecondFactor>(history.clone()).was_turned_on_by(sign_in));
    assert_eq!(by(on()), [true, false]);
    assert_eq!(by(vec![enrolled()]), [false, false]);
    assert_eq!(by([on(), vec![Happened::Disabled { account: ADA }]].concat()), [false, false]);
    let again = Happened::Confirmed { account: ADA, step: 9, recovery: codes(&["c"]), at: None, sign_in: Some(elsewhere) };
    assert_eq!(by([on(), vec![Happened::Disabled { account: ADA }, enrolled(), again]].concat()), [false, true]);
    let of_an_older_build = Happened::Confirmed { account: ADA, step: 7, recovery: codes(&["a"]), at: None, sign_in: None };
    assert_eq!(by(vec![enrolled(), of_an_older_build]), [false, false]);
}

#[test]
fn each_step_is_used_once_and_none_before_it() {
    for step in [6, 7] {
        assert_eq!(when(&on(), Command::UseCode { step }), Err(Rejection::CodeWrong), "{step}");
    }
    let used = when(&on(), Command::UseCode { step: 8 }).expect("accepted");
    assert_eq!(used, [Happened::CodeUsed { account: ADA, step: 8 }]);
    let history = [on(), used].concat();
    assert_eq!(when(&history, Command::UseCode { step: 8 }), Err(Rejection::CodeWrong));
}

#[test]
fn a_recovery_code_is_used_once_until_there_are_others() {
    let spend = |digest: &str| Command::UseRecoveryCode { digest: digest.into() };
    let used = when(&on(), spend("a")).expect("accepted");
    let mut history = [on(), used].concat();
    assert_eq!(when(&history, spend("a")), Err(Rejection::CodeWrong));
    history.extend(when(&history, Command::RegenerateRecoveryCodes { recovery: codes(&["c"]) }).expect("accepted"));
    assert_eq!(when(&history, spend("b")), Err(Rejection::CodeWrong));
    assert_eq!(when(&history, spend("c")).expect("accepted").len(), 1);
}

#[test]
fn what_is_off_takes_no_code() {
    let off = [on(), when(&on(), Command::Disable).expect("accepted")].concat();
    for history in [&[][..], &[enrolled()], &off] {
        for command in [
            Command::UseCode { step: 9 },
            Command::UseRecoveryCode { digest: "a".into() },
            Command::RegenerateRecoveryCodes { recovery: codes(&[]) },
            Command::Disable,
        ] {
            assert_eq!(when(history, command), Err(Rejection::SecondFactorOff));
        }
    }
}

#[test]
fn a_short_password_never_stands_alone() {
    let change = |is_short| Command::PasswordChanges { is_short };
    for history in [&[][..], &[enrolled()]] {
        assert_eq!(when(history, change(true)), Err(Rejection::PasswordInvalid));
        assert_eq!(when(history, change(false)), Ok(vec![]));
    }
    assert_eq!(when(&on(), change(false)), Ok(vec![]));
    let short = [on(), when(&on(), change(true)).expect("accepted")].concat();
    assert_eq!(short.last(), Some(&Happened::PasswordShortened { account: ADA }));
    assert_eq!(when(&short, change(true)), Ok(vec![]));
    assert_eq!(when(&short, Command::Disable), Err(Rejection::SecondFactorNeeded));
    let long = [short.clone(), when(&short, change(false)).expect("accepted")].concat();
    assert_eq!(long.last(), Some(&Happened::PasswordLengthened { account: ADA }));
    assert_eq!(when(&long, Command::Disable), Ok(vec![Happened::Disabled { account: ADA }]));
}

#[test]
fn an_administrator_turns_off_what_another_has_lost() {
    let bob = AccountId(Uuid::from_u128(2));
    let reason = ErasureReason::try_new("lost their telephone").expect("a reason");
    let reset = |by| Command::Reset { account: ADA, by, reason: reason.clone() };
    let done = vec![Happened::Reset { account: ADA, by: Some(bob), reason: reason.clone() }];
    assert_eq!(when(&on(), reset(Some(bob))), Ok(done.clone()));
    assert_eq!(when(&on(), reset(None)).expect("by a part of the program").len(), 1);
    assert_eq!(when(&on(), reset(Some(ADA))), Err(Rejection::OwnAccount), "one's own is disabled with a proof");
    let off = [on(), done].concat();
    for history in [&[][..], &[enrolled()], &off] {
        assert_eq!(when(history, reset(Some(bob))), Err(Rejection::SecondFactorOff));
    }
    assert_eq!(when(&off, enroll()), Ok(vec![enrolled()]), "another can be set up");
    let short = [on(), when(&on(), Command::PasswordChanges { is_short: true }).expect("accepted")].concat();
    assert_eq!(when(&short, reset(Some(bob))), Err(Rejection::SecondFactorNeeded), "a short password never stands alone");
}

#[test]
fn who_takes_an_account_back_turns_off_what_was_turned_on_since() {
    let reason = ErasureReason::try_new("the address was taken back").expect("a reason");
    let (on_at, second) = (Timestamp::UNIX_EPOCH, chrono::TimeDelta::seconds(1));
    let take_back = |since| Command::TakeBack { since, reason: reason.clone() };
    let gone = vec![Happened::Reset { account: ADA, by: None, reason: reason.clone() }];
    for (since, expected) in [(on_at - second, gone.clone()), (on_at, gone), (on_at + second, vec![])] {
        assert_eq!(when(&on(), take_back(since)), Ok(expected), "{since}");
    }
    let mut of_an_older_build = on();
    of_an_older_build[1] = Happened::Confirmed { account: ADA, step: 7, recovery: codes(&["a"]), at: None, sign_in: None };
    for history in [&[][..], &[enrolled()], &of_an_older_build] {
        assert_eq!(when(history, take_back(on_at)), Ok(vec![]));
    }
}
