use super::*;

fn judged(password: &str) -> Result<(), Rejection> {
    let email = Email::try_new("ada.lovelace@analytical.example").expect("an address");
    judge(password, &email, &DisplayName::try_new("Ada Lovelace").expect("a name"))
}

#[test]
fn a_password_has_15_to_128_characters() {
    let of = |length: usize| "s\u{e9}\u{4e2d}x7q".chars().cycle().take(length).collect::<String>();
    for (length, expected) in [(0, false), (14, false), (15, true), (64, true), (128, true), (129, false)] {
        assert_eq!(judged(&of(length)), if expected { Ok(()) } else { Err(Rejection::PasswordInvalid) }, "{length}");
    }
}

#[test]
fn with_a_second_factor_eight_characters_are_enough() {
    let email = Email::try_new("ada@example.org").expect("an address");
    let judged = |password| judge_beside_second_factor(password, &email, &DisplayName::try_new("Ada").expect("a name"));
    assert_eq!(judged("x7q-4k9"), Err(Rejection::PasswordInvalid));
    assert_eq!(judged("x7q-4k9z"), Ok(()));
    assert_eq!(judged("password1"), Err(Rejection::PasswordCommon));
    assert!(is_short("fourteen chars") && !is_short("fifteen of them"));
}

#[test]
fn any_characters_will_do_and_none_must_be_there() {
    for password in
        ["only lower case letters", "7391 5528 0461 9927", "\u{1f40e}\u{1f50b}".repeat(8).as_str(), "\0\n\t \u{202e}0123 tab and nul"]
    {
        assert_eq!(judged(password), Ok(()), "{password:?}");
    }
}

#[test]
fn what_everybody_tries_first_is_refused_however_it_is_repeated() {
    for password in [
        "passwordpassword",
        "Password123Password123",
        "1234567890123456",
        "qwertyuiopasdfghjkl",
        "correcthorsebatterystaple",
        "iloveyou sunshine",
    ] {
        assert_eq!(judged(password), Err(Rejection::PasswordCommon), "{password}");
    }
    assert_eq!(judged("password of my own making"), Ok(()), "with enough beside it it may be there");
}

#[test]
fn what_follows_from_the_account_or_the_product_is_refused() {
    for password in
        ["ada.lovelace@analytical.example", "AdaLovelace!815", "analytical-lovelace", "nalabo-nalabo-nalabo", "Ada Lovelace 2026"]
    {
        assert_eq!(judged(password), Err(Rejection::PasswordCommon), "{password}");
    }
}

#[test]
fn what_leaks_have_is_refused_whole_and_repeated() {
    let email = Email::try_new("ada@example.org").expect("an address");
    let beside = |password: &str| judge_beside_second_factor(password, &email, &DisplayName::try_new("Ada").expect("a name"));
    for password in ["donaldduck", "DonaldDuck", "fallen_angel"] {
        assert_eq!(beside(password), Err(Rejection::PasswordCommon), "{password}");
    }
    for password in ["donaldduckdonaldduck", "donaldduck".repeat(12).as_str()] {
        assert_eq!(judged(password), Err(Rejection::PasswordCommon), "{password}");
    }
    for password in
        ["donaldduckdonaldduke", "a donaldduck that leaks have not", "\u{4e2d}\u{4e2d}\u{4e2d}\u{4e2d}\u{4e2d}".repeat(4).as_str()]
    {
        assert_eq!(judged(password), Ok(()), "{password}");
    }
    for password in ["tangerine7x", "\u{e9}l\u{e9}phant\u{e9}"] {
        assert_eq!(beside(password), Ok(()), "{password}");
    }
}

#[test]
fn more_are_refused_than_3000() {
    let lines: Vec<_> = LEAKED.lines().collect();
    assert!(lines.len() > 7000 && lines.is_sorted());
    for line in lines {
        assert!(line.len() >= 8 && line.bytes().all(|byte| byte.is_ascii_graphic()) && line == line.to_lowercase(), "{line:?}");
    }
}

#[test]
fn the_list_is_of_words_that_can_be_found() {
    let lines: Vec<_> = COMMON.lines().collect();
    assert!(lines.len() > 600 && lines.is_sorted());
    for line in lines {
        assert!(line.chars().count() >= 8 && line == line.to_lowercase() && line.trim() == line, "{line:?}");
    }
}
