//! Money: whole minor units of a currency, such as cents. Never a fraction, never two currencies in one sum.

use serde::{Deserialize, Serialize};

/// A currency by its code (ISO 4217).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// Text that is no currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the code of a currency in three capital letters, such as EUR (ISO 4217)")]
pub struct CurrencyError;

/// Sums that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum MoneyError {
    #[error("expected amounts of one currency")]
    CurrenciesMixed,
    #[error("the amount is too large")]
    TooLarge,
}

/// An amount of money; negative where it is owed or given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// In minor units of the currency: 12.50 EUR are 1250, 12 JPY are 12.
    pub amount: i64,
    pub currency: Currency,
}

/// The codes in use whose minor unit is a hundredth.
const HUNDREDTHS: &str = "\
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK \
    DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD \
    KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP \
    PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH \
    USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG";
/// Those that have no minor unit.
const WHOLE: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
/// Those whose minor unit is a thousandth.
const THOUSANDTHS: &str = "BHD IQD JOD KWD LYD OMR TND";

impl Currency {
    /// # Errors
    /// It is no code that is in use.
    pub fn try_new(code: &str) -> Result<Self, CurrencyError> {
        let known = [HUNDREDTHS, WHOLE, THOUSANDTHS].iter().any(|list| is_in(list, code));
        match code.as_bytes() {
            &[first, second, third] if known => Ok(Self([first, second, third])),
            _ => Err(CurrencyError),
        }
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How many decimals its amounts are shown with.
    #[must_use]
    pub fn scale(&self) -> u32 {
        Self::scale_of(self.code())
    }

    /// The same by its code; two, where that is none.
    #[must_use]
    pub fn scale_of(code: &str) -> u32 {
        match () {
            () if is_in(WHOLE, code) => 0,
            () if is_in(THOUSANDTHS, code) => 3,
            () => 2,
        }
    }
}

/// Asked of each amount that is read, so that codes are looked at where they must be: three letters and a space each.
fn is_in(list: &str, code: &str) -> bool {
    list.as_bytes().chunks(4).any(|listed| listed.get(..3) == Some(code.as_bytes()))
}

impl TryFrom<String> for Currency {
    type Error = CurrencyError;

    fn try_from(code: String) -> Result<Self, CurrencyError> {
        Self::try_new(&code)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::fmt::Debug for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl Money {
    #[must_use]
    pub const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Nothing, of a currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { amount: 0, currency }
    }

    /// # Errors
    /// The currencies differ, or the sum is too large.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.combined(other, i64::checked_add)
    }

    /// # Errors
    /// As [`Self::plus`].
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.combined(other, i64::checked_sub)
    }

    /// `numerator` of `denominator` parts, rounded half away from zero. A `denominator` of 0 is taken for 1.
    #[must_use]
    pub fn share(self, numerator: u32, denominator: u32) -> Self {
        Self { amount: rounded(i128::from(self.amount) * i128::from(numerator), denominator.max(1).into()), ..self }
    }

    fn combined(self, other: Self, how: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrenciesMixed);
        }
        how(self.amount, other.amount).map(|amount| Self { amount, ..self }).ok_or(MoneyError::TooLarge)
    }
}

/// A quotient rounded half away from zero, which is how amounts are rounded on invoices. What does not fit stays at the limit.
#[must_use]
pub(crate) fn rounded(numerator: i128, denominator: i128) -> i64 {
    let half = denominator / 2;
    let quotient = if numerator < 0 { (numerator - half) / denominator } else { (numerator + half) / denominator };
    i64::try_from(quotient).unwrap_or(if quotient < 0 { i64::MIN } else { i64::MAX })
}

/// As 12.50 EUR.
impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scale = self.currency.scale();
        let unit = 10_u64.pow(scale);
        let (sign, amount) = (if self.amount < 0 { "-" } else { "" }, self.amount.unsigned_abs());
        match scale {
            0 => write!(f, "{sign}{amount} {}", self.currency),
            _ => write!(f, "{sign}{}.{:0width$} {}", amount / unit, amount % unit, self.currency, width = scale as usize),
        }
    }
}

#[cfg(test)]
mod tests;
