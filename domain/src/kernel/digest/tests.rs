use super::{Digest, DigestError};

#[test]
fn sixty_four_lower_case_hexadecimal_digits_are_a_digest() {
    let text = "0123456789abcdef".repeat(4);
    let digest = Digest::try_from(text.clone()).expect("a digest");
    assert_eq!((digest.as_str(), digest.to_string(), String::from(digest.clone())), (text.as_str(), text.clone(), text.clone()));
    let stored = serde_json::to_string(&digest).expect("a digest is JSON");
    assert_eq!(serde_json::from_str::<Digest>(&stored).expect("the digest that was stored"), digest);
}

#[test]
fn other_text_is_no_digest_in_memory_or_in_json() {
    for text in [String::new(), "a".repeat(63), "a".repeat(65), "A".repeat(64), "g".repeat(64), "é".repeat(32)] {
        assert_eq!(Digest::try_from(text.clone()), Err(DigestError), "{text}");
        assert!(serde_json::from_value::<Digest>(serde_json::json!(text)).is_err(), "{text}");
    }
}

#[test]
fn bytes_are_written_as_their_digits() {
    let mut bytes = [0; 32];
    (bytes[0], bytes[31]) = (0x0a, 0xf1);
    assert_eq!(Digest::from(bytes).as_str(), format!("0a{}f1", "0".repeat(60)));
}
