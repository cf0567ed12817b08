use super::{CommunityDescription, CommunityName, CommunityRejection as No};

#[test]
fn a_name_is_short_and_shown_as_it_is_written() {
    assert_eq!(CommunityName::try_new("  Kubernetes Zürich ").map(|name| name.as_str().to_owned()), Ok("Kubernetes Zürich".to_owned()));
    assert!(CommunityName::try_new(&"é".repeat(80)).is_ok());
    for wrong in ["", "   ", &"é".repeat(81), "two\nlines", "right\u{202e}left", "in\u{200b}visible", "bell\u{7}"] {
        assert_eq!(CommunityName::try_new(wrong), Err(No::NameInvalid), "{wrong:?}");
    }
}

#[test]
fn a_description_has_lines_and_nothing_hidden() {
    assert_eq!(CommunityDescription::try_new(" one\ntwo ").map(|text| text.as_str().to_owned()), Ok("one\ntwo".to_owned()));
    assert_eq!(CommunityDescription::try_new(""), Ok(CommunityDescription::default()));
    assert!(CommunityDescription::try_new(&"é".repeat(2000)).is_ok());
    for wrong in ["a\u{0}b", "a\u{1b}[31mb", "a\u{2066}b", &"é".repeat(2001)] {
        assert_eq!(CommunityDescription::try_new(wrong), Err(No::DescriptionInvalid), "{wrong:?}");
    }
}
