//! The state diagram in `docs/booking.md` is what decisions come to: run this with `UPDATE_STATES=1` where they have changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::PathBuf,
};

use super::*;

/// From where to where, and by what.
pub(super) type Steps = BTreeSet<(String, String, &'static str)>;

/// When something is asked for.
#[derive(Clone, Copy)]
pub(super) enum When {
    Now,
    /// So many minutes after what was asked before.
    After(i64),
    From(i64),
}

pub(super) type Move = (&'static str, When, fn() -> RunCommand);

pub(super) fn moves() -> Vec<Move> {
    use When::{After, From, Now};
    vec![
        ("approve", Now, || RunCommand::Approve { by: BY, registration: reg(1) }),
        ("withdraw approval", Now, || RunCommand::WithdrawApproval { by: BY, registration: reg(1) }),
        ("reject", Now, || RunCommand::Reject { by: BY, registration: reg(1), reason: String::new() }),
        ("reinstate", Now, || RunCommand::Reinstate { by: BY, registration: reg(1) }),
        ("withdraw", Now, || withdraws(1)),
        ("leave the waitlist", Now, || leaves_waitlist(1)),
        ("transfer", Now, || {
            let (by, to) = (Caller::Account(account(1)), Box::new(applicant(4)));
            RunCommand::Transfer { by, registration: reg(1), to }
        }),
        ("cancel", Now, || RunCommand::CancelRegistration { by: BY, registration: reg(1), reason: String::new() }),
        ("accept", Now, || accepts(1)),
        ("decline", Now, || declines(1)),
        ("pay", Now, || records(1, 10_000)),
        ("undo payment", Now, || undoes_payment(1, 1)),
        ("check in", From(START - DAY), || RunCommand::CheckIn { by: BY, registration: reg(1) }),
        ("undo check-in", Now, || RunCommand::UndoCheckIn { by: BY, registration: reg(1) }),
        ("record no show", From(START), || RunCommand::RecordNoShow { by: BY, registration: reg(1) }),
        ("undo no show", Now, || RunCommand::UndoNoShow { by: BY, registration: reg(1) }),
        ("a place is free", Now, || withdraws(2)),
        // Who does not wait is no matter to who does.
        ("another comes", Now, || RunCommand::Request(Box::new(Application { wait: false, ..application(3, "free") }))),
        ("time runs out", After(3 * DAY), || RunCommand::Settle),
        ("the account is erased", Now, || RunCommand::GiveUp { account: account(1) }),
        ("the guest is erased", Now, || {
            let (registration, address) = (reg(1), Some(address(1)));
            RunCommand::Forget { registration, address, has_it: true, over_by: None }
        }),
        ("the run is cancelled", Now, || RunCommand::Cancel { by: BY, reason: String::new() }),
        ("the run is complete", From(START + DAY), || RunCommand::Complete { by: BY }),
    ]
}

pub(super) fn word(story: &Story) -> String {
    story.stage(1).replace(' ', "_")
}

/// A run with one place, for which somebody registers.
#[derive(Clone, Copy)]
pub(super) struct Start {
    pub(super) admission: Admission,
    pub(super) ticket: &'static str,
    /// Whether another has the place.
    pub(super) is_taken: bool,
}

impl Start {
    pub(super) fn begins(self) -> Story {
        let mut story = Story::published(Plan { capacity: 1, admission: self.admission, ..plan() });
        if self.is_taken {
            story.takes(comes(2, "free"));
            if self.admission != Admission::Automatic {
                story.takes(RunCommand::Approve { by: BY, registration: reg(2) });
            }
        }
        story.takes(comes(1, self.ticket));
        story
    }
}

/// A story before and after a move, unless that is refused. What has run out by then did so before.
pub(super) fn moved(story: &Story, (_, when, command): Move) -> Option<(Story, Story)> {
    let mut before = Story { run: story.run.clone(), minute: story.minute };
    let minute = match when {
        When::Now => story.minute,
        When::After(minutes) => story.minute + minutes,
        When::From(minute) => {
            before.at(minute.max(story.minute)).takes(RunCommand::Settle);
            before.minute
        }
    };
    let events = before.run.decide(command(), at(minute)).ok()?;
    let mut after = Story { run: before.run.clone(), minute };
    for event in &events {
        after.run.evolve(event);
    }
    Some((before, after))
}

/// All that can become of one registration.
fn explore(start: Start, steps: &mut Steps) {
    let story = start.begins();
    steps.insert(("[*]".to_owned(), word(&story), "register"));
    let (mut seen, mut open) = (BTreeSet::new(), vec![story]);
    while let Some(story) = open.pop() {
        for step in moves() {
            let Some((before, after)) = moved(&story, step) else { continue };
            if word(&after) != word(&before) {
                steps.insert((word(&before), word(&after), step.0));
            }
            let (run, entry) = (after.scheduled(), after.entry(1));
            let others = (run.left(), run.registration(reg(3)).is_some(), entry.person == person(1));
            let key = (word(&after), entry.approved, entry.kept() > 0, run.life.name(), after.minute >= START, others);
            if after.minute < START + 9 * DAY && seen.insert(key) {
                open.push(after);
            }
        }
    }
}

pub(super) fn steps() -> Steps {
    let mut steps = Steps::new();
    for admission in [Admission::Automatic, Admission::Approval { holds_place: true }, Admission::Approval { holds_place: false }] {
        for ticket in ["free", "paid"] {
            for is_taken in [false, true] {
                explore(Start { admission, ticket, is_taken }, &mut steps);
            }
        }
    }
    steps
}

fn diagram() -> String {
    let mut edges: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (from, to, by) in steps() {
        edges.entry((from, to)).or_default().push(by);
    }
    let mut text = "stateDiagram-v2\n".to_owned();
    for ((from, to), names) in edges {
        writeln!(text, "    {from} --> {to}: {}", names.join(", ")).expect("text takes it");
    }
    text
}

#[test]
fn the_diagram_is_what_the_code_does() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/booking.md");
    let document = fs::read_to_string(&path).expect("the document");
    let (before, rest) = document.split_once("```mermaid\n").expect("a diagram");
    let (drawn, after) = rest.split_once("```").expect("its end");
    let diagram = diagram();
    if std::env::var_os("UPDATE_STATES").is_some() {
        fs::write(&path, format!("{before}```mermaid\n{diagram}```{after}")).expect("written");
    } else {
        assert_eq!(drawn, diagram, "run this with UPDATE_STATES=1");
    }
}
