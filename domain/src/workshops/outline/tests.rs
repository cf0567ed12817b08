use serde_json::json;

use super::{Outline, RuleKind};
use crate::{kernel::Minutes, workshops::content::Content};

#[test]
fn an_outline_keeps_what_catalogues_and_sessions_need_and_no_page() {
    let content: Content = serde_json::from_value(json!({
        "title": "Docker", "summary": "Containers.", "description": "PAGE", "category": "docker", "difficulty": "expert",
        "duration": 30, "tags": ["containers"], "languages": ["en"], "visibility": "unlisted", "order": "free",
        "completion_points": 5, "environment": { "lifetime": 90, "files": [{ "path": "a", "contents": "PAGE" }] },
        "steps": [
            { "key": "read", "title": "Read", "points": 1, "body": [{ "text": "PAGE" }], "rule": "read" },
            { "key": "answer", "title": "Answer", "points": 2, "body": [],
              "rule": { "answer": { "question": "PAGE", "choices": ["PAGE"], "correct": [0] } } },
            { "key": "check", "title": "Check", "body": [],
              "rule": { "check": [{ "name": "PAGE", "title": "PAGE", "script": "PAGE" }] } }
        ]
    }))
    .expect("content");
    let outline = Outline::from(&content);
    assert_eq!(outline.lifetime, Some(Minutes(90)));
    assert_eq!(outline.steps.iter().map(|step| step.rule).collect::<Vec<_>>(), [RuleKind::Read, RuleKind::Answer, RuleKind::Check]);
    let written = json!({
        "title": "Docker", "summary": "Containers.", "category": "docker", "difficulty": "expert", "duration": 30,
        "tags": ["containers"], "languages": ["en"], "visibility": "unlisted", "order": "free", "completion_points": 5,
        "lifetime": 90,
        "steps": [
            { "key": "read", "title": "Read", "points": 1, "rule": "read" },
            { "key": "answer", "title": "Answer", "points": 2, "rule": "answer" },
            { "key": "check", "title": "Check", "points": 0, "rule": "check" }
        ]
    });
    assert_eq!(serde_json::to_value(&outline).expect("an outline is JSON"), written);
}

#[test]
fn a_workshop_that_is_only_read_has_no_lifetime() {
    let content = json!({ "title": "Docker", "summary": "", "category": "docker", "difficulty": "beginner", "duration": 1, "steps": [] });
    let content: Content = serde_json::from_value(content).expect("content");
    assert_eq!(Outline::from(&content).lifetime, None);
}
