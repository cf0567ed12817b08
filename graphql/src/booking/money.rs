//! Amounts of money.

use async_graphql::SimpleObject;
use domain::kernel;

/// An amount of money.
#[derive(SimpleObject)]
pub(crate) struct Money {
    /// In whole minor units of the currency: 12.50 EUR are 1250, 12 JPY are 12.
    amount: i64,
    /// By its code (ISO 4217), such as `EUR`.
    currency: String,
    /// How many decimals its amounts are shown with.
    scale: u32,
}

impl From<kernel::Money> for Money {
    fn from(money: kernel::Money) -> Self {
        Self { amount: money.amount, currency: money.currency.code().to_owned(), scale: money.currency.scale() }
    }
}

/// An amount as rows have it.
pub(super) fn money(amount: i64, currency: &str) -> Money {
    Money { amount, currency: currency.to_owned(), scale: kernel::Currency::scale_of(currency) }
}
