//! Journals made from exports.

use archive::{ArchiveError, Format, Imported, Selection, import};
use journal::{Journal, JournalError, Link, Position, evidence, sqlite::SqliteImport};

use crate::place::{Place, append, stream};

async fn read(place: &Place, export: &[u8]) -> Result<Imported, ArchiveError> {
    import(export, async |journal| SqliteImport::begin(place.path("journal.db"), journal).await).await
}

async fn exported(place: &Place) -> Vec<u8> {
    place.export(Format::Ndjson, Selection::default()).await.expect("exported")
}

/// Nothing is there, and nothing was left beside it.
fn is_untouched(place: &Place) -> bool {
    let names = std::fs::read_dir(place.directory.path()).expect("a directory").map(|entry| entry.expect("an entry").file_name());
    names.into_iter().all(|name| name == "journal.db.lock")
}

#[tokio::test]
async fn a_journal_comes_out_as_it_went_in() {
    let (place, other) = (Place::filled(2500).await, Place::empty());
    let file = exported(&place).await;
    let imported = read(&other, &file).await.expect("imported");
    let rows = place.rows().await;
    assert_eq!(other.rows().await, rows, "every column and hash");
    assert_eq!(imported.journal, place.history().await.id());
    assert_eq!((imported.head.position, imported.contents), (Position(2500), 1));
    assert_eq!(exported(&other).await, file, "and its export is the same file");
    // It is a journal as any other: it verifies, holds what events refer to, and goes on.
    let journal = other.open().await;
    let reached = journal::History::verify(&journal, Link::default(), u32::MAX).await.expect("as it was written");
    assert_eq!(reached, imported.head);
    let appended = journal.append(append(&stream(1), 2500, vec![serde_json::json!({})])).await.expect("append");
    assert_eq!(appended.position, Position(2501));
    journal.close().await;
    let signed = evidence::stored(&*other.history().await, None).await.expect("readable");
    assert_eq!(signed.len(), 1);
}

#[tokio::test]
async fn a_journal_that_has_events_is_refused() {
    let (place, other) = (Place::filled(3).await, Place::filled(1).await);
    let before = other.rows().await;
    let refused = read(&other, &exported(&place).await).await.expect_err("not empty");
    assert!(matches!(&refused, ArchiveError::Journal(JournalError::Malformed(what)) if what.contains("1 events")), "{refused}");
    assert_eq!(other.rows().await, before);
}

#[tokio::test]
async fn an_empty_journal_makes_room_and_one_in_use_does_not() {
    let (place, other) = (Place::filled(3).await, Place::empty());
    let journal = other.open().await;
    let file = exported(&place).await;
    let refused = read(&other, &file).await.expect_err("in use");
    assert!(matches!(refused, ArchiveError::Journal(JournalError::Locked { .. })), "{refused}");
    journal.close().await;
    read(&other, &file).await.expect("imported");
    assert_eq!(other.rows().await, place.rows().await);
}

#[tokio::test]
async fn a_truncated_file_is_refused_wherever_it_ends() {
    let place = Place::filled(4).await;
    let file = exported(&place).await;
    let ends = (0..file.len()).filter(|at| at % 97 == 0 || file[..*at].ends_with(b"\n"));
    for end in ends {
        let other = Place::empty();
        let refused = read(&other, &file[..end]).await.expect_err("not complete");
        assert!(matches!(refused, ArchiveError::Line { .. }), "{end}: {refused}");
        assert!(is_untouched(&other), "{end}");
    }
    let lines: Vec<&[u8]> = file.split_inclusive(|byte| *byte == b'\n').collect();
    let without_end = lines[..lines.len() - 1].concat();
    let refused = read(&Place::empty(), &without_end).await.expect_err("no end").to_string();
    assert!(refused.contains("position 4") && refused.contains("not complete"), "{refused}");
}

#[tokio::test]
async fn an_edited_file_is_refused_with_line_and_position() {
    let place = Place::filled(4).await;
    let text = String::from_utf8(exported(&place).await).expect("UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    let join = |lines: Vec<&str>| lines.join("\n") + "\n";
    let without = |at: usize| join(lines.iter().enumerate().filter(|(number, _)| *number != at).map(|(_, line)| *line).collect());
    let mut swapped = lines.clone();
    swapped.swap(3, 4);
    let edits = [
        (text.replace("\"number\":2", "\"number\":3"), "line 5, position 3: the event is not as it was written"),
        (without(3), "line 4, position 2: the event is missing; found position 3"),
        (join(swapped), "line 4, position 2: the event is missing; found position 3"),
        (text.replace("\"events\":4}", "\"events\":5}"), "line 8: expected 5 events"),
        (text.replace("\"bytes\":\"", "\"bytes\":\"AAAA"), "line 2: the content"),
        (text.replace("\"payload\"", "\"paylod\""), "line 3: not a line of an export"),
        (text.replace("\"version\":1,", "\"version\":2,"), "line 1: expected events of version 1"),
        (text.clone() + "{}\n", "line 9: there is more after the end"),
        ("{\"specversion\":\"1.0\"}\n".to_owned(), "line 1: expected the first line of an export in the format ndjson"),
    ];
    for (edited, told) in edits {
        let other = Place::empty();
        let refused = read(&other, edited.as_bytes()).await.expect_err(told).to_string();
        assert!(refused.starts_with(told), "{refused} instead of {told}");
        assert!(is_untouched(&other), "{told}");
    }
}

#[tokio::test]
async fn an_export_of_some_events_is_refused() {
    let place = Place::filled(4).await;
    let some = place.export(Format::Ndjson, Selection { after: Position(1), ..Selection::default() }).await.expect("exported");
    let refused = read(&Place::empty(), &some).await.expect_err("not whole").to_string();
    assert!(refused.contains("some events"), "{refused}");
    // The beginning is whole.
    let beginning = Selection { until: Some(Position(2)), ..Selection::default() };
    let other = Place::empty();
    read(&other, &place.export(Format::Ndjson, beginning).await.expect("exported")).await.expect("imported");
    assert_eq!(other.rows().await, place.rows().await[..2]);
}
