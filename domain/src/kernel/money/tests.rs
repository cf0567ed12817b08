use super::{Currency, CurrencyError, Money, MoneyError, rounded};

fn money(amount: i64, code: &str) -> Money {
    Money::new(amount, Currency::try_new(code).expect("a currency"))
}

#[test]
fn amounts_are_shown_with_their_currencys_decimals() {
    for (amount, code, shown) in [
        (1250, "EUR", "12.50 EUR"),
        (-5, "EUR", "-0.05 EUR"),
        (12, "JPY", "12 JPY"),
        (1, "KWD", "0.001 KWD"),
        (i64::MIN, "USD", "-92233720368547758.08 USD"),
    ] {
        assert_eq!(money(amount, code).to_string(), shown);
    }
}

#[test]
fn a_currency_is_one_that_is_in_use() {
    for code in ["", "eur", "EURO", "XXX", "E R", "ED ", "€"] {
        assert_eq!(Currency::try_new(code), Err(CurrencyError), "{code:?}");
    }
    let listed = [("AED", 2), ("CZK", 2), ("DKK", 2), ("XCG", 2), ("ZWG", 2), ("BIF", 0), ("XPF", 0), ("BHD", 3), ("TND", 3)];
    for (code, scale) in listed {
        assert_eq!(Currency::try_new(code).map(|currency| currency.scale()), Ok(scale), "{code}");
    }
    assert_eq!(serde_json::from_str::<Currency>("\"CHF\"").expect("a currency").scale(), 2);
    assert!(serde_json::from_str::<Currency>("\"DEM\"").is_err());
}

#[test]
fn sums_are_of_one_currency_and_never_wrap() {
    assert_eq!(money(1, "EUR").plus(money(2, "EUR")), Ok(money(3, "EUR")));
    assert_eq!(money(1, "EUR").minus(money(2, "EUR")), Ok(money(-1, "EUR")));
    assert_eq!(money(1, "EUR").plus(money(1, "USD")), Err(MoneyError::CurrenciesMixed));
    assert_eq!(money(i64::MAX, "EUR").plus(money(1, "EUR")), Err(MoneyError::TooLarge));
}

#[test]
fn shares_are_rounded_half_away_from_zero() {
    assert_eq!(money(25, "EUR").share(1, 2), money(13, "EUR"));
    assert_eq!(money(-25, "EUR").share(1, 2), money(-13, "EUR"));
    assert_eq!(money(100, "EUR").share(1, 3), money(33, "EUR"));
    assert_eq!(rounded(i128::MAX, 1), i64::MAX);
}
