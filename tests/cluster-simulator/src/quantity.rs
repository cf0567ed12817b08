//! Quantities of resources, such as `500m`, `1Gi` or `3e6`.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign},
};

use serde_json::Value;

/// In thousandths of a unit; what is finer is rounded up, as a real server does.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Quantity {
    milli: i128,
    /// Written with `Ki`, `Mi`, `Gi`.
    binary: bool,
}

const SUFFIXES: [(&str, i128, bool); 14] = [
    ("Ki", 1 << 10, true),
    ("Mi", 1 << 20, true),
    ("Gi", 1 << 30, true),
    ("Ti", 1 << 40, true),
    ("Pi", 1 << 50, true),
    ("Ei", 1 << 60, true),
    ("k", 1_000, false),
    ("M", 1_000_000, false),
    ("G", 1_000_000_000, false),
    ("T", 1_000_000_000_000, false),
    ("P", 1_000_000_000_000_000, false),
    ("E", 1_000_000_000_000_000_000, false),
    ("", 1, false),
    ("m", 0, false),
];

impl Quantity {
    pub(crate) fn units(units: i128) -> Self {
        Self { milli: units * 1000, binary: false }
    }

    /// `None` if it is no quantity.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let end = text.find(|c: char| !(c.is_ascii_digit() || ".+-".contains(c))).unwrap_or(text.len());
        let (number, suffix) = text.split_at(end);
        if let Some(exponent) = suffix.strip_prefix(['e', 'E']).and_then(|digits| digits.parse::<u32>().ok()) {
            return Some(Self { milli: scaled(number, 1000 * 10_i128.checked_pow(exponent)?)?, binary: false });
        }
        let (_, scale, binary) = SUFFIXES.iter().find(|(known, ..)| *known == suffix)?;
        // A thousandth has no whole scale.
        let scale = if *scale == 0 { 1 } else { scale * 1000 };
        Some(Self { milli: scaled(number, scale)?, binary: *binary })
    }

    /// Of a JSON value, which may be a number.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Self::parse(text),
            Value::Number(number) => Self::parse(&number.to_string()),
            _ => None,
        }
    }

    pub(crate) fn is_zero(self) -> bool {
        self.milli == 0
    }

    /// A share of it, in percent.
    pub(crate) fn percent(self, percent: i128) -> Self {
        Self { milli: self.milli * percent / 100, binary: self.binary }
    }

    /// What is left after taking some, never below zero.
    pub(crate) fn less(self, taken: Self) -> Self {
        Self { milli: (self.milli - taken.milli).max(0), binary: self.binary }
    }

    pub(crate) fn larger(self, other: Self) -> Self {
        if other.milli > self.milli { other } else { self }
    }
}

/// A decimal number times a scale, rounded up.
fn scaled(number: &str, scale: i128) -> Option<i128> {
    let (negative, digits) = number.strip_prefix('-').map_or((false, number.strip_prefix('+').unwrap_or(number)), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.len() > 18 {
        return None;
    }
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let parse = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<i128>().ok() };
    let base = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    let parts = parse(fraction)?.checked_mul(scale)?;
    let value = parse(whole)?.checked_mul(scale)?.checked_add(parts / base + i128::from(parts % base != 0))?;
    Some(if negative { -value } else { value })
}

impl Add for Quantity {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { milli: self.milli + other.milli, binary: self.binary || other.binary }
    }
}

impl AddAssign for Quantity {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Quantity {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.milli % 1000 != 0 {
            return write!(f, "{}m", self.milli);
        }
        let units = self.milli / 1000;
        let fitting = SUFFIXES[..6].iter().rev().find(|(_, scale, _)| self.binary && units != 0 && units % scale == 0);
        match fitting {
            Some((suffix, scale, _)) => write!(f, "{}{suffix}", units / scale),
            None => write!(f, "{units}"),
        }
    }
}
