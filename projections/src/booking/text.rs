//! Texts as they are searched: words without case and accents.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Letters of a word that count.
const LONGEST: usize = 40;

/// The words of a text, in its order.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = vec![];
    let (mut word, mut length) = (String::new(), 0);
    // What is no letter ends a word: the last one, too.
    for letter in letters(text).chain([' ']) {
        if letter.is_alphanumeric() {
            if length < LONGEST {
                spell(letter, &mut word);
            }
            length += 1;
        } else if length > 0 {
            words.push(std::mem::take(&mut word));
            length = 0;
        }
    }
    words
}

/// The same, as one text.
pub(super) fn folded(text: &str) -> String {
    words(text).join(" ")
}

/// A name as it is compared: by this, names are the same that differ in case, accents and spaces alone. What else stands in one belongs to
/// it: C, C++ and C# are three.
pub(super) fn compared(name: &str) -> String {
    let mut compared = String::with_capacity(name.len());
    for letter in letters(name) {
        if !letter.is_whitespace() {
            spell(letter, &mut compared);
        } else if !compared.is_empty() && !compared.ends_with(' ') {
            compared.push(' ');
        }
    }
    compared.truncate(compared.trim_end().len());
    compared
}

/// What a text is made of, without case and accents.
fn letters(text: &str) -> impl Iterator<Item = char> {
    text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase)
}

/// Letters that are no others with an accent, and are typed as others all the same.
fn spell(letter: char, word: &mut String) {
    match letter {
        'ß' => word.push_str("ss"),
        'æ' => word.push_str("ae"),
        'œ' => word.push_str("oe"),
        'þ' => word.push_str("th"),
        'ø' => word.push('o'),
        'ł' => word.push('l'),
        'đ' | 'ð' => word.push('d'),
        'ı' => word.push('i'),
        other => word.push(other),
    }
}

#[cfg(test)]
mod tests;
