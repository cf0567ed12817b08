//! Tokens and codes as whoever had the keys could make them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use hmac::{Hmac, KeyInit, Mac};
use journal::vault::Vault;
use secrecy::ExposeSecret;
use sha1::Sha1;
use sha2::Sha256;

use super::STEP;

/// The vault's keys for what is sent in conversations.
#[derive(Clone, Default)]
pub(super) struct Keys {
    refresh: Vec<u8>,
    challenges: Vec<u8>,
}

impl Keys {
    pub(super) async fn of(vault: &dyn Vault) -> Self {
        let key = async |name: &str| vault.secret(name, 32).await.expect("a key").expose_secret().to_vec();
        Self { refresh: key("refresh-tokens").await, challenges: key("sign-in-challenges").await }
    }

    /// A refresh token of a sign-in that another token is of.
    pub(super) fn refresh(&self, like: &str, generation: i64) -> String {
        let body = [&bytes(like)[..16], &generation.to_be_bytes(), &[7; 16]].concat();
        authentic(&self.refresh, b"nalabo refresh v1\0", &body)
    }

    /// The same, as what is mailed is made.
    pub(super) fn refresh_as_link(&self, like: &str) -> String {
        authentic(&self.refresh, b"nalabo link v1\0", &bytes(like)[..40])
    }

    /// A challenge for the account that another is for, of an epoch so much later, which ends then.
    pub(super) fn challenge(&self, like: &str, epochs: u32, ends: i64) -> String {
        let like = bytes(like);
        let epoch = u32::from_be_bytes(*like[16..].first_chunk().expect("an epoch"));
        // After the random bytes stands by which provider they came.
        let provider = &like[44..like.len() - 32];
        let body = [&like[..16], &epoch.wrapping_add(epochs).to_be_bytes(), &ends.to_be_bytes(), &[7; 16], provider].concat();
        authentic(&self.challenges, b"nalabo challenge v2\0", &body)
    }
}

fn bytes(token: &str) -> Vec<u8> {
    BASE64.decode(token).unwrap_or_else(|error| panic!("{token}: {error}"))
}

fn authentic(key: &[u8], purpose: &[u8], body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length").chain_update(purpose).chain_update(body);
    BASE64.encode([body, &mac.finalize().into_bytes()].concat())
}

/// The code of a step of time, by a seed in base32 (RFC 6238).
pub(crate) fn code(seed: &str, now: i64, steps: i64) -> String {
    let seed = data_encoding::BASE32_NOPAD.decode(seed.as_bytes()).expect("base32");
    let mac = Hmac::<Sha1>::new_from_slice(&seed).expect("a key of any length");
    let hash = mac.chain_update((now.div_euclid(STEP) + steps).to_be_bytes()).finalize().into_bytes();
    let at = usize::from(hash[19] & 0xf);
    let number = u32::from_be_bytes(*hash[at..].first_chunk().expect("4 bytes")) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// A text, changed as a case says.
pub(super) fn changed(text: &str, change: &str) -> String {
    let (what, how) = change.split_once(' ').unwrap_or((change, ""));
    let number = || how.parse::<usize>().unwrap_or_else(|_| panic!("{change}: how many?"));
    match what {
        // One bit of a byte.
        "flip" => {
            let mut bytes = bytes(text);
            bytes[number()] ^= 1;
            BASE64.encode(bytes)
        }
        "cut" => text.chars().take(text.chars().count() - number()).collect(),
        "without" => text.chars().skip(number()).collect(),
        "append" => format!("{text}{how}"),
        "prepend" => format!("{how}{text}"),
        "space" => format!("{text} "),
        "spaceBefore" => format!(" {text}"),
        "line" => format!("{text}\n"),
        "spaced" => text.chars().flat_map(|c| [c, ' ']).collect(),
        "twice" => format!("{text}{text}"),
        "reversed" => text.chars().rev().collect(),
        "upper" => text.to_uppercase(),
        "lower" => text.to_lowercase(),
        "standard" => base64::engine::general_purpose::STANDARD.encode(bytes(text)),
        "hex" => hex::encode(bytes(text)),
        "quoted" => format!("\"{text}\""),
        "percent" => text.bytes().fold(String::new(), |encoded, byte| encoded + "%" + &hex::encode_upper([byte])),
        // Where the last letter has two or four bits that count for nothing, one of them; else it is another letter.
        "loose" => {
            let (head, last) = text.split_at(text.len() - 1);
            let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            let at = alphabet.find(last).expect("a letter of base64url");
            let next = alphabet.chars().cycle().nth(at + 1).expect("it has no end");
            format!("{head}{next}")
        }
        // Digits of another script, the first of which has this code.
        "digits" => {
            let zero = u32::from_str_radix(how, 16).expect("a code point");
            text.chars().map(|c| c.to_digit(10).and_then(|digit| char::from_u32(zero + digit)).unwrap_or(c)).collect()
        }
        "plainDashes" => text.replace('-', ""),
        "oddDashes" => text.replace('-', "\u{2011}"),
        _ => panic!("{change}: what change is that?"),
    }
}
