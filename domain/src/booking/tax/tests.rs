use super::{Rounding, Taxation, Totals, spread};
use crate::kernel::{Currency, Money, MoneyError};

const ALL: [Rounding; 3] = [Rounding::Line, Rounding::SumByNet, Rounding::SumByNetKeepGross];

fn euro() -> Currency {
    Currency::try_new("EUR").expect("a currency")
}

fn totals(rounding: Rounding, rate: u16, prices: &[i64]) -> Totals {
    let prices: Vec<Money> = prices.iter().map(|amount| Money::new(*amount, euro())).collect();
    Taxation { rate, rounding }.totals(&prices, euro()).expect("totals")
}

/// Net, tax and gross of the sum.
fn sum(rounding: Rounding, rate: u16, prices: &[i64]) -> (i64, i64, i64) {
    let Totals { sum, .. } = totals(rounding, rate, prices);
    (sum.net.amount, sum.tax.amount, sum.gross.amount)
}

#[test]
fn five_times_a_hundred_at_nineteen_percent_depend_on_where_one_rounds() {
    let prices = [10_000; 5];
    assert_eq!(sum(Rounding::Line, 1900, &prices), (42_015, 7_985, 50_000));
    assert_eq!(sum(Rounding::SumByNet, 1900, &prices), (42_015, 7_983, 49_998));
    assert_eq!(sum(Rounding::SumByNetKeepGross, 1900, &prices), (42_017, 7_983, 50_000));
}

#[test]
fn net_and_tax_make_up_gross_on_each_line_and_lines_make_up_the_sum() {
    for rounding in ALL {
        for rate in [0, 1, 550, 770, 1900, 2000, 10_000] {
            for prices in [&[][..], &[0], &[1], &[1, 1, 1], &[999, 1, 10_000, 333], &[100_000_000, 7, 0]] {
                let Totals { lines, sum } = totals(rounding, rate, prices);
                assert_eq!(lines.len(), prices.len());
                let parts = lines.iter().fold((0, 0, 0), |(net, tax, gross), line| {
                    assert_eq!(line.net.amount + line.tax.amount, line.gross.amount, "{rounding:?} {rate} {prices:?}");
                    (net + line.net.amount, tax + line.tax.amount, gross + line.gross.amount)
                });
                assert_eq!(parts, (sum.net.amount, sum.tax.amount, sum.gross.amount), "{rounding:?} {rate} {prices:?}");
                if rounding != Rounding::SumByNet {
                    assert_eq!(sum.gross.amount, prices.iter().sum::<i64>(), "{rounding:?} keeps what is asked for");
                }
            }
        }
    }
}

#[test]
fn one_line_is_the_same_whichever_way() {
    for price in [1, 99, 10_000, 4_999] {
        let all = ALL.map(|rounding| sum(rounding, 1900, &[price]));
        assert!(all.iter().all(|(_, _, gross)| (gross - price).abs() <= 1), "{all:?}");
        assert_eq!(all[0], all[2]);
    }
}

#[test]
fn what_is_not_of_the_currency_or_too_large_has_no_totals() {
    let line = Taxation { rate: 1900, rounding: Rounding::Line };
    let dollars = Money::new(1, Currency::try_new("USD").expect("a currency"));
    assert_eq!(line.totals(&[dollars], euro()), Err(MoneyError::CurrenciesMixed));
    assert_eq!(line.totals(&[Money::new(i64::MAX, euro()); 2], euro()), Err(MoneyError::TooLarge));
}

#[test]
fn parts_add_up_and_the_largest_remainders_come_first() {
    assert_eq!(spread(10, &[1, 1, 1]), [4, 3, 3]);
    assert_eq!(spread(100, &[50, 25, 26]), [49, 25, 26]);
    assert_eq!(spread(5, &[0, 0]), [5, 0]);
    assert_eq!(spread(0, &[3, 4]), [0, 0]);
}
