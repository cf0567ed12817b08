//! A journal as if what it tells of had been longer ago. Nothing in the binary moves time; but a history that is exported can be told with
//! other times, and be imported as any: with the hashes that follow from them, by the form that is the same for ever.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use journal::RawEvent;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::site::{Site, said};

/// An event in a line of an export.
#[derive(Serialize, Deserialize)]
struct Line {
    position: i64,
    event_id: String,
    aggregate_type: String,
    aggregate_id: String,
    sequence: i64,
    event_type: String,
    event_version: String,
    payload: Value,
    metadata: Value,
    recorded_at: i64,
    hash: String,
}

impl Line {
    /// As it follows an event of this hash; its own.
    fn follow(&mut self, journal: Uuid, previous: &[u8; 32]) -> [u8; 32] {
        let event = RawEvent {
            position: self.position,
            event_id: self.event_id.clone(),
            aggregate_type: self.aggregate_type.clone(),
            aggregate_id: self.aggregate_id.clone(),
            sequence: self.sequence,
            event_type: self.event_type.clone(),
            event_version: self.event_version.clone(),
            payload: self.payload.to_string(),
            metadata: self.metadata.to_string(),
            recorded_at: self.recorded_at,
            hash: vec![],
        };
        let hash = event.hash_after(journal, previous);
        self.hash = hex::encode(hash);
        hash
    }
}

/// Has all that was recorded after a position have happened earlier by so much; the last position. Keys stay as they are. No server may
/// be running, and the next one folds read models anew.
pub(crate) fn age(site: &Site, after: i64, by: TimeDelta) -> i64 {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("events.ndjson");
    let path = file.to_str().expect("UTF-8");
    done(site, &["events", "export", "--format", "ndjson", "--into", path]);
    let (aged, head) = told_earlier(&std::fs::read_to_string(&file).expect("text"), after, by);
    std::fs::write(&file, aged).expect("written");
    for name in ["journal.db", "journal.db-wal", "journal.db-shm"] {
        let file = site.path().join(name);
        if file.exists() {
            std::fs::remove_file(file).expect("removed");
        }
    }
    std::fs::remove_dir_all(site.path().join("read-models")).expect("removed");
    done(site, &["events", "import", path]);
    done(site, &["verify"]);
    head
}

fn done(site: &Site, arguments: &[&str]) {
    let output = site.run(arguments);
    assert!(output.status.success(), "{}", said(&output));
}

/// An export with earlier times, and its last position. Checkpoints were signed of other hashes, and are left out.
fn told_earlier(export: &str, after: i64, by: TimeDelta) -> (String, i64) {
    let (mut told, mut journal, mut head, mut hash) = (String::new(), None, 0, [0; 32]);
    for text in export.lines() {
        if text.starts_with("{\"checkpoint\":") {
            continue;
        }
        let text = if text.starts_with("{\"position\":") {
            let mut event: Line = serde_json::from_str(text).expect("an event");
            if event.position > after {
                event.recorded_at -= by.num_microseconds().expect("some days");
                earlier(&mut event.payload, by);
            }
            hash = event.follow(journal.expect("it is told first"), &hash);
            head = event.position;
            serde_json::to_string(&event).expect("JSON")
        } else {
            let line: Value = serde_json::from_str(text).expect("JSON");
            journal = journal.or_else(|| line["journal"].as_str().map(|id| id.parse::<Uuid>().expect("an id")));
            text.to_owned()
        };
        told.push_str(&text);
        told.push('\n');
    }
    (told, head)
}

/// All instants in what an event says.
fn earlier(value: &mut Value, by: TimeDelta) {
    match value {
        Value::String(text) => {
            if let Ok(at) = text.parse::<DateTime<Utc>>() {
                *text = (at - by).to_rfc3339_opts(SecondsFormat::AutoSi, true);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| earlier(value, by)),
        Value::Object(members) => members.values_mut().for_each(|value| earlier(value, by)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
