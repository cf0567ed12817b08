//! What clusters and environments cost, by prices that the operator has configured. Integers throughout: sums come out the same in
//! whatever order.

use std::fmt;

use crate::kernel::{Mebibytes, Millicores, Seconds};

/// The highest price, in units of the currency.
const MAX_PRICE: f64 = 1_000_000.0;
const MICRO: i64 = 1_000_000;
const HOUR: i128 = 3600;

/// Prices, in millionths of the currency's unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices {
    /// ISO 4217.
    currency: String,
    cpu_hour: i64,
    gibibyte_hour: i64,
    cluster_hour: i64,
}

/// Prices as an operator says them, in units of the currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriceList<'a> {
    /// Three letters, ISO 4217.
    pub currency: &'a str,
    /// Of a core.
    pub cpu_hour: f64,
    /// Of memory.
    pub gibibyte_hour: f64,
    /// Of a cluster, whatever is on it.
    pub cluster_hour: f64,
}

/// A price that is not as expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: expected {expected}")]
pub struct PriceError {
    pub field: &'static str,
    pub expected: &'static str,
}

/// An amount, in millionths of the currency's unit. Shown in units, with two to six decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(pub i64);

/// What stood, times how long it did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stood {
    /// Thousandths of a core times seconds.
    pub cpu: i64,
    /// Units of 2^20 bytes times seconds.
    pub memory: i64,
    /// Clusters times seconds.
    pub clusters: i64,
}

impl Stood {
    /// An environment, which is no cluster.
    #[must_use]
    pub fn environment(cpu: Millicores, memory: Mebibytes, time: Seconds) -> Self {
        let time = i64::from(time.0);
        Self { cpu: i64::from(cpu.0).saturating_mul(time), memory: i64::from(memory.0).saturating_mul(time), clusters: 0 }
    }
}

impl Prices {
    /// # Errors
    /// The first that is not as expected.
    pub fn try_new(list: &PriceList<'_>) -> Result<Self, PriceError> {
        if list.currency.len() != 3 || !list.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(PriceError { field: "currency", expected: "three capital letters, such as EUR (ISO 4217)" });
        }
        Ok(Self {
            currency: list.currency.to_owned(),
            cpu_hour: micros("cpu_hour", list.cpu_hour)?,
            gibibyte_hour: micros("gibibyte_hour", list.gibibyte_hour)?,
            cluster_hour: micros("cluster_hour", list.cluster_hour)?,
        })
    }

    /// ISO 4217.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// What it costs; as much as can be counted, if it is more.
    #[must_use]
    pub fn cost(&self, stood: Stood) -> Amount {
        let of = |price: i64, amount: i64| i128::from(price) * i128::from(amount);
        // Over one denominator, so that it is rounded once.
        let sum = of(self.cpu_hour, stood.cpu) * 1024
            + of(self.gibibyte_hour, stood.memory) * 1000
            + of(self.cluster_hour, stood.clusters) * 1_024_000;
        let whole = 1_024_000 * HOUR;
        Amount(i64::try_from((sum + whole / 2).div_euclid(whole)).unwrap_or(i64::MAX))
    }
}

#[allow(clippy::cast_possible_truncation)] // Bounded before.
fn micros(field: &'static str, price: f64) -> Result<i64, PriceError> {
    if (0.0..=MAX_PRICE).contains(&price) {
        Ok((price * 1_000_000.0).round() as i64)
    } else {
        Err(PriceError { field, expected: "a number from 0 to 1000000" })
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = format!("{:06}", self.0.unsigned_abs() % MICRO.unsigned_abs());
        let (always, rest) = decimals.split_at(2);
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{always}{}", self.0.unsigned_abs() / MICRO.unsigned_abs(), rest.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests;
