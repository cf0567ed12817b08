use super::*;
use PaymentStatus::{Failed, Pending, Succeeded, Unknown};

fn awaiting() -> Story {
    let mut story = Story::published(plan());
    story.takes(comes(1, "paid"));
    story
}

fn opens(n: u128, number: u128) -> RunCommand {
    RunCommand::OpenPayment { by: Caller::Account(account(n)), registration: reg(n), payment: payment(number) }
}

#[test]
fn who_has_paid_is_confirmed() {
    let mut story = awaiting();
    let (registration, payment, amount) = (reg(1), payment(1), eur(10_000));
    let reported = RunEvent::PaymentReported { registration, payment, status: Succeeded, amount, kept: amount, by_hand: false };
    assert_eq!(story.takes(pays(1, 10_000)), [reported, RunEvent::RegistrationConfirmed { registration, left: 1 }]);
    assert_eq!(story.scheduled().next_lapse(), None);
}

#[test]
fn the_same_message_a_hundred_times_is_one_payment() {
    let mut story = awaiting();
    assert_eq!((0..100).map(|_| story.takes(pays(1, 10_000)).len()).sum::<usize>(), 2);
    assert_eq!(story.entry(1).kept(), 10_000);
    assert_eq!(story.refuses(pays(1, 9_999)), Rejection::PaymentDiffers);
}

#[test]
fn a_payment_is_opened_once_for_what_is_due() {
    let mut story = awaiting();
    assert_eq!(story.told(opens(1, 1)), ["PaymentReported 1"]);
    assert!(story.told(opens(1, 2)).is_empty(), "the first stands");
    assert_eq!(story.entry(1).open_payment(), Some(payment(1)));
    assert_eq!(story.refuses(RunCommand::OpenPayment { by: Caller::Account(account(2)), registration: reg(1), payment: payment(3) }), {
        Rejection::RegistrationNotFound
    });
    story.takes(report(1, 1, Failed, 10_000));
    assert_eq!(story.refuses(opens(1, 1)), Rejection::PaymentDiffers);
    assert_eq!(story.told(opens(1, 2)), ["PaymentReported 1"]);
    story.takes(report(1, 2, Succeeded, 10_000));
    assert_eq!(story.refuses(opens(1, 4)), Rejection::NothingDue);
}

#[test]
fn nobody_is_asked_to_pay_before_the_place_is_to_be_paid_for() {
    let mut story = Story::with(Plan { capacity: 1, ..approval(true) }, [1]);
    story.takes(comes(2, "paid"));
    let payable = |story: &Story| (story.stage(2), story.entry(2).payable());
    assert_eq!(payable(&story), ("waitlisted", 0));
    story.takes(withdraws(1));
    assert_eq!(payable(&story), ("offered", 0));
    story.takes(accepts(2));
    assert_eq!(payable(&story), ("pending approval", 0));
    story.takes(RunCommand::Approve { by: BY, registration: reg(2) });
    assert_eq!(payable(&story), ("awaiting payment", 10_000));
    story.takes(pays(2, 10_000));
    assert_eq!(payable(&story), ("confirmed", 0));
}

#[test]
fn that_nothing_was_heard_is_no_failure_and_a_late_failure_undoes_no_success() {
    let mut story = awaiting();
    let news = [
        (Pending, true),
        (Pending, false),
        (Unknown, true),
        (Pending, false),
        (Unknown, false),
        (Failed, true),
        (Unknown, false),
        (Succeeded, true),
        (Failed, false),
        (Unknown, false),
    ];
    for (step, (status, is_news)) in news.into_iter().enumerate() {
        assert_eq!(!story.takes(report(1, 1, status, 10_000)).is_empty(), is_news, "{step}: {status:?}");
    }
    assert_eq!((story.stage(1), story.entry(1).kept()), ("confirmed", 10_000));
}

#[test]
fn payments_add_up_and_what_is_too_much_is_owed() {
    let mut story = awaiting();
    assert_eq!(story.told(report(1, 1, Succeeded, 4_000)), ["PaymentReported 1"]);
    assert_eq!(story.entry(1).due(), 6_000);
    let (registration, owed) = (reg(1), eur(1_000));
    let events = story.takes(report(1, 2, Succeeded, 7_000));
    assert_eq!(events[1], RunEvent::RegistrationConfirmed { registration, left: 1 });
    assert_eq!(events[2], RunEvent::RefundOwed { registration, amount: owed, reason: RefundReason::PaidTooMuch, owed });
    story.takes(report(1, 3, Succeeded, 500));
    assert_eq!((story.entry(1).owed, story.entry(1).due()), (1_500, 0));
}

#[test]
fn a_place_that_is_not_paid_for_in_time_goes_on() {
    let mut story = Story::published(Plan { capacity: 1, ..plan() });
    story.takes(comes(1, "paid"));
    story.takes(comes(2, "free"));
    assert!(story.at(59).told(RunCommand::Settle).is_empty());
    assert_eq!(story.at(60).told(RunCommand::Settle), ["RegistrationExpired 1", "PlaceOffered 2"]);
}

#[test]
fn a_payment_that_comes_late_has_the_place_if_it_is_there() {
    let mut story = Story::published(Plan { capacity: 1, ..plan() });
    story.takes(comes(1, "paid"));
    let told = story.at(61).told(pays(1, 10_000));
    assert_eq!(told, ["RegistrationExpired 1", "PaymentReported 1", "RegistrationConfirmed 1"]);
}

#[test]
fn a_payment_that_comes_late_is_owed_if_the_place_is_not_there() {
    let mut story = Story::published(Plan { capacity: 1, ..plan() });
    story.takes(comes(1, "paid"));
    story.takes(comes(2, "free"));
    let events = story.at(61).takes(pays(1, 10_000));
    let (registration, amount) = (reg(1), eur(10_000));
    assert_eq!(events.last(), Some(&RunEvent::RefundOwed { registration, amount, reason: RefundReason::CameTooLate, owed: amount }));
    assert_eq!(story.stages([1, 2]), ["expired", "offered"]);
}

#[test]
fn a_late_payment_is_owed_where_it_is_too_little_the_run_began_or_they_have_another_registration() {
    let mut little = awaiting();
    assert_eq!(little.at(61).told(pays(1, 500)).last().map(String::as_str), Some("RefundOwed 1"));
    let mut begun = awaiting();
    assert_eq!(begun.at(START).told(pays(1, 10_000)).last().map(String::as_str), Some("RefundOwed 1"));
    let mut another = awaiting();
    let again = Application { registration: reg(2), ..application(1, "free") };
    another.at(61).takes(RunCommand::Request(Box::new(again)));
    assert_eq!(another.told(pays(1, 10_000)).last().map(String::as_str), Some("RefundOwed 1"));
    assert_eq!(another.stages([1, 2]), ["expired", "confirmed"]);
}

#[test]
fn what_came_in_part_before_it_ran_out_is_owed() {
    let mut story = awaiting();
    story.takes(pays(1, 4_000));
    assert_eq!(story.at(60).told(RunCommand::Settle), ["RegistrationExpired 1", "RefundOwed 1"]);
    // The other part does not make it whole: the first is on its way back.
    assert_eq!(story.told(report(1, 2, Succeeded, 6_000)), ["PaymentReported 1", "RefundOwed 1"]);
    assert_eq!(story.entry(1).owed, 10_000);
}

#[test]
fn what_is_no_money_of_the_run_is_refused() {
    let story = awaiting();
    let dollars = Money::new(10_000, Currency::try_new("USD").expect("a currency"));
    let told = |by, amount| {
        let (registration, payment) = (reg(1), payment(1));
        story.refuses(RunCommand::ReportPayment(PaymentReport { by, registration, payment, status: Succeeded, amount }))
    };
    assert_eq!(told(Teller::Provider, dollars), Rejection::Money(crate::kernel::MoneyError::CurrenciesMixed));
    for amount in [0, -1, i64::MAX] {
        assert_eq!(told(Teller::Provider, eur(amount)), flawed("amount", "more than nothing, and 1000000000000 minor units at most"));
    }
    assert_eq!(told(Teller::Staff(By::Organiser(account(1))), eur(10_000)), Rejection::RegistrationNotFound);
    assert_eq!(story.refuses(pays(2, 10_000)), Rejection::RegistrationNotFound);
}

#[test]
fn who_pays_late_where_each_is_approved_is_decided_on_first() {
    let mut story = Story::with(Plan { capacity: 1, ..approval(true) }, [1]);
    story.takes(comes(2, "paid"));
    story.takes(withdraws(1));
    assert_eq!(story.at(2 * DAY).told(pays(2, 10_000)), ["OfferLapsed 2", "PaymentReported 2", "ApprovalAwaited 2"]);
    assert_eq!((story.entry(2).owed, story.entry(2).due()), (0, 0));
    let approved = story.told(RunCommand::Approve { by: BY, registration: reg(2) });
    assert_eq!(approved, ["RegistrationApproved 2", "RegistrationConfirmed 2"], "it is paid for");
}

#[test]
fn a_payment_pays_for_one_registration() {
    let mut story = awaiting();
    story.takes(comes(2, "paid"));
    story.takes(recorded(1, 7, 10_000));
    for told in [recorded(2, 7, 10_000), report(2, 7, Succeeded, 10_000)] {
        assert_eq!(story.refuses(told), Rejection::PaymentDiffers);
    }
    assert_eq!(story.stage(2), "awaiting payment");
}
