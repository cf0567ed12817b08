use domain::{
    kernel::{AccountId, Digest, EnvironmentId, Minutes, Personal, Points, Seconds, WorkshopId},
    learning::session::{CheckEnd, CheckResult, End, Session, SessionCommand as Do, SessionEvent as Did, Start},
    workshops::{RuleKind, StepOutline, content::StepOrder},
};
use proptest::{collection::vec, option, prelude::*};
use uuid::Uuid;

use super::{Checked, at, events, play};

const LEARNER: AccountId = AccountId(Uuid::from_u128(1));
const OTHER: AccountId = AccountId(Uuid::from_u128(2));
const STARTED: u32 = 1000;
const EXPIRES: u32 = 5000;
const OVERTIME: Minutes = Minutes(60);

fn digest() -> Digest {
    Digest::try_from("0".repeat(64)).expect("64 digits")
}

fn start() -> impl Strategy<Value = Start> {
    let rule = prop_oneof![Just(RuleKind::Read), Just(RuleKind::Answer), Just(RuleKind::Check)];
    let points = || prop_oneof![8 => 0..20_u32, 1 => Just(u32::MAX)].prop_map(Points);
    let order = prop_oneof![Just(StepOrder::Sequential), Just(StepOrder::Free)];
    (vec((points(), rule), 0..5), points(), order, option::of(1..9_u32), any::<bool>()).prop_map(
        |(steps, completion_points, order, version, environment)| Start {
            learner: LEARNER,
            workshop: WorkshopId(Uuid::from_u128(3)),
            author: OTHER,
            version,
            content: digest(),
            title: "Docker".to_owned(),
            order,
            steps: steps.into_iter().enumerate().map(step).collect(),
            completion_points,
            environment: environment.then_some(EnvironmentId(Uuid::from_u128(4))),
            run: None,
            started_at: at(STARTED),
            expires_at: at(EXPIRES),
        },
    )
}

fn step((index, (points, rule)): (usize, (Points, RuleKind))) -> StepOutline {
    StepOutline { key: format!("step-{index}"), title: String::new(), points, rule }
}

/// What may be asked of a session, mostly by its learner and about its steps.
#[derive(Clone, Debug)]
enum Asked {
    Complete(usize),
    Answer(usize, Vec<u16>),
    Check(usize, Vec<CheckEnd>, bool),
    Finish,
    Abandon,
    Expire,
    Extend(u32),
    Start,
}

fn asked() -> impl Strategy<Value = (Asked, AccountId, u32)> {
    let step = || 0..6_usize;
    let end = prop_oneof![4 => Just(CheckEnd::Exited(0)), 1 => Just(CheckEnd::Exited(1)), 1 => Just(CheckEnd::TimedOut)];
    let asked = prop_oneof![
        12 => step().prop_map(Asked::Complete),
        12 => (step(), vec(0..4_u16, 0..3)).prop_map(|(step, choices)| Asked::Answer(step, choices)),
        12 => (step(), vec(end, 0..3), any::<bool>()).prop_map(|(step, ends, all)| Asked::Check(step, ends, all)),
        4 => Just(Asked::Finish),
        1 => Just(Asked::Abandon),
        1 => Just(Asked::Expire),
        2 => (0..40_u32).prop_map(Asked::Extend),
        1 => Just(Asked::Start),
    ];
    (asked, prop_oneof![9 => Just(LEARNER), 1 => Just(OTHER)], 0..6000_u32)
}

/// Of three choices the second is right.
fn command(asked: Asked, by: AccountId, start: &Start) -> Do {
    let key = |step| format!("step-{step}");
    let result = |end| CheckResult {
        check: "runs".to_owned(),
        end,
        output: Personal::new(LEARNER, String::new()),
        digest: digest(),
        milliseconds: 1,
    };
    match asked {
        Asked::Complete(step) => Do::CompleteStep { by, step: key(step) },
        Asked::Answer(step, choices) => Do::AnswerStep { by, step: key(step), choices, right: vec![1], of: 3 },
        Asked::Check(step, ends, all) => Do::RecordChecks { by, step: key(step), results: ends.into_iter().map(result).collect(), all },
        Asked::Finish => Do::Finish { by },
        Asked::Abandon => Do::Abandon { by },
        Asked::Expire => Do::Expire,
        Asked::Extend(minutes) => Do::Extend { by: Some(by), minutes: Minutes(minutes), limit: OVERTIME },
        Asked::Start => Do::Start(Box::new(start.clone())),
    }
}

/// What a session's events must add up to.
struct Tally<'a> {
    start: &'a Start,
    completed: Vec<String>,
    attempts: std::collections::BTreeMap<String, u32>,
    total: Points,
    extended: Minutes,
    ended: bool,
}

impl Tally<'_> {
    fn take(&mut self, event: &Did) -> Checked {
        prop_assert!(!self.ended, "{event:?} after the end");
        match event {
            Did::Started(_) => prop_assert!(false, "a second start"),
            Did::StepAnswered { step, attempt, .. }
            | Did::StepCheckPassed { step, attempt, .. }
            | Did::StepCheckFailed { step, attempt, .. } => {
                let before = self.attempts.insert(step.clone(), *attempt).unwrap_or(0);
                prop_assert!(*attempt == before + 1 || (*attempt == before && before > 0), "attempt {attempt} after {before}");
            }
            Did::StepCompleted { .. } => self.complete(event)?,
            Did::Finished { end } => {
                prop_assert_eq!(self.completed.len(), self.start.steps.len(), "finished with steps left");
                self.end(end, self.start.completion_points)?;
            }
            Did::Abandoned { end } | Did::Expired { end } => self.end(end, Points(0))?,
            Did::Extended { extended, expires_at, .. } => {
                prop_assert!(*extended > self.extended && *extended <= OVERTIME, "{event:?}");
                prop_assert_eq!(*expires_at, at(EXPIRES + extended.0 * 60));
                self.extended = *extended;
            }
            // Only what a session was begun for moves its end.
            Did::Rescheduled { .. } => prop_assert!(false, "{event:?}"),
        }
        Ok(())
    }

    fn complete(&mut self, event: &Did) -> Checked {
        let Did::StepCompleted { step, points, attempts, spent, completed, of, total, .. } = event else { return Ok(()) };
        prop_assert!(!self.completed.contains(step), "{step} twice");
        if self.start.order == StepOrder::Sequential {
            prop_assert_eq!(step, &self.start.steps[self.completed.len()].key, "out of order");
        }
        self.completed.push(step.clone());
        self.total = self.total.plus(*points);
        let worth = self.start.step(step).expect("a step of this workshop").points;
        prop_assert_eq!(*points, if self.start.version.is_some() { worth } else { Points(0) });
        prop_assert_eq!(*attempts, self.attempts.get(step).copied().unwrap_or(1));
        prop_assert!(*spent <= Seconds(6000));
        prop_assert_eq!((*completed as usize, *of as usize, *total), (self.completed.len(), self.start.steps.len(), self.total));
        Ok(())
    }

    fn end(&mut self, end: &End, bonus: Points) -> Checked {
        self.ended = true;
        let preview = self.start.version.is_none();
        let bonus = if preview { Points(0) } else { bonus };
        prop_assert_eq!((end.preview, end.bonus, end.points), (preview, bonus, self.total.plus(bonus)));
        prop_assert_eq!((end.completed as usize, end.of as usize), (self.completed.len(), self.start.steps.len()));
        prop_assert_eq!((end.learner, end.author, end.environment), (LEARNER, OTHER, self.start.environment));
        Ok(())
    }
}

proptest! {
    #[test]
    fn a_session_adds_up_whatever_is_asked_of_it(start in start(), all in vec(asked(), 0..80)) {
        let first = (Do::Start(Box::new(start.clone())), at(STARTED));
        let rest = all.into_iter().map(|(asked, by, seconds)| (command(asked, by, &start), at(seconds)));
        let happened = events(play::<Session>([first].into_iter().chain(rest)));
        prop_assert_eq!(&happened[0], &Did::Started(start.clone()));
        let mut tally = Tally { start: &start, completed: vec![], attempts: [].into(), total: Points(0), extended: Minutes(0), ended: false };
        for event in &happened[1..] {
            tally.take(event)?;
        }
    }

    #[test]
    fn whoever_does_everything_right_finishes(start in start()) {
        let rights = start.steps.iter().enumerate().map(|(index, step)| match step.rule {
            RuleKind::Read => Asked::Complete(index),
            RuleKind::Answer => Asked::Answer(index, vec![1]),
            RuleKind::Check => Asked::Check(index, vec![CheckEnd::Exited(0)], true),
        });
        let all = [Asked::Start].into_iter().chain(rights).chain([Asked::Finish]);
        let happened = events(play::<Session>(all.map(|asked| (command(asked, LEARNER, &start), at(STARTED)))));
        prop_assert!(matches!(happened.last(), Some(Did::Finished { .. })), "{:?}", happened.last());
    }
}
