use super::{compared, folded, words};

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
        assert_eq!(compared(written), compared(typed), "{written}");
    }
    assert_ne!(folded("Bern"), folded("Berne"));
}

#[test]
fn names_are_told_apart_by_all_that_stands_in_them_but_case_accents_and_spaces() {
    let names = ["C", "C++", "C#", ".NET", "Net", "CI/CD", "CI CD", "de-CH", "日本語"];
    let compared_all: std::collections::BTreeSet<_> = names.iter().map(|name| compared(name)).collect();
    assert_eq!(compared_all.len(), names.len(), "{compared_all:?}");
    assert_eq!((compared("  Saint\u{a0} Étienne\t").as_str(), compared("Ｃ＋＋").as_str()), ("saint etienne", "c++"));
    assert_eq!(compared(" \n "), "");
}

#[test]
fn nobody_searches_for_more_of_a_word_than_counts() {
    assert_eq!(words(&"a".repeat(5000)), ["a".repeat(40)]);
}
