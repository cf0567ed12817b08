use super::{Audience, Quote, Ticket, Tier};
use crate::{
    booking::{
        BookingRejection as Rejection, Discount, Reduction,
        tax::{Rounding, Taxation},
    },
    kernel::{Currency, Money, MoneyError, Timestamp},
};

fn eur(cents: i64) -> Money {
    Money::new(cents, Currency::try_new("EUR").expect("a currency"))
}

fn at(hours: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + chrono::TimeDelta::hours(hours)
}

fn ticket(tiers: Vec<Tier>) -> Ticket {
    let (key, name) = ("regular".to_owned(), "Regular".to_owned());
    Ticket { key, name, price: eur(10_000), tiers, quota: None, audience: Audience::Everyone }
}

fn tier(until: Option<i64>, first: Option<u32>, price: i64) -> Tier {
    Tier { until: until.map(at), first, price: eur(price) }
}

fn quote(rounding: Rounding, seats: u16, discount: Option<&Discount>) -> Quote {
    ticket(vec![]).quote(at(0), 0, seats, discount, Taxation { rate: 1900, rounding }).expect("a quote")
}

#[test]
fn the_first_tier_that_holds_is_the_price() {
    let ticket = ticket(vec![tier(Some(10), Some(5), 5_000), tier(Some(10), None, 7_000), tier(None, Some(8), 9_000)]);
    let price = |hours, taken| ticket.price(at(hours), taken).amount;
    assert_eq!([price(9, 4), price(9, 5), price(10, 4), price(10, 8)], [5_000, 7_000, 9_000, 10_000]);
}

#[test]
fn what_five_seats_come_to_depends_on_where_tax_is_rounded() {
    let totals = |rounding| {
        let Quote { total, tax, .. } = quote(rounding, 5, None);
        (total.amount, tax.amount)
    };
    assert_eq!(totals(Rounding::Line), (50_000, 7_985));
    assert_eq!(totals(Rounding::SumByNet), (49_998, 7_983));
    assert_eq!(totals(Rounding::SumByNetKeepGross), (50_000, 7_983));
}

#[test]
fn a_discount_is_on_all_seats_together() {
    let off = |reduction| Discount {
        code: "SPRING".to_owned(),
        reduction,
        admits: false,
        uses: None,
        until: None,
        tickets: std::collections::BTreeSet::new(),
    };
    let reduced = quote(Rounding::Line, 3, Some(&off(Reduction::Amount(eur(1_000)))));
    assert_eq!((reduced.price, reduced.discount, reduced.total), (eur(10_000), eur(1_000), eur(29_000)));
    let nothing = quote(Rounding::SumByNet, 3, Some(&off(Reduction::Share(10_000))));
    assert_eq!((nothing.total, nothing.tax), (eur(0), eur(0)));
}

#[test]
fn a_price_for_the_first_places_is_for_no_more_of_a_group_than_these() {
    let ticket = ticket(vec![tier(None, Some(1), 1_000), tier(Some(10), Some(3), 5_000)]);
    let taxation = Taxation { rate: 1900, rounding: Rounding::Line };
    let quote = |hours, taken, seats| ticket.quote(at(hours), taken, seats, None, taxation).expect("a quote");
    let of = |hours, taken, seats| {
        let Quote { price, total, .. } = quote(hours, taken, seats);
        (price.amount, total.amount)
    };
    assert_eq!([of(0, 0, 1), of(0, 0, 3), of(0, 0, 5)], [(1_000, 1_000), (1_000, 11_000), (1_000, 31_000)]);
    assert_eq!([of(0, 1, 3), of(0, 3, 3), of(10, 0, 3)], [(5_000, 20_000), (10_000, 30_000), (1_000, 21_000)]);
    assert_eq!(quote(0, 0, 3).tax.amount, 160 + 798 + 798, "on each seat's own price");
}

#[test]
fn what_is_taken_off_a_group_is_taken_off_each_by_what_it_costs() {
    let ticket = ticket(vec![tier(None, Some(1), 1_000)]);
    let taxation = Taxation { rate: 1900, rounding: Rounding::Line };
    let half = Discount {
        code: "HALF".to_owned(),
        reduction: Reduction::Share(5_000),
        admits: false,
        uses: None,
        until: None,
        tickets: std::collections::BTreeSet::new(),
    };
    let Quote { price, discount, total, tax } = ticket.quote(at(0), 0, 3, Some(&half), taxation).expect("a quote");
    assert_eq!((price, discount, total), (eur(1_000), eur(10_500), eur(10_500)));
    assert_eq!(tax, eur(80 + 798 + 798), "of 5.00, 50.00 and 50.00");
}

#[test]
fn a_price_that_is_too_large_has_no_quote() {
    let taxation = Taxation { rate: 1900, rounding: Rounding::Line };
    let dear = Ticket { price: eur(i64::MAX), ..ticket(vec![]) };
    assert_eq!(dear.quote(at(0), 0, 2, None, taxation), Err(Rejection::Money(MoneyError::TooLarge)));
}

#[test]
fn a_ticket_has_a_key_a_name_and_prices_of_one_currency() {
    let places = |ticket: &Ticket| ticket.flaws("tickets[0]").into_iter().map(|flaw| flaw.at).collect::<Vec<_>>();
    assert!(places(&ticket(vec![tier(None, Some(1), 0)])).is_empty());
    let wrong = Ticket { key: "Regular".to_owned(), name: String::new(), price: eur(-1), quota: Some(0), ..ticket(vec![]) };
    assert_eq!(places(&wrong), ["tickets[0].key", "tickets[0].name", "tickets[0].price", "tickets[0].quota"]);
    let dollars = Tier { price: Money::new(1, Currency::try_new("USD").expect("a currency")), ..tier(Some(1), None, 1) };
    let tiers = ticket(vec![tier(None, None, 1), tier(Some(1), None, 10_001), tier(Some(1), None, -1), dollars]);
    let expected = ["tickets[0].tiers[0]", "tickets[0].tiers[1].price", "tickets[0].tiers[2].price", "tickets[0].tiers[3].price"];
    assert_eq!(places(&tiers), expected);
}
