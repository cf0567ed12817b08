use chrono::TimeDelta;

use super::{Plan, RefundStep};
use crate::{
    booking::{Format, Question, QuestionKind, Ticket, Venue, test_runs},
    kernel::{Currency, Minutes, Timestamp},
};

fn at(hours: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::hours(hours)
}

fn venue() -> Venue {
    Venue { name: "Technopark".to_owned(), city: "Zürich".to_owned(), coordinates: Some((47_390_000, 8_516_000)) }
}

fn ticket() -> Ticket {
    test_runs::ticket("regular", 10_000)
}

fn question() -> Question {
    Question { key: "diet".to_owned(), label: "What do you eat?".to_owned(), kind: QuestionKind::Text, required: false }
}

/// It starts after 1000 hours.
fn plan() -> Plan {
    Plan {
        language: "de-CH".to_owned(),
        format: Format::OnSite { venue: venue() },
        questions: vec![question()],
        group: 5,
        ..test_runs::plan(at(1000), vec![ticket()])
    }
}

/// Where a plan is not as expected.
fn places(change: impl FnOnce(&mut Plan)) -> Vec<String> {
    let mut plan = plan();
    change(&mut plan);
    plan.flaws().into_iter().map(|flaw| flaw.at).collect()
}

#[test]
fn a_plan_may_be_as_it_is() {
    assert!(plan().flaws().is_empty());
    assert!(places(|plan| plan.format = Format::Online { link: "https://meet.example.org".to_owned() }).is_empty());
    assert!(places(|plan| plan.description = "ä".repeat(10_000)).is_empty());
}

#[test]
fn texts_are_there_and_not_too_long() {
    assert_eq!(places(|plan| plan.title = " ".to_owned()), ["title"]);
    assert_eq!(places(|plan| plan.title = "One\nline".to_owned()), ["title"]);
    assert_eq!(places(|plan| plan.title = "x".repeat(151)), ["title"]);
    assert_eq!(places(|plan| plan.description = "x".repeat(10_001)), ["description"]);
    assert_eq!(places(|plan| plan.category = String::new()), ["category"]);
    assert_eq!(places(|plan| plan.tags = (0..21).map(|n| n.to_string()).collect()), ["tags"]);
    assert_eq!(places(|plan| plan.tags = [String::new()].into()), ["tags"]);
    assert_eq!(places(|plan| plan.instructor = String::new()), ["instructor"]);
    for language in ["", "e", "en_US", "1n", "en-", "englisches"] {
        assert_eq!(places(|plan| plan.language = language.to_owned()), ["language"], "{language}");
    }
}

#[test]
fn all_of_it_fits_into_an_event() {
    let kind = QuestionKind::Choice((0..50).map(|n| format!("{n}{}", "x".repeat(90))).collect());
    let many =
        |plan: &mut Plan| plan.questions = (0..20).map(|n| Question { key: n.to_string(), kind: kind.clone(), ..question() }).collect();
    assert_eq!(places(many), ["description"]);
}

#[test]
fn a_place_is_on_earth_and_a_link_is_safe() {
    let hybrid = |venue, link: &str| {
        let format = Format::Hybrid { venue, link: link.to_owned() };
        places(|plan| plan.format = format)
    };
    let link = "https://meet.example.org";
    assert!(hybrid(venue(), link).is_empty());
    assert_eq!(hybrid(Venue { city: String::new(), name: String::new(), coordinates: Some((90_000_001, 0)) }, link), {
        ["venue.name", "venue.city", "venue.coordinates"]
    });
    for link in ["http://meet.example.org", "https://", "javascript:alert(1)", "https://a b"] {
        assert_eq!(hybrid(venue(), link), ["link"], "{link}");
    }
}

#[test]
fn times_are_in_order_and_in_a_zone_there_is() {
    assert_eq!(places(|plan| plan.ends_at = plan.starts_at), ["endsAt"]);
    assert_eq!(places(|plan| plan.ends_at = at(1000 + 61 * 24)), ["endsAt"]);
    assert_eq!(places(|plan| plan.closes_at = Some(at(1009))), ["closesAt"]);
    assert_eq!(places(|plan| plan.opens_at = Some(at(1000))), ["opensAt"]);
    assert_eq!(places(|plan| (plan.opens_at, plan.closes_at) = (Some(at(20)), Some(at(20)))), ["opensAt"]);
    assert_eq!(places(|plan| plan.time_zone = "Zurich".to_owned()), ["timeZone"]);
    assert_eq!(places(|plan| (plan.hold, plan.offer) = (Minutes(0), Minutes(60 * 24 * 60 + 1))), ["holdMinutes", "offerMinutes"]);
    assert_eq!(places(|plan| plan.refunds = vec![RefundStep { before: Minutes(1), share: 10_001 }]), ["refunds"]);
}

#[test]
fn numbers_are_within_bounds_and_money_is_of_one_currency() {
    assert_eq!(places(|plan| plan.capacity = 0), ["capacity"]);
    assert_eq!(places(|plan| plan.capacity = 100_001), ["capacity"]);
    assert_eq!(places(|plan| plan.taxation.rate = 10_001), ["vatPercent"]);
    assert_eq!(places(|plan| plan.group = 0), ["groupLimit"]);
    assert_eq!(places(|plan| plan.tickets = vec![]), ["tickets"]);
    assert_eq!(places(|plan| plan.tickets = vec![ticket(), ticket()]), ["tickets[1].key"]);
    assert_eq!(places(|plan| plan.questions = vec![question(), question()]), ["questions[1].key"]);
    assert_eq!(places(|plan| plan.currency = Currency::try_new("CHF").expect("a currency")), ["tickets[0].price"]);
    assert_eq!(places(|plan| plan.tickets[0].price.amount = -1), ["tickets[0].price"]);
}

#[test]
fn it_is_open_until_it_closes_or_starts() {
    let open = |plan: &Plan, hours| plan.is_open(at(hours));
    assert!(open(&plan(), 999) && !open(&plan(), 1000));
    let window = Plan { opens_at: Some(at(10)), closes_at: Some(at(20)), ..plan() };
    assert_eq!([9, 10, 19, 20].map(|hours| open(&window, hours)), [false, true, true, false]);
    let late = Plan { closes_at: Some(at(1004)), ..plan() };
    assert!(!open(&late, 1001), "never once it has started");
}

#[test]
fn what_goes_back_depends_on_how_early_one_is() {
    let step = |before: u32, share| RefundStep { before: Minutes(before * 60), share };
    let plan = Plan { refunds: vec![step(24, 5_000), step(100, 10_000)], ..plan() };
    assert_eq!([900, 901, 976, 977].map(|hours| plan.refund_share(at(hours))), [10_000, 5_000, 5_000, 0]);
}

#[test]
fn nothing_is_held_beyond_the_start() {
    assert_eq!(plan().held_until(at(0), Minutes(90)), Timestamp::UNIX_EPOCH + TimeDelta::minutes(90));
    assert_eq!(plan().held_until(at(999), Minutes(90)), at(1000));
}
