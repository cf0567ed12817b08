use uuid::Uuid;

use super::{Device, Factors, Method, Proof, Rejection, SignIn, SignInCommand, SignInEvent, UserAgent};
use crate::{
    Decider, given,
    kernel::{AccountId, Personal, Timestamp},
};

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const BOB: AccountId = AccountId(Uuid::from_u128(2));
const OPENED: SignInEvent = SignInEvent::opened(ADA);
const LONGEST: Timestamp = Timestamp::UNIX_EPOCH;
const CLOSED: SignInEvent = SignInEvent::Closed { account: ADA };

fn open() -> SignInCommand {
    SignInCommand::Open { account: ADA, epoch: 0, device: Device::default(), proof: None, method: None, until: LONGEST }
}

fn when(history: &[SignInEvent], command: SignInCommand) -> Result<Vec<SignInEvent>, Rejection> {
    given::<SignIn>(history.to_vec()).decide(command, Timestamp::UNIX_EPOCH)
}

#[test]
fn signing_in_opens_and_signing_out_closes() {
    let SignInEvent::Opened { account, until, .. } = when(&[], open()).expect("opened").remove(0) else { panic!("another event") };
    assert_eq!((account, until), (ADA, Some(LONGEST)));
    assert_eq!(when(&[OPENED], SignInCommand::Close), Ok(vec![CLOSED]));
}

#[test]
fn it_is_known_from_where_somebody_signed_in() {
    let user_agent = UserAgent::of("curl/8").map(|agent| Personal::new(ADA, agent));
    let address = Some(Personal::new(ADA, "192.0.2.1".to_owned()));
    let device = Device { user_agent: user_agent.clone(), address: address.clone() };
    let opened = when(&[], SignInCommand::Open { account: ADA, epoch: 3, device, proof: None, method: None, until: LONGEST });
    let until = Some(LONGEST);
    assert_eq!(opened, Ok(vec![SignInEvent::Opened { account: ADA, epoch: 3, user_agent, address, proof: None, method: None, until }]));
}

#[test]
fn whoever_has_it_shows_who_they_are_by_opening_it_and_again() {
    let proof = |seconds| Proof { until: Timestamp::from_timestamp(seconds, 0).expect("a time"), second_factor: true };
    let open =
        SignInCommand::Open { account: ADA, epoch: 0, device: Device::default(), proof: Some(proof(1)), method: None, until: LONGEST };
    let opened = when(&[], open).expect("accepted");
    assert!(matches!(given::<SignIn>(opened.clone()), SignIn::Open { proof: Some(found), .. } if found == proof(1)));
    let prove = || SignInCommand::Prove { proof: proof(2), method: Method::Password };
    let proven = SignInEvent::Proven { account: ADA, proof: proof(2), method: Some(Method::Password) };
    assert_eq!(when(&opened, prove()), Ok(vec![proven.clone()]));
    assert!(matches!(given::<SignIn>([opened, vec![proven]].concat()), SignIn::Open { proof: Some(found), .. } if found == proof(2)));
    for history in [&[][..], &[OPENED, CLOSED]] {
        assert_eq!(when(history, prove()), Err(Rejection::DeviceNotFound));
    }
}

#[test]
fn it_is_known_whether_a_passkey_was_shown_at_first_or_since() {
    let proof = Proof { until: Timestamp::UNIX_EPOCH, second_factor: true };
    let proven = |method| SignInEvent::Proven { account: ADA, proof, method: Some(method) };
    let opened = |method| SignInEvent::Opened { account: ADA, epoch: 0, user_agent: None, address: None, proof: None, method, until: None };
    let shown = |history: &[SignInEvent]| {
        matches!(given::<SignIn>(history.to_vec()), SignIn::Open { shown: Factors { passkey: true, code: false }, .. })
    };
    assert!(shown(&[opened(Some(Method::Passkey))]));
    assert!(shown(&[opened(Some(Method::Password)), proven(Method::Passkey)]));
    assert!(!shown(&[opened(Some(Method::Password)), proven(Method::Password)]));
    assert!(!shown(&[opened(None)]));
}

#[test]
fn it_is_known_whether_a_code_was_shown_at_first_or_since() {
    let proof = |second_factor| Some(Proof { until: Timestamp::UNIX_EPOCH, second_factor });
    let opened =
        |proof, method| SignInEvent::Opened { account: ADA, epoch: 0, user_agent: None, address: None, proof, method, until: None };
    let proven = |second_factor, method| {
        let proof = Proof { until: Timestamp::UNIX_EPOCH, second_factor };
        SignInEvent::Proven { account: ADA, proof, method }
    };
    let (password, passkey) = (Some(Method::Password), Some(Method::Passkey));
    let shown = |history: Vec<SignInEvent>| match given::<SignIn>(history) {
        SignIn::Open { shown, .. } => shown,
        SignIn::Absent | SignIn::Closed { .. } => panic!("closed"),
    };
    let (code, nothing) = (Factors { code: true, passkey: false }, Factors::default());
    assert_eq!(shown(vec![opened(proof(true), password.clone())]), code);
    assert_eq!(shown(vec![opened(proof(true), None)]), code, "by a build that did not say by what");
    assert_eq!(shown(vec![opened(proof(false), password.clone())]), nothing);
    assert_eq!(shown(vec![opened(None, password.clone())]), nothing);
    assert_eq!(shown(vec![opened(None, None)]), nothing, "by a build that kept no proof");
    let later = vec![opened(proof(false), password.clone()), proven(true, password.clone())];
    assert_eq!(shown(later.clone()), code);
    assert_eq!(shown([later, vec![proven(false, password.clone())]].concat()), code, "it is not forgotten");
    let both = Factors { code: true, passkey: true };
    assert_eq!(shown(vec![opened(proof(true), password), proven(true, passkey.clone())]), both);
    assert_eq!(shown(vec![opened(proof(true), passkey), proven(true, None)]), both);
}

#[test]
fn ending_it_twice_is_no_mistake() {
    for command in [SignInCommand::Close, SignInCommand::Revoke { by: ADA }, SignInCommand::Reused { generation: 1 }] {
        assert_eq!(when(&[OPENED, CLOSED], command), Ok(vec![]));
    }
}

#[test]
fn a_sign_in_is_opened_once_and_never_reopened() {
    assert_eq!(when(&[OPENED], open()), Err(Rejection::NotFound));
    assert_eq!(when(&[OPENED, CLOSED], open()), Err(Rejection::NotFound));
}

#[test]
fn its_owner_revokes_it_and_nobody_else_sees_it() {
    let revoked = SignInEvent::Revoked { account: ADA };
    assert_eq!(when(&[OPENED], SignInCommand::Revoke { by: ADA }), Ok(vec![revoked, CLOSED]));
    for history in [&[][..], &[OPENED], &[OPENED, CLOSED]] {
        assert_eq!(when(history, SignInCommand::Revoke { by: BOB }), Err(Rejection::DeviceNotFound));
    }
}

#[test]
fn a_used_token_that_comes_again_closes_it_and_is_remembered() {
    let reused = SignInEvent::TokenReused { account: ADA, generation: 4 };
    assert_eq!(when(&[OPENED], SignInCommand::Reused { generation: 4 }), Ok(vec![reused, CLOSED]));
}

#[test]
fn a_sign_in_that_is_not_there_cannot_be_closed() {
    assert_eq!(when(&[], SignInCommand::Close), Err(Rejection::NotFound));
    assert_eq!(when(&[], SignInCommand::Reused { generation: 1 }), Err(Rejection::NotFound));
}
