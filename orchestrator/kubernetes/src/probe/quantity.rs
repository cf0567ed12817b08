//! Amounts as Kubernetes writes them.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

/// An amount in thousandths, rounded up; none if it is not one, or negative.
pub(crate) fn milli(quantity: &Quantity) -> Option<u64> {
    let text = quantity.0.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '+').len();
    let (number, suffix) = text.split_at(digits);
    let (whole, part) = number.trim_start_matches('+').split_once('.').unwrap_or((number.trim_start_matches('+'), ""));
    let scale = 10_u128.checked_pow(u32::try_from(part.len()).ok()?)?;
    let value: u128 = format!("{whole}{part}").parse().ok()?;
    let (factor, divisor) = factor(suffix)?;
    let thousandths = value.checked_mul(factor)?.checked_mul(1000)?.div_ceil(divisor.checked_mul(scale)?);
    u64::try_from(thousandths).ok()
}

/// What a suffix multiplies by and divides by.
fn factor(suffix: &str) -> Option<(u128, u128)> {
    let binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].iter().zip(1..).find(|(name, _)| **name == suffix);
    if let Some((_, power)) = binary {
        return Some((1 << (10 * power), 1));
    }
    Some(match suffix {
        "" => (1, 1),
        "n" => (1, 1_000_000_000),
        "u" => (1, 1_000_000),
        "m" => (1, 1000),
        "k" => (1000, 1),
        "M" => (1_000_000, 1),
        "G" => (1_000_000_000, 1),
        "T" => (10_u128.pow(12), 1),
        "P" => (10_u128.pow(15), 1),
        "E" => (10_u128.pow(18), 1),
        _ => {
            let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            let power = 10_u128.checked_pow(exponent.unsigned_abs())?;
            if exponent < 0 { (1, power) } else { (power, 1) }
        }
    })
}

#[cfg(test)]
mod tests;
