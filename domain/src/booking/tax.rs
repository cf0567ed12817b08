//! Value added tax on what is asked for, which includes it. How sums are rounded is a choice (EN 16931 adds up net lines): five lines
//! of 100.00 at 19 % are 500.00 one way and 499.98 another.

use serde::{Deserialize, Serialize};

use crate::kernel::{Currency, Money, MoneyError, rounded};

/// A rate and how it is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taxation {
    /// In hundredths of a percent: 19 % are 1900.
    pub rate: u16,
    pub rounding: Rounding,
}

/// Where a tax is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// On each line; the sums are those of the lines.
    Line,
    /// Net amounts are rounded on each line, the tax once on their sum; what is to be paid follows, and may differ from the sum of prices.
    SumByNet,
    /// The tax is rounded once, and what is to be paid stays the sum of prices; net amounts of lines are fitted to it.
    SumByNetKeepGross,
}

/// What a line or a sum consists of: `net` and `tax` always make up `gross`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taxed {
    pub net: Money,
    pub tax: Money,
    pub gross: Money,
}

/// Lines, and their sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals {
    pub lines: Vec<Taxed>,
    pub sum: Taxed,
}

/// All of something, in hundredths of a percent.
const WHOLE: u16 = 10_000;

impl Taxation {
    /// The highest rate: 100 %.
    pub const HIGHEST: u16 = WHOLE;

    /// What prices that include the tax add up to.
    ///
    /// # Errors
    /// Prices of another currency than `currency`, or too large ones.
    pub fn totals(self, prices: &[Money], currency: Currency) -> Result<Totals, MoneyError> {
        let sum = prices.iter().try_fold(Money::zero(currency), |sum, price| sum.plus(*price))?;
        let net: Vec<i64> = prices.iter().map(|price| self.net(price.amount)).collect();
        let net_sum = net.iter().try_fold(0_i64, |sum, net| sum.checked_add(*net)).ok_or(MoneyError::TooLarge)?;
        let money = |amount| Money::new(amount, currency);
        let line_of = |net, tax| money(net).plus(money(tax)).map(|gross| Taxed { net: money(net), tax: money(tax), gross });
        let (nets, taxes) = match self.rounding {
            Rounding::Line => {
                let taxes = prices.iter().zip(&net).map(|(price, net)| price.amount - net).collect();
                (net, taxes)
            }
            Rounding::SumByNet => {
                let tax = rounded(i128::from(net_sum) * i128::from(self.rate), WHOLE.into());
                let taxes = spread(tax, &net);
                (net, taxes)
            }
            Rounding::SumByNetKeepGross => {
                let gross: Vec<i64> = prices.iter().map(|price| price.amount).collect();
                let nets = spread(self.net(sum.amount), &gross);
                let taxes = gross.iter().zip(&nets).map(|(gross, net)| gross - net).collect();
                (nets, taxes)
            }
        };
        let lines = nets.into_iter().zip(taxes).map(|(net, tax)| line_of(net, tax)).collect::<Result<Vec<_>, _>>()?;
        let (mut net, mut tax) = (0_i64, 0_i64);
        for line in &lines {
            net = net.checked_add(line.net.amount).ok_or(MoneyError::TooLarge)?;
            tax = tax.checked_add(line.tax.amount).ok_or(MoneyError::TooLarge)?;
        }
        Ok(Totals { sum: line_of(net, tax)?, lines })
    }

    fn net(self, gross: i64) -> i64 {
        rounded(i128::from(gross) * i128::from(WHOLE), i128::from(WHOLE) + i128::from(self.rate))
    }
}

/// Parts of `total` in proportion to `weights`, which are not negative, that add up to it: what is left over by rounding down goes to the
/// parts that lost most by it, the first among equals.
pub(crate) fn spread(total: i64, weights: &[i64]) -> Vec<i64> {
    let all: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if all == 0 {
        return weights.iter().enumerate().map(|(index, _)| if index == 0 { total } else { 0 }).collect();
    }
    let exact = |weight: i64| i128::from(total) * i128::from(weight);
    let mut parts: Vec<i64> = weights.iter().map(|weight| i64::try_from(exact(*weight).div_euclid(all)).unwrap_or_default()).collect();
    let left = usize::try_from(total - parts.iter().sum::<i64>()).unwrap_or_default();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(exact(weights[*index]).rem_euclid(all)));
    for index in order.into_iter().take(left) {
        parts[index] += 1;
    }
    parts
}

#[cfg(test)]
mod tests;
