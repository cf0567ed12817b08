//! Amounts, shares and counts as they are given: what does not fit is said by field.

use async_graphql::InputObject;
use domain::kernel::{Currency, Money};

use crate::failure::{Failure, Result};

/// An amount of money.
#[derive(InputObject)]
pub(crate) struct MoneyInput {
    /// In whole minor units of the currency: 12.50 EUR are 1250, 12 JPY are 12.
    amount: i64,
    /// By its code (ISO 4217), such as `EUR`.
    currency: String,
}

impl MoneyInput {
    /// # Errors
    /// The currency is none.
    pub(super) fn read(self, field: &str) -> Result<Money> {
        Ok(Money::new(self.amount, currency(&format!("{field}.currency"), &self.currency)?))
    }
}

/// # Errors
/// It is none.
pub(super) fn currency(field: &str, code: &str) -> Result<Currency> {
    Currency::try_new(code).map_err(|error| Failure::bad_input(field, format!("{field}: {error}")))
}

/// A number that is not negative, and not too large for what it counts.
///
/// # Errors
/// It is.
pub(super) fn count<T: TryFrom<i64>>(field: &str, number: i64) -> Result<T> {
    let within = T::try_from(number).ok();
    within.ok_or_else(|| Failure::expected(field, &format!("a number that is not negative and not too large, got {number}")))
}

/// A share in hundredths of a percent.
///
/// # Errors
/// It is no part of a whole, or has more than two decimals.
pub(super) fn share(field: &str, percent: f64) -> Result<u16> {
    let hundredths = scaled(percent, 100.0).and_then(|hundredths| u16::try_from(hundredths).ok());
    let within = hundredths.filter(|hundredths| *hundredths <= 10_000);
    within.ok_or_else(|| Failure::expected(field, &format!("0 to 100 with at most two decimals, got {percent}")))
}

/// Degrees in millionths of one.
///
/// # Errors
/// There are more than `most`, either way.
pub(super) fn millionths(field: &str, degrees: f64, most: i32) -> Result<i32> {
    let rounded = (degrees * 1_000_000.0).round() / 1_000_000.0;
    let within = scaled(rounded, 1_000_000.0).filter(|millionths| millionths.unsigned_abs() <= most.unsigned_abs() * 1_000_000);
    within.ok_or_else(|| Failure::expected(field, &format!("-{most} to {most} degrees, got {degrees}")))
}

/// A number as often as it is to be counted; none, where that is not whole or too large.
fn scaled(number: f64, by: f64) -> Option<i32> {
    let (product, most) = (number * by, f64::from(i32::MAX));
    let whole = product.round();
    // Decimals are seldom what they look like: 4.35 times 100 is a little less than 435.
    let is_whole = (product - whole).abs() < 1e-6 && whole.abs() <= most;
    #[allow(clippy::cast_possible_truncation)] // It is whole, and within, where it is used.
    let counted = whole as i32;
    is_whole.then_some(counted)
}

#[cfg(test)]
mod tests;
