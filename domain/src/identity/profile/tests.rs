use super::{DisplayName, Email, ErasureReason, IdentityRejection, UserAgent};

fn address(text: &str) -> Result<String, IdentityRejection> {
    Email::try_new(text).map(|email| email.as_str().to_owned())
}

fn name(text: &str) -> Result<String, IdentityRejection> {
    DisplayName::try_new(text).map(|name| name.as_str().to_owned())
}

#[test]
fn an_address_is_claimed_trimmed_and_in_lower_case() {
    assert_eq!(address("  Ada.Lovelace+x@Example.ORG\n"), Ok("ada.lovelace+x@example.org".to_owned()));
    assert_eq!(address("ada@localhost"), Ok("ada@localhost".to_owned()));
    assert_eq!(address("jörg@exämple.org"), Ok("jörg@exämple.org".to_owned()));
}

#[test]
fn an_address_may_be_as_long_as_mail_allows_and_no_longer() {
    let domain = |letters: usize| format!("{}.{}.{}", "a".repeat(63), "b".repeat(63), "c".repeat(letters));
    assert!(address(&format!("{}@example.org", "l".repeat(64))).is_ok());
    assert_eq!(address(&format!("{}@example.org", "l".repeat(65))), Err(IdentityRejection::EmailInvalid));
    assert!(address(&format!("l@{}.org", "d".repeat(63))).is_ok());
    assert_eq!(address(&format!("l@{}.org", "d".repeat(64))), Err(IdentityRejection::EmailInvalid));
    assert!(address(&format!("{}@{}", "l".repeat(64), domain(61))).is_ok(), "254 characters");
    assert_eq!(address(&format!("{}@{}", "l".repeat(64), domain(62))), Err(IdentityRejection::EmailInvalid), "255 characters");
}

#[test]
fn text_that_is_not_an_address_is_refused() {
    let wrong = [
        "",
        "ada",
        "@",
        "@example.org",
        "ada@",
        "ada@.org",
        "ada@example.",
        "ada@example..org",
        "ada@-example.org",
        "ada@example-.org",
        ".ada@example.org",
        "ada.@example.org",
        "a..da@example.org",
        "a da@example.org",
        "ada@exa mple.org",
        "ada@lovelace@example.org",
        "ada\0@example.org",
        "ada@example.org\r\nBcc: x",
        "<ada@example.org>",
        "ada@[127.0.0.1]",
        "ada@exam_ple.org",
    ];
    for text in wrong {
        assert_eq!(address(text), Err(IdentityRejection::EmailInvalid), "{text:?}");
    }
}

#[test]
fn a_name_has_1_to_80_characters_once_trimmed() {
    assert_eq!(name("  Ada Lovelace "), Ok("Ada Lovelace".to_owned()));
    assert_eq!(name("ö"), Ok("ö".to_owned()));
    assert!(name(&"ö".repeat(80)).is_ok());
    for text in ["", "   ", &"ö".repeat(81)] {
        assert_eq!(name(text), Err(IdentityRejection::DisplayNameInvalid), "{text:?}");
    }
}

#[test]
fn a_name_cannot_hide_anything_or_turn_the_text_around_it() {
    let hidden =
        ['\0', '\n', '\u{1b}', '\u{85}', '\u{ad}', '\u{61c}', '\u{200b}', '\u{202e}', '\u{2066}', '\u{3164}', '\u{feff}', '\u{e0041}'];
    for character in hidden {
        let text = format!("A{character}da");
        assert_eq!(name(&text), Err(IdentityRejection::DisplayNameInvalid), "{text:?}");
    }
}

#[test]
fn names_of_many_scripts_are_welcome() {
    for text in ["Ольга", "山田太郎", "أمينة", "Zoë O’Brien-Łukasz", "नरेन्द्र", "ada_99 🦀"] {
        assert_eq!(name(text), Ok(text.to_owned()));
    }
}

#[test]
fn a_reason_has_1_to_500_characters_once_trimmed() {
    assert!(ErasureReason::try_new(&format!(" {} ", "r".repeat(500))).is_ok());
    for text in ["", "  ", "two\nlines", &"r".repeat(501)] {
        assert_eq!(ErasureReason::try_new(text), Err(IdentityRejection::ReasonInvalid), "{text:?}");
    }
}

#[test]
fn a_user_agent_is_cut_to_what_is_seen() {
    let agent = |text: &str| UserAgent::of(text).map(|agent| agent.as_str().to_owned());
    assert_eq!(agent(" curl/8.5.0 ").as_deref(), Some("curl/8.5.0"));
    assert_eq!(agent("a\u{202e}b\u{1b}[31mc").as_deref(), Some("ab[31mc"));
    assert_eq!(agent(" \u{200b} "), None);
    assert_eq!(agent(&"x".repeat(300)).map(|agent| agent.len()), Some(256));
}
