//! What a new password must be: long, and not what everybody would try first (OWASP ASVS 5.0, 6.2.1, 6.2.4, 6.2.5, 6.2.8, 6.2.9, 6.2.11
//! and 6.2.12; NIST SP 800-63B-4, section 3.1.1.2). Any characters will do, and none must be there. A password that is kept already is not
//! judged.

use std::sync::LazyLock;

use super::{DisplayName, Email, IdentityRejection as Rejection};

/// Characters of a password that stands alone.
const SHORTEST: usize = 15;
/// Characters of one that a second factor goes with.
const SHORTEST_OF_TWO: usize = 8;
const LONGEST: usize = 128;
/// How many characters must be left of it without what is tried first.
const OWN: usize = 8;
/// Letters of a word that is looked for.
const WORD: usize = 4;
/// The commonest of at least eight characters, in lower case, one a line.
const COMMON: &str = include_str!("password/common.txt");
/// More of at least eight characters, in lower case and in order, one a line: those that known leaks have most often, as Django's list of
/// 20 000 common passwords has them. These are refused as a whole: many are words that may be in a good passphrase.
const LEAKED: &str = include_str!("password/leaked.txt");
/// What this is called.
const PRODUCT: &str = "nalabo";

/// Whether it is good for an account with this address and name.
///
/// # Errors
/// [`Rejection::PasswordInvalid`], [`Rejection::PasswordCommon`].
pub fn judge(password: &str, email: &Email, name: &DisplayName) -> Result<(), Rejection> {
    judged(password, email, name, SHORTEST)
}

/// The same for an account that has a second factor.
///
/// # Errors
/// [`Rejection::PasswordInvalid`], [`Rejection::PasswordCommon`].
pub fn judge_beside_second_factor(password: &str, email: &Email, name: &DisplayName) -> Result<(), Rejection> {
    judged(password, email, name, SHORTEST_OF_TWO)
}

/// Whether it is too short to stand alone.
#[must_use]
pub fn is_short(password: &str) -> bool {
    password.chars().count() < SHORTEST
}

fn judged(password: &str, email: &Email, name: &DisplayName, shortest: usize) -> Result<(), Rejection> {
    if !(shortest..=LONGEST).contains(&password.chars().count()) {
        return Err(Rejection::PasswordInvalid);
    }
    let about = [email.as_str(), name.as_str()].map(str::to_lowercase);
    let parts = about.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    let mut words: Vec<&str> = about.iter().map(String::as_str).chain(parts).chain([PRODUCT]).chain(COMMON.lines()).collect();
    words.retain(|word| word.chars().count() >= WORD);
    // A word may hold another.
    words.sort_unstable_by_key(|word| std::cmp::Reverse(word.len()));
    let password = password.to_lowercase();
    let own = words.iter().fold(password.clone(), |rest, word| rest.replace(word, ""));
    if own.chars().count() < OWN || is_leaked(&password) { Err(Rejection::PasswordCommon) } else { Ok(()) }
}

/// Whether it is one that leaks have, once or several times over.
fn is_leaked(password: &str) -> bool {
    static LINES: LazyLock<Vec<&str>> = LazyLock::new(|| LEAKED.lines().collect());
    let whole = |times: &usize| password.len().is_multiple_of(*times) && password.is_char_boundary(password.len() / times);
    let mut once = (1..=password.len() / OWN).filter(whole).map(|times| (times, &password[..password.len() / times]));
    once.any(|(times, once)| LINES.binary_search(&once).is_ok() && once.repeat(times) == password)
}

#[cfg(test)]
mod tests;
