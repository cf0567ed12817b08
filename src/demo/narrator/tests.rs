use serde_json::json;

use super::*;

#[test]
fn an_event_is_told_by_its_plain_values() {
    let payload = json!({ "StepCompleted": {
        "step": "clean-up", "points": 15, "learner": "0192f0c1-2233-7abc-8def-000000000001", "result": { "check": "tidy" },
        "email": { "$personal": { "subject": "0192f0c1-2233-7abc-8def-000000000001" } },
    } });
    assert_eq!(summary(&payload), "email=(sealed) learner=…000001 points=15 step=clean-up");
}

#[test]
fn a_long_summary_is_cut_between_characters() {
    let summary = summary(&json!({ "Drafted": { "title": "é".repeat(200) } }));
    assert_eq!(summary.chars().count(), SUMMARY + 1);
}

#[test]
fn a_terminal_is_quoted_without_its_colours() {
    assert_eq!(printable("\u{1b}[1;32mlearner\u{1b}[0m$ ls\r\n"), "learner$ ls\n");
}
