use domain::{
    environments::environment::{
        Environment, EnvironmentCommand as Do, EnvironmentEvent as Did, Failure, Placement, Preparation, Request, TeardownReason,
    },
    kernel::{AccountId, Digest, SessionId, WorkshopId},
};
use proptest::{collection::vec, prelude::*};
use uuid::Uuid;

use super::{at, events, play};

const NODE: &str = "workbench-1";

fn request() -> Request {
    Request {
        session: SessionId(Uuid::from_u128(1)),
        learner: AccountId(Uuid::from_u128(2)),
        workshop: WorkshopId(Uuid::from_u128(3)),
        content: Digest::try_from("0".repeat(64)).expect("64 digits"),
        expires_at: at(0),
    }
}

fn preparation() -> Preparation {
    let Request { session, workshop, content, expires_at, .. } = request();
    Preparation { session, workshop, content, expires_at }
}

/// A command by its number, and the step it is about.
fn command((number, step): (u8, String)) -> Do {
    match number {
        0 => Do::Request(request()),
        1 => Do::Place(Placement { driver: "sandbox".to_owned(), node: NODE.to_owned(), reason: String::new() }),
        2 | 3 => Do::StartStep { step },
        4 | 5 => Do::SucceedStep { step },
        6 => Do::FailStep { step, failure: Failure::Terminal, reason: String::new() },
        7 => Do::MarkReady,
        8 => Do::ReportLost,
        9 => Do::BeginTeardown { reason: TeardownReason::SessionFinished },
        10 => Do::FinishTeardown,
        11 => Do::GetStuck { reason: String::new() },
        12 => Do::Resolve,
        13 => Do::Skip,
        14 => Do::Claim(request()),
        _ => Do::Extend { expires_at: at(60) },
    }
}

proptest! {
    #[test]
    fn an_environment_never_has_two_steps_open_and_ends_once(all in vec((1..16_u8, "[ab]"), 0..80), ahead: bool) {
        let begin = if ahead { Do::Prepare(preparation()) } else { Do::Request(request()) };
        let commands = [begin].into_iter().chain(all.into_iter().map(command));
        let (mut placed, mut open, mut done, mut ended) = (false, None::<(String, u32)>, Vec::<String>::new(), false);
        let mut is_nobodys = ahead;
        for event in events(play::<Environment>(commands.map(|command| (command, at(0))))) {
            prop_assert!(!ended, "{event:?} after the end");
            match event {
                Did::Placed(_) => prop_assert!(!std::mem::replace(&mut placed, true), "placed twice"),
                Did::StepStarted { step, attempt } => {
                    prop_assert!(placed && !done.contains(&step), "{step}");
                    let before = open.replace((step.clone(), attempt));
                    prop_assert_eq!(before.unwrap_or((step.clone(), 0)), (step, attempt - 1));
                }
                Did::StepSucceeded { step, attempt } => {
                    prop_assert_eq!(open.take(), Some((step.clone(), attempt)));
                    done.push(step);
                }
                Did::StepFailed { step, attempt, .. } => prop_assert_eq!(&open, &Some((step, attempt))),
                Did::Ready { .. } => prop_assert!(placed && open.is_none()),
                Did::Claimed(_) => {
                    prop_assert!(std::mem::replace(&mut is_nobodys, false), "claimed by two");
                    done.pop();
                }
                Did::Lost { .. } => (placed, open, done) = (false, None, vec![]),
                Did::TornDown { .. } | Did::Skipped { .. } => ended = true,
                Did::Requested(_)
                | Did::Prepared(_)
                | Did::TeardownStarted { .. } | Did::Stuck { .. } | Did::Resolved | Did::Extended { .. } => {}
            }
        }
    }
}
