use super::*;
use crate::booking::{Discount, Reduction, Tier};

fn discount(code: &str, reduction: Reduction) -> Discount {
    Discount { code: code.to_owned(), reduction, admits: false, uses: None, until: None, tickets: BTreeSet::new() }
}

fn creates(discount: Discount) -> RunCommand {
    RunCommand::CreateDiscount { by: BY, discount }
}

fn with_code(n: u128, code: &str) -> RunCommand {
    RunCommand::Request(Box::new(Application { code: Some(code.to_owned()), ..application(n, "paid") }))
}

fn total(story: &Story, n: u128) -> i64 {
    story.entry(n).quote.total.amount
}

#[test]
fn a_code_reduces_what_is_to_be_paid() {
    let mut story = Story::published(plan());
    let expected = discount("SPRING-26", Reduction::Share(2_500));
    assert_eq!(story.takes(creates(discount(" spring-26", Reduction::Share(2_500)))), [RunEvent::DiscountCreated { discount: expected }]);
    story.takes(creates(discount("TEN-EUROS", Reduction::Amount(eur(1_000)))));
    story.takes(with_code(1, "Spring-26"));
    story.takes(with_code(2, "ten-euros"));
    assert_eq!((total(&story, 1), total(&story, 2)), (7_500, 9_000));
    assert_eq!(story.refuses(with_code(3, "AUTUMN")), Rejection::CodeInvalid);
}

#[test]
fn what_is_reduced_to_nothing_is_confirmed_at_once() {
    let mut story = Story::published(plan());
    story.takes(creates(discount("FREE", Reduction::Amount(eur(20_000)))));
    assert_eq!(story.told(with_code(1, "FREE")), ["RegistrationRequested 1", "RegistrationConfirmed 1"]);
}

#[test]
fn a_code_is_used_as_often_as_it_may_be() {
    let mut story = Story::published(plan());
    story.takes(creates(Discount { uses: Some(1), ..discount("ONCE", Reduction::Share(10_000)) }));
    story.takes(with_code(1, "ONCE"));
    assert_eq!(story.refuses(with_code(2, "ONCE")), Rejection::CodeUsedUp);
    story.takes(withdraws(1));
    story.takes(with_code(2, "ONCE"));
    let reinstates = RunCommand::Reinstate { by: BY, registration: reg(1) };
    assert_eq!(story.refuses(reinstates), Rejection::CodeUsedUp);
}

#[test]
fn a_code_is_for_a_time_and_for_its_tickets() {
    let mut story = Story::published(plan());
    story.takes(creates(Discount { until: Some(at(HOUR)), ..discount("EARLY", Reduction::Share(100)) }));
    story.takes(creates(Discount { tickets: ["free".to_owned()].into(), ..discount("OTHER", Reduction::Share(100)) }));
    assert_eq!(story.refuses(with_code(1, "OTHER")), Rejection::CodeInvalid);
    assert_eq!(story.at(HOUR).refuses(with_code(1, "EARLY")), Rejection::CodeInvalid);
    story.at(HOUR - 1).takes(with_code(1, "EARLY"));
}

#[test]
fn codes_have_names_of_their_own_and_are_revoked() {
    let mut story = Story::published(plan());
    story.takes(creates(discount("SPRING", Reduction::Share(100))));
    assert!(story.takes(creates(discount("spring", Reduction::Share(100)))).is_empty());
    assert_eq!(story.refuses(creates(discount("SPRING", Reduction::Share(200)))), Rejection::CodeTaken);
    assert_eq!(story.refuses(creates(Discount { tickets: ["gold".to_owned()].into(), ..discount("GOLD", Reduction::Share(1)) })), {
        Rejection::TicketNotFound
    });
    let revoke = || RunCommand::RevokeDiscount { by: BY, code: "spring".to_owned() };
    assert_eq!(story.takes(revoke()), [RunEvent::DiscountRevoked { code: "SPRING".to_owned() }]);
    assert_eq!(story.refuses(revoke()), Rejection::CodeInvalid);
    assert_eq!(story.refuses(with_code(1, "SPRING")), Rejection::CodeInvalid);
}

#[test]
fn some_runs_and_tickets_are_had_with_a_code_that_admits() {
    let admits = || Discount { admits: true, ..discount("MEMBERS", Reduction::None) };
    let mut tickets = plan().tickets;
    tickets[1].audience = Audience::Code;
    for plan in [Plan { tickets, ..plan() }, Plan { visibility: Visibility::Code, ..plan() }] {
        let mut story = Story::published(plan);
        story.takes(creates(admits()));
        story.takes(creates(discount("CHEAPER", Reduction::Share(100))));
        assert_eq!(story.refuses(comes(1, "paid")), Rejection::CodeNeeded);
        assert_eq!(story.refuses(with_code(1, "CHEAPER")), Rejection::CodeNeeded);
        story.takes(with_code(1, "MEMBERS"));
        assert_eq!(total(&story, 1), 10_000);
    }
}

#[test]
fn a_code_that_does_nothing_or_too_much_is_refused() {
    let story = Story::published(plan());
    let dollars = Money::new(100, Currency::try_new("USD").expect("a currency"));
    let no = [
        (discount("ab", Reduction::Share(1)), "code"),
        (discount("ÜBER", Reduction::Share(1)), "code"),
        (discount("NONE", Reduction::None), "reduction"),
        (discount("MUCH", Reduction::Share(10_001)), "reduction.percent"),
        (discount("NOTHING", Reduction::Amount(eur(0))), "reduction.amount"),
        (discount("LESS", Reduction::Amount(eur(-5))), "reduction.amount"),
        (discount("DOLLARS", Reduction::Amount(dollars)), "reduction.amount"),
        (Discount { uses: Some(0), ..discount("NEVER", Reduction::Share(1)) }, "uses"),
    ];
    for (discount, at) in no {
        let Rejection::Flawed(flaws) = story.refuses(creates(discount)) else { panic!("{at}") };
        assert_eq!(flaws.iter().map(|flaw| flaw.at.as_str()).collect::<Vec<_>>(), [at]);
    }
}

#[test]
fn who_comes_early_pays_less() {
    let mut tickets = plan().tickets;
    tickets[1].tiers =
        vec![Tier { until: None, first: Some(1), price: eur(5_000) }, Tier { until: Some(at(HOUR)), first: None, price: eur(8_000) }];
    let mut story = Story::published(Plan { tickets, capacity: 9, ..plan() });
    for n in [1, 2] {
        story.takes(comes(n, "paid"));
    }
    story.at(HOUR - 1).takes(pays(1, 5_000));
    story.at(HOUR).takes(comes(3, "paid"));
    assert_eq!([1, 2, 3].map(|n| total(&story, n)), [5_000, 8_000, 10_000]);
}

#[test]
fn a_group_pays_less_for_those_of_it_who_are_early() {
    let mut tickets = plan().tickets;
    tickets[1].tiers = vec![Tier { until: None, first: Some(4), price: eur(1_000) }];
    let mut story = Story::published(Plan { tickets, capacity: 9, ..plan() });
    for n in [1, 2, 3] {
        story.takes(group(n, "paid", 3));
    }
    assert_eq!([1, 2, 3].map(|n| total(&story, n)), [3_000, 21_000, 30_000]);
    assert_eq!(story.entry(2).quote.price, eur(1_000), "that of the first of them");
}

#[test]
fn what_a_run_by_code_asks_is_told_to_nobody_without_one() {
    let story = Story::published(Plan { visibility: Visibility::Code, ..plan() });
    assert_eq!(story.refuses(comes(1, "no such ticket")), Rejection::CodeNeeded);
    assert_eq!(story.refuses(with_code(1, "GUESS")), Rejection::CodeInvalid);
}
