//! Environments that are made ahead of their sessions.

use super::{Did, TeardownReason};
use super::{Do, Environment, Made, Request, SESSION, after, made, placement, request, start, started, succeed, teardown, when, wrong};
use crate::{
    environments::environment::Preparation,
    kernel::{AccountId, Digest, SessionId, Timestamp},
};
use uuid::Uuid;

fn preparation() -> Preparation {
    let Request { session, workshop, content, .. } = request();
    Preparation { session, workshop, content, expires_at: Timestamp::UNIX_EPOCH }
}

fn ready() -> Vec<Do> {
    let steps = ["home", "files"].into_iter().flat_map(|step| [start(step), succeed(step)]);
    [Do::Prepare(preparation()), Do::Place(placement())].into_iter().chain(steps).chain([Do::MarkReady]).collect()
}

fn claimed() -> impl Iterator<Item = Do> {
    ready().into_iter().chain([Do::Claim(request())])
}

#[test]
fn it_is_nobodys_until_its_session_takes_it_and_does_the_last_step_again() {
    assert_eq!(when([], Do::Prepare(preparation())), Ok(vec![Did::Prepared(preparation())]));
    assert_eq!(when(ready(), Do::Prepare(preparation())), Ok(vec![]));
    let environment = after(ready());
    assert!(environment.made().is_some_and(|made| made.request.is_nobodys()));
    assert_eq!(when(ready(), Do::Claim(request())), Ok(vec![Did::Claimed(request())]));
    let Environment::Provisioning(made) = after(claimed()) else { panic!("the last step is to be done") };
    let done = vec!["home".to_owned()];
    assert_eq!(made, Made { request: request(), placement: Some(placement()), done, open: None, claimed: true });
    assert_eq!(when(claimed(), start("home")), wrong("provisioning"));
    assert_eq!(when(claimed(), start("files")), Ok(vec![started("files", 1)]));
    let open = claimed().chain([start("files"), succeed("files")]);
    assert_eq!(when(open, Do::MarkReady), Ok(vec![Did::Ready { session: SESSION }]));
    assert_eq!(when(claimed(), Do::Request(request())), Ok(vec![]), "its session has what it asks for");
}

#[test]
fn it_is_taken_once_and_by_the_session_it_was_made_for() {
    let again = claimed().chain([start("files"), succeed("files"), Do::MarkReady]);
    assert_eq!(when(again, Do::Claim(request())), wrong("ready"));
    let preparing = [Do::Prepare(preparation()), Do::Place(placement())];
    assert_eq!(when(preparing, Do::Claim(request())), wrong("provisioning"));
    let other_session = Request { session: SessionId(Uuid::from_u128(9)), ..request() };
    let other_content = Request { content: Digest::from([9; 32]), ..request() };
    let nobody = Request { learner: AccountId(Uuid::nil()), ..request() };
    for other in [other_session, other_content, nobody] {
        assert_eq!(when(ready(), Do::Claim(other)), wrong("ready"));
    }
    assert_eq!(when(made(), Do::Claim(request())), wrong("ready"), "it was asked for by a session");
    let ended = ready().into_iter().chain([teardown(TeardownReason::NotNeeded)]);
    assert_eq!(when(ended, Do::Claim(request())), wrong("tearing_down"));
}

#[test]
fn what_is_lost_after_it_was_taken_is_its_sessions_still() {
    let Environment::Provisioning(made) = after(claimed().chain([Do::ReportLost])) else { panic!("it is made again") };
    assert_eq!(made, Made { request: request(), placement: None, done: vec![], open: None, claimed: false });
}
