//! Amounts as authors write them: a whole number with its unit.

use domain::kernel::{Mebibytes, Minutes, Seconds};

/// Seconds of `90`, `90s`, `15m` or `1h`; a bare number is taken as `bare` seconds each.
fn seconds(text: &str, bare: Option<u32>) -> Option<u32> {
    let (digits, factor) = match text.as_bytes().last()? {
        b's' => (&text[..text.len() - 1], 1),
        b'm' => (&text[..text.len() - 1], 60),
        b'h' => (&text[..text.len() - 1], 3600),
        _ => (text, bare?),
    };
    digits.trim().parse::<u32>().ok()?.checked_mul(factor)
}

/// Seconds, where a bare number means seconds.
pub(crate) fn seconds_or_bare(text: &str) -> Option<Seconds> {
    seconds(text, Some(1)).map(Seconds)
}

/// Seconds of `90s`, `15m` or `1h`.
pub(crate) fn duration(text: &str) -> Option<Seconds> {
    seconds(text, None).map(Seconds)
}

/// Minutes, a part of one counting as a whole.
pub(crate) fn minutes(text: &str) -> Option<Minutes> {
    duration(text).map(|Seconds(seconds)| Minutes(seconds.div_ceil(60)))
}

/// Mebibytes of `256Mi`, `2Gi`, `512M` or `1G`, the decimal units rounded up.
pub(crate) fn mebibytes(text: &str) -> Option<Mebibytes> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor: u64 = match &text[digits.len()..] {
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        "K" | "k" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        _ => return None,
    };
    let bytes = digits.trim().parse::<u64>().ok()?.checked_mul(factor)?;
    u32::try_from(bytes.div_ceil(1 << 20)).ok().map(Mebibytes)
}

#[cfg(test)]
mod tests;
