use std::collections::BTreeSet;

use domain::{
    booking::{
        Audience, Discount, Format, Plan, Reduction, Ticket, Visibility,
        run::{Life, RunEvent},
    },
    kernel::AccountId,
};

use super::{Entity, Model, Quota, RunFormat, Viewer};
use crate::{
    column::{Json, Word},
    fixtures::{
        id, instant, recorded, rows,
        runs::{ORGANISER, confirmed, eur, offered, plan, published, requested, scheduled, ticket, waitlisted},
        second,
    },
    read_model::{MissingRow, ReadModel},
};

fn row_after(events: impl IntoIterator<Item = RunEvent>) -> Model {
    let events: Vec<_> = (1..).zip(events).map(|(position, event)| recorded(position, id(1), event)).collect();
    rows(&Entity, &events).remove(0)
}

fn code(admits: bool) -> RunEvent {
    let discount = Discount {
        code: "FRIENDS-1".into(),
        reduction: Reduction::Share(1000),
        admits,
        uses: None,
        until: Some(second(500)),
        tickets: BTreeSet::new(),
    };
    RunEvent::DiscountCreated { discount }
}

#[test]
fn a_run_is_listed_by_what_was_planned() {
    let row = row_after([scheduled(&plan("Docker"))]);
    assert_eq!((row.life, row.number, row.changed, row.organiser), (Word(Life::Draft), 1, 1, ORGANISER.0));
    assert_eq!((row.category.as_str(), row.city.as_deref(), row.format), ("Containers", Some("Zürich"), Word(RunFormat::OnSite)));
    assert_eq!((row.latitude, row.longitude), (Some(47_376_900), Some(8_541_700)));
    assert_eq!((row.price, row.currency.as_str(), row.capacity, row.left()), (10_000, "EUR", 10, 10));

    let online = Plan { format: Format::Online { link: "https://meet.example/1".into() }, capacity: 4, ..plan("Podman") };
    let row = row_after([scheduled(&plan("Docker")), RunEvent::Revised { plan: Box::new(online), from: None }]);
    assert_eq!((row.plan.title.as_str(), row.city, row.latitude, row.capacity), ("Podman", None, None, 4));
    assert_eq!((row.number, row.changed, row.described, row.format), (1, 2, 2, Word(RunFormat::Online)));
}

#[test]
fn a_run_costs_what_everybody_pays() {
    let tickets = vec![
        ticket("staff", 0, Audience::Invited),
        ticket("members", 5000, Audience::Code),
        ticket("early", 8000, Audience::Everyone),
        ticket("late", 9000, Audience::Everyone),
    ];
    let price = |tickets| row_after([scheduled(&Plan { tickets, ..plan("Docker") })]).price;
    assert_eq!(price(tickets.clone()), 8000);
    assert_eq!(price(tickets[..2].to_vec()), 5000, "nobody else comes in");
    let invited = [("speaker", 20_000), ("guest", 30_000)].map(|(key, price)| ticket(key, price, Audience::Invited));
    assert_eq!(price(invited.to_vec()), 20_000, "it is not for nothing");
    assert_eq!(price([invited.to_vec(), tickets[1..2].to_vec()].concat()), 5000, "who has a code comes in");
    assert_eq!(price(vec![]), 0);
}

#[test]
fn a_run_is_limited_by_quotas_where_all_that_everybody_may_take_has_one() {
    let few = Ticket { quota: Some(3), ..ticket("few", 8000, Audience::Everyone) };
    let some = Ticket { quota: Some(5), ..ticket("some", 8000, Audience::Everyone) };
    let (any, friends) = (ticket("any", 9000, Audience::Everyone), ticket("friends", 0, Audience::Code));
    let quotas = |tickets| row_after([scheduled(&Plan { tickets, ..plan("Docker") })]).quotas;
    let quota = |ticket: &str, places| Quota { ticket: ticket.into(), places };
    assert_eq!(quotas(vec![few.clone(), any.clone()]), None);
    assert_eq!(quotas(vec![few.clone(), some, friends.clone()]), Some(Json(vec![quota("few", 3), quota("some", 5)])));
    assert_eq!(quotas(vec![friends]), Some(Json(vec![])), "there is nothing for everybody");
    let without = RunEvent::Revised { plan: Box::new(Plan { tickets: vec![any], ..plan("Docker") }), from: None };
    assert_eq!(row_after([scheduled(&Plan { tickets: vec![few], ..plan("Docker") }), without]).quotas, None);
}

#[test]
fn places_are_counted_as_events_say() {
    let lives = [
        published(&Plan { capacity: 2, ..plan("Docker") }),
        vec![requested(1, 2), confirmed(1, 0), requested(2, 1), waitlisted(2, 1), requested(3, 1), waitlisted(3, 2)],
    ];
    let row = row_after(lives.concat());
    assert_eq!((row.life, row.taken, row.left(), row.waiting, row.requests), (Word(Life::Published), 2, 0, 2, 3));
    let row = row_after([lives.concat(), vec![offered(2, 1)]].concat());
    assert_eq!((row.taken, row.waiting), (2, 1));
}

#[test]
fn what_changes_nothing_is_not_told_to_who_keeps_a_copy() {
    let registration = domain::kernel::RegistrationId(id(1001));
    let approved = RunEvent::RegistrationApproved { registration };
    let before = row_after(published(&plan("Docker")));
    assert_eq!(row_after([published(&plan("Docker")), vec![approved]].concat()), before);
    assert_eq!(before.changed, 2);
}

#[test]
fn a_run_that_moves_or_ends_says_so() {
    let (starts_at, ends_at) = (instant("2026-07-01T08:00:00Z"), instant("2026-07-01T09:00:00Z"));
    let moved = RunEvent::Rescheduled { starts_at, ends_at, closes_at: None, time_zone: None, from: plan("Docker").starts_at };
    let row = row_after([scheduled(&plan("Docker")), moved]);
    assert_eq!((row.starts_at, row.ends_at, row.plan.starts_at), (starts_at, ends_at, starts_at));
    let row = row_after([published(&plan("Docker")), vec![RunEvent::Cancelled { reason: "Ill.".into() }]].concat());
    assert_eq!((row.life, row.reason.as_deref()), (Word(Life::Cancelled), Some("Ill.")));
    assert_eq!(Entity.fold(&id(1), None, &recorded(1, id(1), RunEvent::Published {})), Err(MissingRow));
}

#[test]
fn each_viewer_is_shown_what_is_theirs_to_see() {
    let now = second(100);
    let (stranger, organiser) = (Viewer::Account(AccountId(id(5))), Viewer::Account(ORGANISER));
    let with = |visibility| Plan { visibility, ..plan("Docker") };
    let draft = row_after([scheduled(&with(Visibility::Public))]);
    let sees =
        |row: &Model, code| [Viewer::Anonymous, stranger, organiser, Viewer::Manager].map(|viewer| row.is_visible_to(viewer, code, now));
    assert_eq!(sees(&draft, None), [false, false, true, true]);
    for open in [Visibility::Public, Visibility::Unlisted] {
        assert_eq!(sees(&row_after(published(&with(open))), None), [true; 4]);
    }
    let closed = row_after([published(&with(Visibility::Code)), vec![code(true)]].concat());
    assert_eq!(sees(&closed, None), [false, false, true, true]);
    assert_eq!(sees(&closed, Some("friends-1")), [true; 4], "in either case");
    assert_eq!(sees(&closed, Some("FRIENDS-2")), [false, false, true, true]);
    assert!(!closed.is_visible_to(stranger, Some("FRIENDS-1"), second(500)), "it has run out");
    let reducing = row_after([published(&with(Visibility::Code)), vec![code(false)]].concat());
    assert!(!reducing.is_visible_to(stranger, Some("FRIENDS-1"), now), "it reduces the price and does not admit");
}

#[test]
fn who_holds_a_run_sees_it_and_not_who_comes() {
    let holder = AccountId(id(6));
    let row = row_after([scheduled(&Plan { instructor_account: Some(holder), ..plan("Docker") })]);
    let holder = Viewer::Account(holder);
    assert!(row.is_run_by(holder) && !row.is_organised_by(holder));
    assert!(row.is_organised_by(Viewer::Account(ORGANISER)) && row.is_organised_by(Viewer::Manager));
    assert_eq!(eur(0).currency.code(), row.currency);
}
