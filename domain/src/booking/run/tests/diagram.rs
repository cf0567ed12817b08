//! The state diagram in `docs/booking.md` is what decisions come to: run this with `UPDATE_STATES=1` where they have changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::PathBuf,
};

use super::*;

/// From where to where, and by what.
type Steps = BTreeMap<(String, String), BTreeSet<&'static str>>;

/// When something is asked for.
#[derive(Clone, Copy)]
enum When {
    Now,
    /// So many minutes after what was asked before.
    After(i64),
    From(i64),
}

type Move = (&'static str, When, fn() -> RunCommand);

fn moves() -> Vec<Move> {
    use When::{After, From, Now};
    vec![
        ("approve", Now, || RunCommand::Approve { by: BY, registration: reg(1) }),
        ("withdraw approval", Now, || RunCommand::WithdrawApproval { by: BY, registration: reg(1) }),
        ("reject", Now, || RunCommand::Reject { by: BY, registration: reg(1), reason: String::new() }),
        ("reinstate", Now, || RunCommand::Reinstate { by: BY, registration: reg(1) }),
        ("withdraw", Now, || withdraws(1)),
        ("cancel", Now, || RunCommand::CancelRegistration { by: BY, registration: reg(1), reason: String::new() }),
        ("accept", Now, || accepts(1)),
        ("decline", Now, || declines(1)),
        ("pay", Now, || pays(1, 10_000)),
        ("check in", Now, || RunCommand::CheckIn { by: BY, registration: reg(1) }),
        ("undo check-in", Now, || RunCommand::UndoCheckIn { by: BY, registration: reg(1) }),
        ("record no show", From(START), || RunCommand::RecordNoShow { by: BY, registration: reg(1) }),
        ("undo no show", Now, || RunCommand::UndoNoShow { by: BY, registration: reg(1) }),
        ("a place is free", Now, || withdraws(2)),
        ("time runs out", After(3 * DAY), || RunCommand::Settle),
        ("the run is cancelled", Now, || RunCommand::Cancel { by: BY, reason: String::new() }),
        ("the run is complete", From(START + DAY), || RunCommand::Complete { by: BY }),
    ]
}

fn word(story: &Story) -> String {
    story.stage(1).replace(' ', "_")
}

/// All that can become of one registration, of which another has the place or does not.
fn explore(plan: &Plan, ticket: &str, taken: bool, steps: &mut Steps) {
    let mut story = Story::published(Plan { capacity: 1, ..plan.clone() });
    if taken {
        story.takes(comes(2, "free"));
        if plan.admission != Admission::Automatic {
            story.takes(RunCommand::Approve { by: BY, registration: reg(2) });
        }
    }
    story.takes(comes(1, ticket));
    steps.entry(("[*]".to_owned(), word(&story))).or_default().insert("register");
    let (mut seen, mut open) = (BTreeSet::new(), vec![story]);
    while let Some(story) = open.pop() {
        for (name, when, command) in moves() {
            let minute = match when {
                When::Now => story.minute,
                When::After(minutes) => story.minute + minutes,
                When::From(minute) => story.minute.max(minute),
            };
            let Ok(events) = story.run.decide(command(), at(minute)) else { continue };
            let mut next = Story { run: story.run.clone(), minute };
            for event in &events {
                next.run.evolve(event);
            }
            if word(&next) != word(&story) {
                steps.entry((word(&story), word(&next))).or_default().insert(name);
            }
            let entry = next.entry(1);
            let key =
                (word(&next), entry.approved, entry.kept() > 0, next.scheduled().life.name(), minute >= START, next.scheduled().left());
            if minute < START + 9 * DAY && seen.insert(key) {
                open.push(next);
            }
        }
    }
}

fn diagram() -> String {
    let mut steps = Steps::new();
    for plan in [plan(), approval(true), approval(false)] {
        for ticket in ["free", "paid"] {
            for taken in [false, true] {
                explore(&plan, ticket, taken, &mut steps);
            }
        }
    }
    let mut text = "stateDiagram-v2\n".to_owned();
    for ((from, to), names) in steps {
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        writeln!(text, "    {from} --> {to}: {names}").expect("text takes it");
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
