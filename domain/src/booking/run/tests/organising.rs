use super::*;

fn reschedules(start: i64) -> RunCommand {
    RunCommand::Reschedule { by: BY, starts_at: at(start), ends_at: at(start + HOUR), closes_at: None, time_zone: None }
}

#[test]
fn a_run_is_revised_and_what_it_was_is_no_revision() {
    let mut story = Story::published(plan());
    let other = Plan { title: "Pods".to_owned(), ..plan() };
    assert_eq!(story.takes(revises(other.clone())), [RunEvent::Revised { plan: Box::new(other.clone()), from: None }]);
    assert!(story.takes(revises(other)).is_empty());
    let nameless = Plan { title: " ".to_owned(), ..plan() };
    assert_eq!(story.refuses(revises(nameless)), flawed("title", "1 to 150 characters"));
}

#[test]
fn that_a_run_takes_place_elsewhere_is_told_with_how_many_had_registered() {
    let mut story = Story::with(plan(), [1, 2]);
    let other = Plan { format: Format::Online { link: "https://meet.example.org/2".to_owned() }, ..plan() };
    let from = Some(Box::new(PlaceBefore { format: plan().format, count: 2 }));
    assert_eq!(story.takes(revises(other.clone())), [RunEvent::Revised { plan: Box::new(other), from }]);
}

#[test]
fn a_capacity_below_what_is_taken_is_refused_with_the_count() {
    let mut story = Story::with(Plan { capacity: 3, ..plan() }, [1, 2]);
    assert_eq!(story.refuses(revises(Plan { capacity: 1, ..plan() })), Rejection::CapacityBelowTaken { taken: 2 });
    story.takes(revises(Plan { capacity: 2, ..plan() }));
    let mut tickets = plan().tickets;
    tickets[0].quota = Some(1);
    let refused = Rejection::QuotaBelowTaken { ticket: "free".to_owned(), taken: 2 };
    assert_eq!(story.refuses(revises(Plan { tickets, ..plan() })), refused);
}

#[test]
fn more_capacity_is_offered_to_who_waits() {
    let mut story = Story::with(plan(), 1..=4);
    let more = story.told(revises(Plan { capacity: 4, ..plan() }));
    assert_eq!(more, ["RunRevised", "PlaceOffered 3", "PlaceOffered 4"]);
}

#[test]
fn what_was_sold_stays_as_it_was_sold() {
    let dollars = || {
        let currency = Currency::try_new("USD").expect("a currency");
        let mut tickets = plan().tickets;
        for ticket in &mut tickets {
            ticket.price.currency = currency;
        }
        Plan { currency, tickets, ..plan() }
    };
    Story::published(plan()).takes(revises(dollars()));
    let mut story = Story::with(plan(), [1]);
    assert_eq!(story.refuses(revises(dollars())), Rejection::SoldAlready);
    let without = |key: &str| Plan { tickets: plan().tickets.into_iter().filter(|ticket| ticket.key != key).collect(), ..plan() };
    assert_eq!(story.refuses(revises(without("free"))), Rejection::SoldAlready);
    story.takes(revises(without("paid")));
    // Who waits has a ticket as well.
    let mut waits = Story::with(plan(), 1..=2);
    waits.takes(comes(3, "paid"));
    assert_eq!(waits.refuses(revises(without("paid"))), Rejection::SoldAlready);
}

#[test]
fn what_is_published_is_moved_by_rescheduling() {
    let moved = || Plan { starts_at: at(START + DAY), ends_at: at(START + 2 * DAY), ..plan() };
    Story::drafted(plan()).takes(revises(moved()));
    let mut story = Story::published(plan());
    assert_eq!(story.refuses(revises(moved())), flawed("startsAt", "the time that was published; rescheduling moves it"));
    let (starts_at, ends_at, from) = (at(START + DAY), at(START + DAY + HOUR), at(START));
    assert_eq!(
        story.takes(reschedules(START + DAY)),
        [RunEvent::Rescheduled { starts_at, ends_at, closes_at: None, time_zone: None, from }]
    );
    assert!(story.takes(reschedules(START + DAY)).is_empty());
    let backwards = RunCommand::Reschedule { by: BY, starts_at: at(START), ends_at: at(0), closes_at: None, time_zone: None };
    assert_eq!(story.refuses(backwards), flawed("endsAt", "a time after the start"));
    assert_eq!(story.at(10).refuses(reschedules(5)), flawed("startsAt", "a time to come"));
}

#[test]
fn a_run_whose_registration_closes_at_another_time_is_not_moved() {
    let mut story = Story::published(plan());
    story.takes(comes(1, "free"));
    let closes = |closes_at| {
        let Plan { starts_at, ends_at, .. } = plan();
        RunCommand::Reschedule { by: BY, starts_at, ends_at, closes_at, time_zone: None }
    };
    let revised = |closes_at| [RunEvent::Revised { plan: Box::new(Plan { closes_at, ..plan() }), from: None }];
    for closes_at in [Some(at(HOUR)), Some(at(2 * HOUR)), None] {
        assert_eq!(story.takes(closes(closes_at)), revised(closes_at));
        assert!(story.takes(closes(closes_at)).is_empty());
    }
    let entry = story.scheduled().registration(reg(1)).expect("a registration");
    assert!(!story.scheduled().was_moved_since(entry), "it takes place when she registered for");
}

#[test]
fn a_draft_is_not_moved_to_what_is_over() {
    let mut story = Story::drafted(plan());
    let moved = || Plan { starts_at: at(HOUR), ends_at: at(2 * HOUR), ..plan() };
    assert_eq!(story.at(2 * HOUR).refuses(revises(moved())), flawed("endsAt", "a time to come"));
    story.at(2 * HOUR - 1).takes(revises(moved()));
    // What is not moved is revised when it is over, too.
    story.at(3 * HOUR).takes(revises(Plan { title: "Pods".to_owned(), ..moved() }));
}

#[test]
fn nothing_is_held_beyond_a_start_that_was_moved_ahead() {
    let mut story = Story::with(Plan { capacity: 1, ..plan() }, [1, 2]);
    story.takes(withdraws(1));
    let events = story.takes(reschedules(DAY));
    let offered = RunEvent::PlaceOffered { registration: reg(2), until: at(DAY), left: 0, waiting: 0 };
    assert_eq!(events[1..], [offered]);
    assert_eq!(story.scheduled().next_lapse(), Some(at(DAY)));
}

#[test]
fn who_had_a_place_at_another_time_gets_all_back() {
    let mut story = Story::published(plan());
    story.takes(comes(1, "paid"));
    story.takes(pays(1, 10_000));
    story.takes(reschedules(START + DAY));
    story.takes(comes(2, "paid"));
    story.takes(pays(2, 10_000));
    story.at(START + DAY - HOUR);
    assert!(story.takes(withdraws(1)).iter().any(|event| matches!(event, RunEvent::RefundOwed { amount, .. } if *amount == eur(10_000))));
    // Who came later knew.
    assert_eq!(story.told(withdraws(2)), ["RegistrationWithdrawn 2"]);
}

#[test]
fn who_had_a_place_until_another_time_gets_all_back() {
    let mut story = Story::published(plan());
    story.takes(comes(1, "paid"));
    story.takes(pays(1, 10_000));
    story.takes(comes(2, "free"));
    let (starts_at, ends_at) = (at(START), at(START + 9 * HOUR));
    let longer = RunCommand::Reschedule { by: BY, starts_at, ends_at, closes_at: None, time_zone: None };
    assert_eq!(story.takes(longer), [RunEvent::Rescheduled { starts_at, ends_at, closes_at: None, time_zone: None, from: starts_at }]);
    for n in [1, 2] {
        assert!(story.scheduled().was_moved_since(story.entry(n)));
    }
    story.at(START - HOUR);
    assert_eq!(story.told(withdraws(1)), ["RegistrationWithdrawn 1", "RefundOwed 1"]);
    assert_eq!(story.entry(1).owed, 10_000);
}

#[test]
fn what_is_going_on_ends_later_or_sooner_and_begins_no_more() {
    let mut story = Story::published(plan());
    for n in [1, 2] {
        story.takes(comes(n, "free"));
    }
    let until =
        |start: i64, end: i64| RunCommand::Reschedule { by: BY, starts_at: at(start), ends_at: at(end), closes_at: None, time_zone: None };
    let (end, later) = (START + 8 * HOUR, START + 8 * HOUR + 30);
    story.at(end - 15);
    assert_eq!(story.told(until(START, later)), ["RunRescheduled"]);
    assert_eq!(story.scheduled().plan.ends_at, at(later));
    assert_eq!(story.refuses(withdraws(1)), Rejection::WrongStage { stage: "confirmed".to_owned() });
    assert_eq!(story.at(later - 1).refuses(RunCommand::Complete { by: BY }), Rejection::NotEnded);
    assert_eq!(story.refuses(until(START, later - 1)), flawed("endsAt", "a time to come"));
    assert_eq!(story.refuses(until(START + 1, later + HOUR)), flawed("startsAt", "a time to come"));
    // It was over, and goes on after all.
    assert_eq!(story.at(later + 5).told(until(START, later + 10)), ["RunRescheduled"]);
    assert_eq!(story.told(until(START, later + 6)), ["RunRescheduled"]);
    story.at(later + 6).takes(RunCommand::Complete { by: BY });
}

#[test]
fn what_an_older_build_told_of_the_end_of_registration_moves_nothing() {
    let mut story = Story::with(plan(), [1]);
    let Plan { starts_at, ends_at, .. } = plan();
    story.run.evolve(&RunEvent::Rescheduled { starts_at, ends_at, closes_at: Some(at(HOUR)), time_zone: None, from: starts_at });
    assert_eq!(story.scheduled().plan.closes_at, Some(at(HOUR)));
    assert!(!story.scheduled().was_moved_since(story.entry(1)));
}

#[test]
fn what_has_ended_is_left_as_it_is() {
    let mut story = Story::published(plan());
    story.takes(RunCommand::Cancel { by: BY, reason: "rain".to_owned() });
    let cancelled = Rejection::WrongState { state: "cancelled".to_owned() };
    for command in [revises(plan()), reschedules(START + DAY), RunCommand::Publish { by: BY }, RunCommand::Complete { by: BY }] {
        assert_eq!(story.refuses(command), cancelled);
    }
    assert_eq!(story.refuses(comes(1, "free")), Rejection::NotOpen);
}

#[test]
fn what_calendars_say_is_newer_after_each_change_that_they_show() {
    let mut story = Story::published(plan());
    story.takes(comes(1, "free"));
    let seen = |story: &Story| story.scheduled().revision + story.entry(1).revision;
    let mut last = seen(&story);
    let mut is_newer = |story: &Story| {
        let newer = seen(story) > last;
        last = seen(story);
        newer
    };
    story.takes(reschedules(START + DAY));
    assert!(is_newer(&story));
    story.takes(comes(2, "free"));
    assert!(!is_newer(&story), "another's registration is nothing to them");
    story.takes(withdraws(1));
    assert!(is_newer(&story));
    story.takes(RunCommand::Cancel { by: BY, reason: "rain".to_owned() });
    assert!(is_newer(&story));
    assert_eq!(story.scheduled().called_off.as_deref(), Some("rain"));
}

#[test]
fn a_run_that_moves_to_other_clocks_says_so() {
    let toronto = "America/Toronto".to_owned();
    let (starts_at, ends_at, time_zone) = (at(START + DAY), at(START + DAY + HOUR), Some(toronto.clone()));
    let reschedule = || RunCommand::Reschedule { by: BY, starts_at, ends_at, closes_at: None, time_zone: time_zone.clone() };
    let mut story = Story::published(plan());
    let said = RunEvent::Rescheduled { starts_at, ends_at, closes_at: None, time_zone: time_zone.clone(), from: at(START) };
    assert_eq!(story.takes(reschedule()), [said]);
    assert_eq!(story.scheduled().plan.time_zone, toronto);
    assert!(story.takes(reschedule()).is_empty());
    let back = RunCommand::Reschedule { by: BY, starts_at, ends_at, closes_at: None, time_zone: Some(plan().time_zone) };
    assert_eq!(story.told(back), ["RunRevised"], "it is when it was to be");
}
