use std::collections::BTreeSet;

use super::{Discount, Reduction};
use crate::kernel::{Currency, Money, Timestamp};

fn eur(cents: i64) -> Money {
    Money::new(cents, Currency::try_new("EUR").expect("a currency"))
}

fn discount(reduction: Reduction) -> Discount {
    Discount { code: "SPRING".to_owned(), reduction, admits: false, uses: None, until: None, tickets: BTreeSet::new() }
}

#[test]
fn a_reduction_is_rounded_and_leaves_nothing_at_least() {
    let left = |reduction, full| discount(reduction).applied(eur(full)).amount;
    assert_eq!(left(Reduction::None, 999), 999);
    assert_eq!(left(Reduction::Share(3_333), 10_000), 6_667);
    assert_eq!(left(Reduction::Share(10_000), 10_001), 0);
    assert_eq!(left(Reduction::Amount(eur(400)), 1_000), 600);
    assert_eq!(left(Reduction::Amount(eur(4_000)), 1_000), 0);
}

#[test]
fn a_code_is_compared_without_case() {
    assert_eq!(Discount::folded(" spring-26\n"), "SPRING-26");
}

#[test]
fn a_code_is_for_its_tickets_until_its_end() {
    let until = Timestamp::UNIX_EPOCH + chrono::TimeDelta::hours(1);
    let code = Discount { until: Some(until), tickets: ["regular".to_owned()].into(), ..discount(Reduction::None) };
    assert!(code.is_for("regular", Timestamp::UNIX_EPOCH));
    assert!(!code.is_for("regular", until));
    assert!(!code.is_for("team", Timestamp::UNIX_EPOCH));
    assert!(discount(Reduction::None).is_for("any", until));
}
