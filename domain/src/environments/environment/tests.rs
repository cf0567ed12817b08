mod ahead;

use uuid::Uuid;

use super::{
    Attempt, Environment, EnvironmentCommand as Do, EnvironmentEvent as Did, Failure, Made, Placement, Rejection, Request, TeardownReason,
};
use crate::{
    Decider,
    kernel::{AccountId, Digest, SessionId, Timestamp, WorkshopId},
};

const SESSION: SessionId = SessionId(Uuid::from_u128(1));

fn request() -> Request {
    Request {
        session: SESSION,
        learner: AccountId(Uuid::from_u128(2)),
        workshop: WorkshopId(Uuid::from_u128(3)),
        content: Digest::try_from("0".repeat(64)).expect("64 digits"),
        expires_at: Timestamp::UNIX_EPOCH,
    }
}

fn placement() -> Placement {
    Placement { driver: "sandbox".to_owned(), node: "here".to_owned(), reason: "the only one".to_owned() }
}

fn start(step: &str) -> Do {
    Do::StartStep { step: step.to_owned() }
}

fn succeed(step: &str) -> Do {
    Do::SucceedStep { step: step.to_owned() }
}

fn fail(step: &str) -> Do {
    Do::FailStep { step: step.to_owned(), failure: Failure::Transient, reason: "no answer".to_owned() }
}

const fn teardown(reason: TeardownReason) -> Do {
    Do::BeginTeardown { reason }
}

fn stuck() -> Do {
    Do::GetStuck { reason: "busy".to_owned() }
}

fn started(step: &str, attempt: u32) -> Did {
    Did::StepStarted { step: step.to_owned(), attempt }
}

/// Makes a command.
type Command = fn() -> Do;

/// An environment for which these commands were accepted and did something.
fn after(commands: impl IntoIterator<Item = Do>) -> Environment {
    commands.into_iter().fold(Environment::Absent, |mut environment, command| {
        let events = environment.decide(command, Timestamp::UNIX_EPOCH).expect("a command that is accepted");
        assert!(!events.is_empty(), "a command that does something");
        for event in &events {
            environment.evolve(event);
        }
        environment
    })
}

/// Placed, and then these.
fn placed_and<const N: usize>(commands: [Do; N]) -> Vec<Do> {
    [Do::Request(request()), Do::Place(placement())].into_iter().chain(commands).collect()
}

fn made() -> Vec<Do> {
    placed_and([start("home"), succeed("home"), Do::MarkReady])
}

fn torn_down() -> Vec<Do> {
    made().into_iter().chain([teardown(TeardownReason::SessionFinished), Do::FinishTeardown]).collect()
}

fn got_stuck() -> Vec<Do> {
    made().into_iter().chain([teardown(TeardownReason::SessionExpired), stuck()]).collect()
}

fn when(history: impl IntoIterator<Item = Do>, command: Do) -> Result<Vec<Did>, Rejection> {
    after(history).decide(command, Timestamp::UNIX_EPOCH)
}

fn wrong(state: &str) -> Result<Vec<Did>, Rejection> {
    Err(Rejection::WrongState { state: state.to_owned() })
}

#[test]
fn an_environment_is_asked_for_once_and_asking_again_is_no_mistake() {
    assert_eq!(when([], Do::Request(request())), Ok(vec![Did::Requested(request())]));
    for history in [vec![Do::Request(request())], made(), torn_down(), got_stuck()] {
        assert_eq!(when(history, Do::Request(request())), Ok(vec![]));
    }
}

#[test]
fn an_environment_is_placed_once() {
    assert_eq!(when([Do::Request(request())], Do::Place(placement())), Ok(vec![Did::Placed(placement())]));
    assert_eq!(when(placed_and([]), Do::Place(placement())), wrong("provisioning"));
}

#[test]
fn a_step_is_started_before_it_runs_and_each_try_is_counted() {
    assert_eq!(when(placed_and([]), start("home")), Ok(vec![started("home", 1)]));
    let retried = || placed_and([start("home"), fail("home")]);
    assert_eq!(when(retried(), start("home")), Ok(vec![started("home", 2)]));
    assert_eq!(
        when(retried().into_iter().chain([start("home")]), start("home")),
        Ok(vec![started("home", 3)]),
        "a crash leaves no outcome"
    );
}

#[test]
fn a_step_is_not_started_before_there_is_a_place_for_it() {
    assert_eq!(when([Do::Request(request())], start("home")), wrong("provisioning"));
}

#[test]
fn a_step_whose_outcome_is_open_is_not_forgotten_for_another() {
    let open = || placed_and([start("home")]);
    assert_eq!(when(open(), start("files")), wrong("provisioning"));
    assert_eq!(when(open().into_iter().chain([fail("home")]), start("files")), wrong("provisioning"), "it may have run in part");
    assert_eq!(when(open().into_iter().chain([succeed("home")]), start("files")), Ok(vec![started("files", 1)]));
}

#[test]
fn a_step_that_succeeded_is_not_run_again() {
    assert_eq!(when(placed_and([start("home"), succeed("home")]), start("home")), wrong("provisioning"));
}

#[test]
fn the_outcome_of_a_step_names_its_attempt() {
    let second = || placed_and([start("home"), fail("home"), start("home")]);
    assert_eq!(when(second(), succeed("home")), Ok(vec![Did::StepSucceeded { step: "home".to_owned(), attempt: 2 }]));
    let failed = Did::StepFailed { step: "home".to_owned(), attempt: 2, failure: Failure::Transient, reason: "no answer".to_owned() };
    assert_eq!(when(second(), fail("home")), Ok(vec![failed]));
}

#[test]
fn a_step_that_was_not_started_has_no_outcome() {
    let histories = [placed_and([]), placed_and([start("home")]), placed_and([start("files"), succeed("files")])];
    for history in histories {
        let environment = after(history);
        for command in [succeed("files"), fail("files")] {
            assert_eq!(environment.decide(command, Timestamp::UNIX_EPOCH), wrong("provisioning"));
        }
    }
}

#[test]
fn a_failed_step_stays_open_with_what_was_done_before_it_so_that_both_are_undone() {
    let failing = [start("home"), succeed("home"), start("files"), fail("files"), teardown(TeardownReason::ProvisioningFailed)];
    let Environment::TearingDown(made, reason) = after(placed_and(failing)) else { panic!("a teardown has begun") };
    let open = Some(Attempt { step: "files".to_owned(), attempt: 1 });
    assert_eq!(made, Made { request: request(), placement: Some(placement()), done: vec!["home".to_owned()], open, claimed: false });
    assert_eq!(reason, TeardownReason::ProvisioningFailed);
}

#[test]
fn an_environment_is_ready_once_it_is_placed_and_no_step_is_open() {
    assert_eq!(when(placed_and([start("home"), succeed("home")]), Do::MarkReady), Ok(vec![Did::Ready { session: SESSION }]));
    assert_eq!(when(placed_and([start("home")]), Do::MarkReady), wrong("provisioning"));
    assert_eq!(when(placed_and([start("home"), fail("home")]), Do::MarkReady), wrong("provisioning"));
    assert_eq!(when([Do::Request(request())], Do::MarkReady), wrong("provisioning"));
    assert_eq!(when(made(), Do::MarkReady), wrong("ready"));
}

#[test]
fn an_environment_that_was_lost_is_placed_and_made_again() {
    assert_eq!(when(made(), Do::ReportLost), Ok(vec![Did::Lost { session: SESSION }]));
    let lost = || made().into_iter().chain([Do::ReportLost]);
    let Environment::Provisioning(nothing) = after(lost()) else { panic!("it is being made again") };
    assert_eq!(nothing, Made { request: request(), placement: None, done: vec![], open: None, claimed: false });
    assert_eq!(when(lost().chain([Do::Place(placement())]), start("home")), Ok(vec![started("home", 1)]));
}

#[test]
fn only_an_environment_that_is_somewhere_can_be_lost() {
    assert_eq!(when(placed_and([]), Do::ReportLost), Ok(vec![Did::Lost { session: SESSION }]));
    assert_eq!(when([Do::Request(request())], Do::ReportLost), wrong("provisioning"));
    assert_eq!(when(torn_down(), Do::ReportLost), wrong("torn_down"));
    assert_eq!(when(got_stuck(), Do::ReportLost), wrong("stuck"));
}

#[test]
fn a_teardown_begins_wherever_making_it_stands() {
    let reason = TeardownReason::SessionAbandoned;
    for history in [vec![Do::Request(request())], placed_and([start("home")]), made()] {
        assert_eq!(when(history, teardown(reason)), Ok(vec![Did::TeardownStarted { session: SESSION, reason }]));
    }
}

#[test]
fn a_teardown_begins_and_ends_once_for_its_first_reason() {
    let reason = TeardownReason::SessionAbandoned;
    let begun = || made().into_iter().chain([teardown(reason)]);
    assert_eq!(when(begun(), teardown(TeardownReason::SessionExpired)), Ok(vec![]));
    assert_eq!(when(begun(), Do::FinishTeardown), Ok(vec![Did::TornDown { session: SESSION, reason }]));
    assert_eq!(when(torn_down(), Do::FinishTeardown), Ok(vec![]));
    assert_eq!(when(torn_down(), teardown(reason)), Ok(vec![]));
    assert_eq!(when(got_stuck(), teardown(reason)), Ok(vec![]));
}

#[test]
fn a_teardown_that_fails_for_good_waits_for_an_operator_and_is_tried_again() {
    let reason = TeardownReason::SessionExpired;
    let begun = made().into_iter().chain([teardown(reason)]);
    assert_eq!(when(begun, stuck()), Ok(vec![Did::Stuck { session: SESSION, reason: "busy".to_owned() }]));
    assert_eq!(when(got_stuck(), Do::FinishTeardown), wrong("stuck"));
    assert_eq!(when(got_stuck(), Do::Resolve), Ok(vec![Did::Resolved]));
    let resolved = got_stuck().into_iter().chain([Do::Resolve]);
    assert_eq!(when(resolved, Do::FinishTeardown), Ok(vec![Did::TornDown { session: SESSION, reason }]));
}

#[test]
fn a_stuck_environment_is_taken_for_gone_if_an_operator_says_so() {
    let reason = TeardownReason::SessionExpired;
    assert_eq!(when(got_stuck(), Do::Skip), Ok(vec![Did::Skipped { session: SESSION, reason }]));
    let skipped = || got_stuck().into_iter().chain([Do::Skip]);
    assert_eq!(after(skipped()).state(), "torn_down");
    for done in [Do::Skip, Do::FinishTeardown, teardown(TeardownReason::Forced)] {
        assert_eq!(when(skipped(), done), Ok(vec![]));
    }
    assert_eq!(when(skipped(), Do::Resolve), wrong("torn_down"));
}

#[test]
fn an_operator_who_forces_a_stuck_one_is_told_that_it_is_stuck() {
    let reason = TeardownReason::Forced;
    assert_eq!(when(made(), teardown(reason)), Ok(vec![Did::TeardownStarted { session: SESSION, reason }]));
    assert_eq!(when(got_stuck(), teardown(reason)), wrong("stuck"));
}

#[test]
fn an_environment_lives_longer_while_it_is_not_on_its_way_out() {
    let expires_at = Timestamp::UNIX_EPOCH + chrono::TimeDelta::minutes(30);
    let extend = || Do::Extend { expires_at };
    for history in [|| vec![Do::Request(request())], made] {
        assert_eq!(when(history(), extend()), Ok(vec![Did::Extended { expires_at }]));
        let environment = after(history().into_iter().chain([extend()]));
        assert_eq!(environment.made().map(|made| made.request.expires_at), Some(expires_at));
        assert_eq!(environment.decide(extend(), Timestamp::UNIX_EPOCH), Ok(vec![]), "twice is once");
    }
    for history in [torn_down(), got_stuck()] {
        assert_eq!(when(history, extend()), Ok(vec![]));
    }
    assert_eq!(when([], extend()), Err(Rejection::NotFound));
}

#[test]
fn what_an_environment_cannot_do_is_refused_with_its_state() {
    let place: Command = || Do::Place(placement());
    let begin: Command = || teardown(TeardownReason::SessionFinished);
    let [start, succeed, fail]: [Command; 3] = [|| start("home"), || succeed("home"), || fail("home")];
    let [ready, lost, finish, resolve, skip]: [Command; 5] =
        [|| Do::MarkReady, || Do::ReportLost, || Do::FinishTeardown, || Do::Resolve, || Do::Skip];
    let refused: [(Vec<Do>, &str, &[Command]); 5] = [
        (placed_and([]), "provisioning", &[finish, stuck, resolve, skip]),
        (made(), "ready", &[place, start, succeed, fail, finish, stuck, resolve, skip]),
        (made().into_iter().chain([begin()]).collect(), "tearing_down", &[place, start, succeed, fail, ready, lost, resolve, skip]),
        (torn_down(), "torn_down", &[place, start, succeed, fail, ready, stuck, resolve]),
        (got_stuck(), "stuck", &[place, start, succeed, fail, ready, stuck]),
    ];
    for (history, state, commands) in refused {
        let environment = after(history);
        assert_eq!(environment.state(), state);
        for command in commands {
            assert_eq!(environment.decide(command(), Timestamp::UNIX_EPOCH), wrong(state), "{:?}", command());
        }
    }
    for command in [place, start, succeed, fail, ready, lost, begin, finish, stuck, resolve, skip] {
        assert_eq!(Environment::Absent.decide(command(), Timestamp::UNIX_EPOCH), Err(Rejection::NotFound), "{:?}", command());
    }
}
