use super::*;
use crate::Position;

/// The example of the signed-note form's first implementation, Go's sumdb/note.
const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const NOTE: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\
                    \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

fn signer() -> Signer {
    Signer::new(Uuid::from_u128(7), &[9; 32])
}

fn link() -> Link {
    Link { position: Position(12), hash: [0xab; 32] }
}

#[test]
fn a_note_of_another_implementation_opens() {
    let verifier: Verifier = KEY.parse().expect("a key");
    assert_eq!(verifier.to_string(), KEY);
    assert!(verifier.open_text(NOTE).expect("signed").ends_with("your problem is.\n"));
    let changed = NOTE.replace("cryptography", "cartography");
    assert_eq!(verifier.open_text(&changed), Err(NoteError::Forged("PeterNeumann".into())));
}

#[test]
fn what_is_signed_is_read_back() {
    let at = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
    let signed = signer().sign(link(), at);
    let lines: Vec<&str> = signed.note.lines().collect();
    assert_eq!(lines[0], "nalabo/00000000-0000-0000-0000-000000000007");
    assert_eq!(lines[1], "12");
    assert_eq!(lines[2], STANDARD.encode([0xab; 32]));
    assert_eq!(lines[3], "time 2023-11-14T22:13:20Z");
    assert_eq!(lines[4], "");
    assert!(lines[5].starts_with("\u{2014} nalabo/00000000-0000-0000-0000-000000000007 "), "{}", lines[5]);
    let verifier: Verifier = signer().verifier().to_string().parse().expect("a key");
    let read = verifier.open(&signed.note).expect("signed");
    assert_eq!((read.link, read.journal, read.signed_at), (link(), Some(Uuid::from_u128(7)), Some(at)));
}

#[test]
fn signatures_of_witnesses_are_no_hindrance() {
    let signed = signer().sign(link(), Utc::now());
    let with_another = format!("{}\u{2014} witness.example {}\n", signed.note, STANDARD.encode([1; 68]));
    assert_eq!(signer().verifier().open(&with_another).expect("signed").link, link());
}

#[test]
fn another_key_is_told_apart_from_a_forgery() {
    let signed = signer().sign(link(), Utc::now());
    let stranger = Signer::new(Uuid::from_u128(7), &[8; 32]).verifier();
    assert_eq!(stranger.open(&signed.note), Err(NoteError::OtherKey(stranger.to_string())));
    let changed = signed.note.replacen("\n12\n", "\n13\n", 1);
    assert_eq!(signer().verifier().open(&changed), Err(NoteError::Forged(signer().verifier().name)));
}

#[test]
fn malformed_keys_are_refused() {
    let good = signer().verifier().to_string();
    let (head, _) = good.rsplit_once('+').expect("parts");
    let wrong_hash = KEY.replace("c74f20a3", "c74f20a4");
    for bad in ["", "name", "name+00000000", "a b+c74f20a3+AQ==", &format!("{head}+AQ=="), &format!("{head}+!"), &wrong_hash] {
        assert!(matches!(bad.parse::<Verifier>(), Err(NoteError::Key(_))), "{bad}");
    }
}

#[test]
fn malformed_notes_are_refused() {
    let verifier = signer().verifier();
    let note = signer().sign(link(), Utc::now()).note;
    let (text, _) = note.split_once("\n\n").expect("a blank line");
    for bad in ["", "\n\n", text, &note[..note.len() - 1], &note.replace('\u{2014}', "-"), &note.replace('\n', "\r\n")] {
        assert!(matches!(verifier.open(bad), Err(NoteError::Malformed(_))), "{bad:?}");
    }
}
