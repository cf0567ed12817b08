//! Amounts in every form the API uses.

use super::*;

#[test]
fn amounts_are_read_in_every_form() {
    let forms = [
        ("1", 1000),
        ("250m", 250),
        ("1.5", 1500),
        ("0.1", 100),
        ("1Ki", 1_024_000),
        ("2Gi", 2_147_483_648_000),
        ("1e3", 1_000_000),
        ("100000n", 1),
        ("1500u", 2),
        ("12E-1", 1200),
        ("3k", 3_000_000),
        ("0", 0),
    ];
    for (text, expected) in forms {
        assert_eq!(milli(&Quantity(text.to_owned())), Some(expected), "{text}");
    }
}

#[test]
fn what_is_no_amount_is_none() {
    for text in ["", "m", "-1", "1.2.3", "1Xi", "99999999999999999999999999999999999999999", "1e99"] {
        assert_eq!(milli(&Quantity(text.to_owned())), None, "{text}");
    }
}
