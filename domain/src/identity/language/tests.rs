use super::Language;

#[test]
fn the_language_that_is_preferred_is_taken_if_it_is_ours() {
    for (header, expected) in [
        ("fr", Some(Language::Fr)),
        ("fr-CA, en;q=0.8", Some(Language::Fr)),
        ("de, en;q=0.5, fr;q=0.9", Some(Language::Fr)),
        ("EN-gb;q=0.9,fr;q=0.9", Some(Language::En)),
        ("de-DE", None),
        ("fr;q=0", None),
        ("fr;q=much", None),
        ("*", None),
        ("", None),
        (";;,,;q=", None),
    ] {
        assert_eq!(Language::preferred(header), expected, "{header}");
    }
}
