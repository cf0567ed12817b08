//! Workshops that tests write for themselves.

use serde_json::{Value, json};

use crate::people::{Person, text};

/// A workshop of steps that are only read, without an environment.
pub(crate) fn reading(steps: usize, points: u32) -> Value {
    let steps: Vec<_> = (1..=steps)
        .map(|number| {
            json!({
                "key": format!("page-{number}"),
                "title": format!("Page {number}"),
                "body": [{ "text": "Read this." }],
                "points": points,
                "rule": { "read": true },
            })
        })
        .collect();
    content(&steps, &Value::Null)
}

/// A workshop of steps that are checked by a script each, in any order, in small environments.
pub(crate) fn checked(scripts: &[(&str, &str)]) -> Value {
    let steps: Vec<_> = scripts
        .iter()
        .map(|(key, script)| {
            json!({
                "key": key,
                "title": key,
                "body": [{ "text": "Do it." }],
                "points": 10,
                "rule": { "check": [{ "name": "done", "title": "It is done", "script": script, "timeoutSeconds": 5 }] },
            })
        })
        .collect();
    let needs = json!({ "memoryMebibytes": 128, "processes": 32, "diskMebibytes": 16, "programs": ["bash"] });
    let mut content = content(&steps, &needs);
    content["stepOrder"] = "FREE".into();
    content
}

fn content(steps: &[Value], environment: &Value) -> Value {
    json!({
        "title": "A workshop",
        "summary": "For tests.",
        "description": "Nothing else.",
        "category": "devops",
        "difficulty": "BEGINNER",
        "durationMinutes": 10,
        "languages": ["en"],
        "completionPoints": 7,
        "environment": environment,
        "steps": steps,
    })
}

/// Drafts and publishes; the workshop's id.
pub(crate) async fn publish(author: &Person, slug: &str, content: Value) -> String {
    let drafted = author.mutate("workshopDraft", json!({ "slug": slug, "content": content }), "workshop { id }").await;
    let workshop = text(&drafted["workshop"]["id"]);
    author.mutate("workshopPublish", json!({ "workshopId": workshop }), "workshop { version }").await;
    workshop
}
