use uuid::Uuid;

use super::Columns;

const SOME: Columns<'static> = Columns {
    position: 1,
    event_id: "0192f0c1-2b3c-7d4e-8f50-112233445566",
    aggregate_type: "workshop",
    aggregate_id: "0192f0c1-2b3c-7d4e-8f50-665544332211",
    sequence: 1,
    event_type: "WorkshopPublished",
    event_version: "1",
    payload: r#"{"title":"Ünïcode"}"#,
    metadata: r#"{"actor":"system:test"}"#,
    recorded_at: 1_767_225_600_000_001,
};

/// The form in the module's documentation, written down once more with nothing shared.
fn by_hand(journal: Uuid, previous: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    let mut bytes = b"nalabo event v1\0".to_vec();
    bytes.extend_from_slice(previous);
    bytes.extend_from_slice(journal.as_bytes());
    let mut text = |text: &str| {
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    };
    text("\0\0\0\0\0\0\0\u{1}");
    text("0192f0c1-2b3c-7d4e-8f50-112233445566");
    text("workshop");
    text("0192f0c1-2b3c-7d4e-8f50-665544332211");
    text("\0\0\0\0\0\0\0\u{1}");
    text("WorkshopPublished");
    text("1");
    text(r#"{"title":"Ünïcode"}"#);
    text(r#"{"actor":"system:test"}"#);
    bytes.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 8]);
    bytes.extend_from_slice(&[0x00, 0x06, 0x47, 0x48, 0x46, 0x20, 0x40, 0x01]);
    hex::encode(Sha256::digest(bytes))
}

#[test]
fn the_hash_has_the_documented_form() {
    let journal = Uuid::from_u128(7);
    assert_eq!(hex::encode(SOME.hash(journal, &[9; 32])), by_hand(journal, &[9; 32]));
}

#[test]
fn the_hash_never_changes() {
    let golden = "6bb7a3438986592c023d08f44759c892d1dd9f7a6cf4bb9765fa00631a1b7cc9";
    assert_eq!(hex::encode(SOME.hash(Uuid::from_u128(7), &[0; 32])), golden);
}

#[test]
fn text_cannot_move_from_one_column_to_the_next() {
    let moved = Columns { event_type: "WorkshopPublished1", event_version: "", ..SOME };
    assert_ne!(SOME.hash(Uuid::nil(), &[0; 32]), moved.hash(Uuid::nil(), &[0; 32]));
}
