//! A given, a when and a then for each edge of the diagram, and for no other.

use super::{
    diagram::{Start, Steps, moved, moves, steps, word},
    *,
};

/// Given a registration and what was done since, when this is done, then it goes from here to there.
type Row = (Start, &'static [&'static str], &'static str, &'static str, &'static str);

const FREE: Start = Start { admission: Admission::Automatic, ticket: "free", is_taken: false };
const PAID: Start = Start { ticket: "paid", ..FREE };
const FULL_FREE: Start = Start { is_taken: true, ..FREE };
const FULL_PAID: Start = Start { is_taken: true, ..PAID };
/// Each is approved, and has a place meanwhile.
const HELD_FREE: Start = Start { admission: Admission::Approval { holds_place: true }, ..FREE };
const HELD_PAID: Start = Start { ticket: "paid", ..HELD_FREE };
const HELD_FULL: Start = Start { is_taken: true, ..HELD_FREE };
/// Each is approved, and has none meanwhile.
const ASKED_FULL: Start = Start { admission: Admission::Approval { holds_place: false }, ..FULL_FREE };

const ROWS: &[Row] = &[
    (FREE, &[], "register", "[*]", "confirmed"),
    (PAID, &[], "register", "[*]", "awaiting_payment"),
    (HELD_FREE, &[], "register", "[*]", "pending_approval"),
    (FULL_FREE, &[], "register", "[*]", "waitlisted"),
    (HELD_FREE, &[], "approve", "pending_approval", "confirmed"),
    (HELD_PAID, &[], "approve", "pending_approval", "awaiting_payment"),
    (ASKED_FULL, &[], "approve", "pending_approval", "waitlisted"),
    (HELD_FREE, &[], "reject", "pending_approval", "rejected"),
    (HELD_FREE, &[], "withdraw", "pending_approval", "withdrawn"),
    (HELD_FREE, &[], "the account is erased", "pending_approval", "withdrawn"),
    (HELD_FREE, &[], "the guest is erased", "pending_approval", "withdrawn"),
    (HELD_FREE, &[], "cancel", "pending_approval", "cancelled"),
    (HELD_FREE, &[], "the run is cancelled", "pending_approval", "cancelled"),
    (HELD_FREE, &[], "the run is complete", "pending_approval", "expired"),
    (PAID, &[], "pay", "awaiting_payment", "confirmed"),
    (PAID, &[], "time runs out", "awaiting_payment", "expired"),
    (PAID, &[], "withdraw", "awaiting_payment", "withdrawn"),
    (PAID, &[], "the account is erased", "awaiting_payment", "withdrawn"),
    (PAID, &[], "the guest is erased", "awaiting_payment", "withdrawn"),
    (PAID, &[], "cancel", "awaiting_payment", "cancelled"),
    (PAID, &[], "the run is cancelled", "awaiting_payment", "cancelled"),
    (HELD_PAID, &["approve"], "transfer", "awaiting_payment", "pending_approval"),
    (HELD_PAID, &["approve"], "withdraw approval", "awaiting_payment", "pending_approval"),
    (FREE, &[], "check in", "confirmed", "attended"),
    (FREE, &[], "record no show", "confirmed", "no_show"),
    (FREE, &[], "the run is complete", "confirmed", "no_show"),
    (FREE, &[], "withdraw", "confirmed", "withdrawn"),
    (FREE, &[], "the account is erased", "confirmed", "withdrawn"),
    (FREE, &[], "the guest is erased", "confirmed", "withdrawn"),
    (FREE, &[], "cancel", "confirmed", "cancelled"),
    (FREE, &[], "the run is cancelled", "confirmed", "cancelled"),
    (HELD_FREE, &["approve"], "transfer", "confirmed", "pending_approval"),
    (HELD_FREE, &["approve"], "withdraw approval", "confirmed", "pending_approval"),
    (PAID, &["pay"], "undo payment", "confirmed", "awaiting_payment"),
    (FULL_FREE, &[], "a place is free", "waitlisted", "offered"),
    (FULL_FREE, &[], "leave the waitlist", "waitlisted", "withdrawn"),
    (FULL_FREE, &[], "withdraw", "waitlisted", "withdrawn"),
    (FULL_FREE, &[], "the account is erased", "waitlisted", "withdrawn"),
    (FULL_FREE, &[], "the guest is erased", "waitlisted", "withdrawn"),
    (FULL_FREE, &[], "reject", "waitlisted", "rejected"),
    (FULL_FREE, &[], "cancel", "waitlisted", "cancelled"),
    (FULL_FREE, &[], "the run is cancelled", "waitlisted", "cancelled"),
    (FULL_FREE, &[], "the run is complete", "waitlisted", "expired"),
    (ASKED_FULL, &["approve"], "withdraw approval", "waitlisted", "pending_approval"),
    (FULL_FREE, &["a place is free"], "accept", "offered", "confirmed"),
    (FULL_PAID, &["a place is free"], "accept", "offered", "awaiting_payment"),
    (HELD_FULL, &["a place is free"], "accept", "offered", "pending_approval"),
    (FULL_FREE, &["a place is free"], "decline", "offered", "withdrawn"),
    (FULL_FREE, &["a place is free"], "withdraw", "offered", "withdrawn"),
    (FULL_FREE, &["a place is free"], "the account is erased", "offered", "withdrawn"),
    (FULL_FREE, &["a place is free"], "the guest is erased", "offered", "withdrawn"),
    (FULL_FREE, &["a place is free"], "time runs out", "offered", "expired"),
    (FULL_FREE, &["a place is free"], "cancel", "offered", "cancelled"),
    (FULL_FREE, &["a place is free"], "the run is cancelled", "offered", "cancelled"),
    (ASKED_FULL, &["approve", "a place is free"], "withdraw approval", "offered", "pending_approval"),
    (FREE, &["check in"], "undo check-in", "attended", "confirmed"),
    (FREE, &["check in", "the run is complete"], "undo check-in", "attended", "no_show"),
    (FREE, &["check in"], "the run is cancelled", "attended", "cancelled"),
    (FREE, &["record no show"], "undo no show", "no_show", "confirmed"),
    (FREE, &["the run is complete"], "undo no show", "no_show", "attended"),
    (FREE, &["the run is complete"], "check in", "no_show", "attended"),
    (FREE, &["record no show"], "the run is cancelled", "no_show", "cancelled"),
    (PAID, &["time runs out"], "the guest is erased", "expired", "withdrawn"),
    (PAID, &["time runs out"], "pay", "expired", "confirmed"),
    (HELD_FULL, &["a place is free", "time runs out"], "pay", "expired", "pending_approval"),
    (FULL_FREE, &["a place is free", "time runs out"], "reinstate", "expired", "confirmed"),
    (PAID, &["time runs out"], "reinstate", "expired", "awaiting_payment"),
    (HELD_FULL, &["a place is free", "time runs out"], "reinstate", "expired", "pending_approval"),
    (PAID, &["time runs out", "another comes"], "reinstate", "expired", "waitlisted"),
    (FULL_FREE, &["reject", "a place is free"], "reinstate", "rejected", "confirmed"),
    (FULL_PAID, &["reject", "a place is free"], "reinstate", "rejected", "awaiting_payment"),
    (HELD_FREE, &["reject"], "reinstate", "rejected", "pending_approval"),
    (FULL_FREE, &["reject"], "reinstate", "rejected", "waitlisted"),
    (FREE, &["withdraw"], "reinstate", "withdrawn", "confirmed"),
    (PAID, &["withdraw"], "reinstate", "withdrawn", "awaiting_payment"),
    (HELD_FREE, &["withdraw"], "reinstate", "withdrawn", "pending_approval"),
    (FULL_FREE, &["withdraw"], "reinstate", "withdrawn", "waitlisted"),
    (FREE, &["cancel"], "reinstate", "cancelled", "confirmed"),
    (PAID, &["cancel"], "reinstate", "cancelled", "awaiting_payment"),
    (HELD_FREE, &["cancel"], "reinstate", "cancelled", "pending_approval"),
    (FULL_FREE, &["cancel"], "reinstate", "cancelled", "waitlisted"),
];

/// What a story was before something was done that is not refused, and what it is then.
fn done(story: &Story, what: &str) -> (Story, Story) {
    let step = moves().into_iter().find(|(name, ..)| *name == what);
    moved(story, step.unwrap_or_else(|| panic!("no move: {what}"))).unwrap_or_else(|| panic!("{what} is refused"))
}

#[test]
fn each_edge_of_the_diagram_has_its_story() {
    let mut told = Steps::new();
    for (start, given, when, from, to) in ROWS {
        let story = given.iter().fold(start.begins(), |story, what| done(&story, what).1);
        let (before, after) = if *when == "register" {
            ("[*]".to_owned(), word(&story))
        } else {
            let (before, after) = done(&story, when);
            (word(&before), word(&after))
        };
        assert_eq!((before.as_str(), after.as_str()), (*from, *to), "{given:?}, {when}");
        assert!(told.insert((before, after, *when)), "{from} --> {to}: {when}, twice");
    }
    let drawn = steps();
    let untold: Vec<_> = drawn.difference(&told).collect();
    assert!(untold.is_empty(), "edges without a story: {untold:?}");
    let undrawn: Vec<_> = told.difference(&drawn).collect();
    assert!(undrawn.is_empty(), "stories without an edge: {undrawn:?}");
}
