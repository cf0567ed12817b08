use super::*;

#[test]
fn a_prompt_is_known_by_its_number() {
    assert_eq!(prompted("ls\r\nnotes.txt\r\n[7]$ "), Some(("ls\r\nnotes.txt\r\n", Prompt::Next(7))));
    assert_eq!(prompted("cat <<END\r\n[more]$ "), Some(("cat <<END\r\n", Prompt::More)));
}

#[test]
fn what_is_typed_and_printed_is_no_prompt() {
    assert!(prompted("learner@nalabo:~$ ").is_none());
    assert!(prompted(&format!("{SET_UP}\r\n")).is_none());
    assert!(prompted("[7]$ ls").is_none());
}
