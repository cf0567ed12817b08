//! Signed notes, after C2SP's signed-note: a text, a blank line, and a line for each signature.
//!
//! ```text
//! text, one or several lines
//! <blank line>
//! — <key name> <base64 of: 4 bytes that name the key ‖ 64 bytes of Ed25519 signature over the text>
//! ```

use base64::{Engine, engine::general_purpose::STANDARD};

/// How a line of a signature begins.
const DASH: &str = "\u{2014} ";
/// The most signatures that are looked at.
const SIGNATURES: usize = 100;

/// Why a note is worth nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is not in the form of a signed note or of a checkpoint.
    #[error("not a signed checkpoint: {0}")]
    Malformed(&'static str),
    /// No signature by the key that was asked for.
    #[error("not signed by the key {0}")]
    OtherKey(String),
    /// The key is named, but did not sign this text.
    #[error("the signature by {0} does not fit the text")]
    Forged(String),
    /// A text that is no verifier key.
    #[error("expected a verifier key such as name+0a1b2c3d+AZ…, {0}")]
    Key(&'static str),
}

/// One line under a note.
pub(super) struct Signature<'a> {
    pub(super) name: &'a str,
    pub(super) key_hash: [u8; 4],
    pub(super) bytes: Vec<u8>,
}

pub(super) fn seal(text: &str, name: &str, key_hash: [u8; 4], signature: &[u8; 64]) -> String {
    let bytes = [key_hash.as_slice(), signature].concat();
    format!("{text}\n{DASH}{name} {}\n", STANDARD.encode(bytes))
}

/// The text that is signed, with its last line's end, and the signatures.
pub(super) fn split(note: &str) -> Result<(&str, Vec<Signature<'_>>), NoteError> {
    let malformed = |what| Err(NoteError::Malformed(what));
    if note.chars().any(|c| c.is_control() && c != '\n') {
        return malformed("it has control characters");
    }
    let Some(blank) = note.rfind("\n\n") else { return malformed("no blank line before the signatures") };
    let (text, lines) = (&note[..=blank], &note[blank + 2..]);
    let Some(lines) = lines.strip_suffix('\n') else { return malformed("the last line has no end") };
    let signatures = lines.split('\n').take(SIGNATURES).map(signature).collect::<Result<_, _>>()?;
    Ok((text, signatures))
}

fn signature(line: &str) -> Result<Signature<'_>, NoteError> {
    let parts = line.strip_prefix(DASH).and_then(|rest| rest.split_once(' '));
    let (name, encoded) = parts.ok_or(NoteError::Malformed("a line of a signature is not `— name base64`"))?;
    let bytes = STANDARD.decode(encoded).map_err(|_| NoteError::Malformed("a signature is not base64"))?;
    let (key_hash, bytes) = bytes.split_first_chunk::<4>().ok_or(NoteError::Malformed("a signature is too short"))?;
    Ok(Signature { name, key_hash: *key_hash, bytes: bytes.to_vec() })
}
