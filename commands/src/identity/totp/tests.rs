use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(seconds, 0).expect("a time")
}

fn rfc() -> SecretSlice<u8> {
    b"12345678901234567890".to_vec().into()
}

/// RFC 6238, appendix B, SHA1: of the eight digits there, the last six.
const VECTORS: [(i64, &str); 6] = [
    (59, "287082"),
    (1_111_111_109, "081804"),
    (1_111_111_111, "050471"),
    (1_234_567_890, "005924"),
    (2_000_000_000, "279037"),
    (20_000_000_000, "353130"),
];

#[test]
fn codes_are_those_of_the_rfc() {
    for (seconds, code) in VECTORS {
        assert_eq!(step_of(&rfc(), code, at(seconds)), Some(seconds / 30), "{seconds}");
    }
}

/// RFC 4226, appendix D.
#[test]
fn codes_by_count_are_those_of_the_rfc() {
    for (count, code) in (0..).zip(["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]) {
        assert_eq!(code_at(&rfc(), count), code);
    }
}

#[test]
fn clocks_may_differ_by_one_step() {
    for (seconds, expected) in
        [(1_111_111_109 - 60, false), (1_111_111_109 - 30, true), (1_111_111_109 + 30, true), (1_111_111_109 + 61, false)]
    {
        assert_eq!(step_of(&rfc(), "081804", at(seconds)).is_some(), expected, "{seconds}");
    }
}

#[test]
fn what_is_no_code_is_wrong() {
    for code in ["", "28708", "2870820", "28708a", " 287082", "\u{ff12}87082"] {
        assert_eq!(step_of(&rfc(), code, at(59)), None, "{code:?}");
    }
}

/// RFC 4648, section 10, without padding.
#[test]
fn base32_is_that_of_the_rfc() {
    for (bytes, text) in
        [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI")]
    {
        assert_eq!(to_base32(bytes.as_bytes()).expose_secret(), text);
        assert_eq!(from_base32(text).expect("base32").expose_secret(), bytes.as_bytes());
    }
    assert!(from_base32("mzxw6").is_none() && from_base32("MZXW6===").is_none());
    assert_eq!(seed().expose_secret().len(), 20);
}

#[test]
fn an_address_is_escaped() {
    let uri = uri("nalabo & co", "a+b@example.org", &"MY".to_owned().into());
    let expected =
        "otpauth://totp/nalabo%20%26%20co:a%2Bb%40example.org?secret=MY&issuer=nalabo%20%26%20co&algorithm=SHA1&digits=6&period=30";
    assert_eq!(uri.expose_secret(), expected);
}
