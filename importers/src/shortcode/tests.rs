use proptest::prelude::*;

use super::shield;

#[test]
fn shortcodes_become_words_and_come_back() {
    let shielded = shield("url: {{< param a >}}://{{ b }}.{{% c %}}/x\n");
    assert!(!shielded.text.contains('{'));
    assert_eq!(shielded.restore(&shielded.text), "url: {{< param a >}}://{{ b }}.{{% c %}}/x\n");
}

#[test]
fn what_is_not_closed_on_its_line_stays() {
    let shielded = shield("a: {{ b\nc: }}\n");
    assert_eq!(shielded.text, "a: {{ b\nc: }}\n");
}

proptest! {
    #[test]
    fn every_text_is_restored(text in "([{}< >a-c\n]|\u{f8f0}|\u{f8f1}|0){0,40}") {
        let shielded = shield(&text);
        prop_assert_eq!(shielded.restore(&shielded.text), text);
    }
}
