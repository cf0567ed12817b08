use super::*;

const LIST: PriceList<'_> = PriceList { currency: "EUR", cpu_hour: 0.04, gibibyte_hour: 0.005, cluster_hour: 0.1 };

#[test]
fn time_costs_by_what_stood() {
    let prices = Prices::try_new(&LIST).expect("prices");
    let day = 24 * 3600;
    let cluster = Stood { cpu: 8000 * day, memory: 32 * 1024 * day, clusters: day };
    // (8 × 0.04 + 32 × 0.005 + 0.1) × 24
    assert_eq!(prices.cost(cluster).to_string(), "13.92");
    let environment = Stood::environment(Millicores(500), Mebibytes(512), Seconds(1800));
    assert_eq!(prices.cost(environment), Amount(11_250));
    assert_eq!(prices.cost(environment).to_string(), "0.01125");
    assert_eq!(prices.cost(Stood::default()).to_string(), "0.00");
    assert_eq!(prices.cost(Stood { cpu: i64::MAX, memory: i64::MAX, clusters: i64::MAX }), Amount(i64::MAX));
    assert_eq!(prices.currency(), "EUR");
}

#[test]
fn a_price_that_is_none_is_named() {
    let field = |list: PriceList<'_>| Prices::try_new(&list).expect_err("refused").field;
    for currency in ["", "eur", "EURO", "E1R"] {
        assert_eq!(field(PriceList { currency, ..LIST }), "currency");
    }
    for price in [-0.01, f64::NAN, f64::INFINITY, 1e7] {
        assert_eq!(field(PriceList { cpu_hour: price, ..LIST }), "cpu_hour");
        assert_eq!(field(PriceList { gibibyte_hour: price, ..LIST }), "gibibyte_hour");
        assert_eq!(field(PriceList { cluster_hour: price, ..LIST }), "cluster_hour");
    }
}
