//! What exports hold.

use std::time::Duration;

use archive::{ArchiveError, Export, Format, Selection, follow};
use journal::{Journal, Position};
use serde_json::json;

use crate::place::{Place, Shared, append, personal, stream};

#[tokio::test]
async fn our_own_form_has_every_column_as_it_is_stored() {
    let place = Place::filled(5).await;
    let rows = place.rows().await;
    let text = String::from_utf8(place.export(Format::Ndjson, Selection::default()).await.expect("exported")).expect("UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 1 + 1 + 5 + 1 + 1, "header, content, events, checkpoint, end: {text}");
    assert!(lines[0].starts_with("{\"nalabo\":\"events\",\"version\":1,\"journal\":\""), "{}", lines[0]);
    assert!(lines[1].starts_with("{\"content\":\""), "before the event that refers to it: {}", lines[1]);
    for (line, row) in lines[2..7].iter().zip(&rows) {
        assert!(line.contains(&format!("\"payload\":{},\"metadata\":{},", row.payload, row.metadata)), "byte for byte: {line}");
        assert!(line.ends_with(&format!("\"recorded_at\":{},\"hash\":\"{}\"}}", row.recorded_at, hex::encode(&row.hash))), "{line}");
    }
    assert!(lines[7].starts_with("{\"checkpoint\":5,\"note\":\"nalabo/"), "{}", lines[7]);
    assert_eq!(lines[8], "{\"end\":5,\"events\":5}");
}

#[tokio::test]
async fn cloud_events_are_of_version_one() {
    let place = Place::filled(3).await;
    let rows = place.rows().await;
    let lines = place.lines(Format::CloudEvents, Selection::default()).await;
    assert_eq!(lines.len(), 3);
    for (event, row) in lines.iter().zip(&rows) {
        assert_eq!((&event["specversion"], &event["id"]), (&json!("1.0"), &json!(row.event_id)));
        assert_eq!(event["type"], "StepCompleted");
        assert_eq!(event["subject"], format!("workshop/{}", row.aggregate_id));
        assert!(event["source"].as_str().is_some_and(|source| source.starts_with("urn:uuid:")));
        assert!(event["time"].as_str().is_some_and(|time| chrono::DateTime::parse_from_rfc3339(time).is_ok()));
        assert_eq!(event["position"], row.position.to_string());
        assert_eq!(event["actor"], "system:test");
        assert_eq!(event["data"], serde_json::from_str::<serde_json::Value>(&row.payload).expect("JSON"));
        let members = event.as_object().expect("an object").keys();
        assert!(members.into_iter().all(|name| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) && name.len() <= 20));
    }
}

#[tokio::test]
async fn a_selection_selects() {
    let place = Place::filled(5).await;
    let journal = place.open().await;
    journal.append(append(&stream(2), 0, vec![json!({}), json!({})])).await.expect("append");
    journal.close().await;
    let positions = async |selection: Selection| -> Vec<i64> {
        let lines = place.lines(Format::Ndjson, selection).await;
        lines.iter().filter_map(|line| line["position"].as_i64()).collect()
    };
    assert_eq!(positions(Selection { after: Position(2), until: Some(Position(4)), ..Selection::default() }).await, [3, 4]);
    let of = |stream: String| Selection { stream: Some(stream), ..Selection::default() };
    assert_eq!(positions(of(stream(2).to_string())).await, [6, 7]);
    assert_eq!(positions(of("workshop".into())).await.len(), 7);
    assert_eq!(positions(of("work".into())).await, [0; 0]);
    assert_eq!(positions(Selection { name: Some("Other".into()), ..Selection::default() }).await, [0; 0]);
    assert_eq!(place.lines(Format::Ndjson, of("workshop".into())).await[0]["whole"], false);
}

#[tokio::test]
async fn what_is_personal_stays_sealed() {
    let place = Place::filled(1).await;
    let journal = place.open().await;
    journal.append(append(&stream(3), 0, vec![json!({ "name": personal("Canary Featherstone") })])).await.expect("append");
    journal.close().await;
    for format in [Format::Ndjson, Format::CloudEvents] {
        let text = String::from_utf8(place.export(format, Selection::default()).await.expect("exported")).expect("UTF-8");
        assert!(text.contains("\"sealed\":\"v1.") && !text.contains("Canary"), "{text}");
    }
}

#[tokio::test]
async fn following_sees_what_comes_later() {
    let place = Place::filled(2).await;
    let journal = place.open().await;
    let out = Shared::default();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let export = Export { format: Format::CloudEvents, selection: Selection::default(), contents: false };
    let (history, sink) = (place.history().await, out.clone());
    let following = tokio::spawn(async move {
        let stopped = async { stopped.await.unwrap_or_default() };
        follow(&history, &export, sink, Duration::from_millis(5), stopped).await
    });
    let count = || out.0.lock().expect("not poisoned").split(|byte| *byte == b'\n').count() - 1;
    let until = async |lines: usize| {
        while count() < lines {
            assert!(!following.is_finished());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    until(2).await;
    journal.append(append(&stream(9), 0, vec![json!({})])).await.expect("append");
    until(3).await;
    stop.send(()).expect("it follows");
    assert_eq!(following.await.expect("no panic").expect("exported"), Position(3));
    journal.close().await;
}

#[tokio::test]
async fn a_payload_that_is_not_one_line_of_json_is_named() {
    // Only whoever writes past the journal gets there: an import takes rows as they are.
    use journal::{Import, sqlite::SqliteImport};
    let (place, other) = (Place::filled(2).await, Place::empty());
    let mut rows = place.rows().await;
    rows[1].payload = "{\n}".into();
    let mut import = Box::new(SqliteImport::begin(other.path("journal.db"), uuid::Uuid::from_u128(1)).await.expect("begun"));
    import.take(rows).await.expect("taken");
    import.finish().await.expect("finished");
    let refused = other.export(Format::Ndjson, Selection::default()).await.expect_err("not a line");
    assert!(matches!(&refused, ArchiveError::Unfit { position, .. } if *position == Position(2)), "{refused}");
}

#[test]
fn unknown_formats_are_refused() {
    let told = "csv".parse::<Format>().expect_err("unknown");
    assert!(told.contains("csv") && told.contains("ndjson"), "{told}");
}
