use super::{folded, words};

#[test]
fn words_are_told_apart_by_what_is_no_letter() {
    assert_eq!(words("Kubernetes: the hard way (v1.30)"), ["kubernetes", "the", "hard", "way", "v1", "30"]);
    assert_eq!(words("  …  "), Vec::<String>::new());
    assert_eq!(words("日本語 入門"), ["日本語", "入門"]);
}

#[test]
fn case_and_accents_do_not_matter() {
    for (written, typed) in [("Zürich", "ZURICH"), ("Données", "donnees"), ("Straße", "STRASSE"), ("Łódź", "lodz"), ("İzmir", "izmir")]
    {
        assert_eq!(folded(written), folded(typed), "{written}");
    }
    assert_ne!(folded("Bern"), folded("Berne"));
}

#[test]
fn nobody_searches_for_more_of_a_word_than_counts() {
    assert_eq!(words(&"a".repeat(5000)), ["a".repeat(40)]);
}
