use super::{Names, key_from, title_from, without_number};

#[test]
fn titles_come_from_file_names() {
    assert_eq!(title_from("workshop/content/01-first-steps.md"), "First steps");
    assert_eq!(title_from("steps/summary.md"), "Summary");
    assert_eq!(title_from("42.md"), "42");
}

#[test]
fn numbers_in_front_are_left_out() {
    assert_eq!(without_number("01-look-around"), "look-around");
    assert_eq!(without_number("2nd-try"), "2nd-try");
    assert_eq!(without_number("01-"), "01-");
}

#[test]
fn keys_are_made_of_letters_digits_and_single_hyphens() {
    assert_eq!(key_from("01_First  Steps/Ünd mehr"), "01-first-steps-nd-mehr");
    assert_eq!(key_from(&"a".repeat(300)).len(), 72);
    assert_eq!(key_from(&format!("{}-b", "a".repeat(71))), "a".repeat(71));
    assert_eq!(key_from("---"), "");
}

#[test]
fn names_that_are_taken_get_a_number() {
    let mut names = Names::default();
    let claimed: Vec<_> = ["a", "a", "a-2", "a", "b", "a-2"].iter().map(|name| names.claim(name)).collect();
    assert_eq!(claimed, ["a", "a-2", "a-2-2", "a-3", "b", "a-2-3"]);
}
