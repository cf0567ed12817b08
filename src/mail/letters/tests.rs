mod paying;

use std::collections::BTreeSet;

use domain::{
    booking::run::Stage,
    identity::{DisplayName, Language, mail::Missed},
};

use super::*;
use crate::mail::tests::outgoing;

/// All there is to write.
fn every() -> impl Iterator<Item = (Language, Occasion)> {
    Language::ALL.into_iter().flat_map(|language| Occasion::ALL.into_iter().map(move |occasion| (language, occasion)))
}

/// About an account, or about a registration.
fn all_of_booking(is: bool) -> impl Iterator<Item = (Language, Occasion)> {
    every().filter(move |(_, occasion)| occasion.is_of_booking() == is)
}

fn letters(site: Option<&str>) -> Letters {
    Letters::try_new(&MailConfig { site: site.map(str::to_owned), ..MailConfig::default() }).expect("letters")
}

/// Header fields and body, as they go out.
fn written(letters: &Letters, mail: &Outgoing) -> (String, String) {
    let text = String::from_utf8(letters.write(mail).expect("written").formatted()).expect("UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    (head.to_owned(), body.to_owned())
}

#[test]
fn every_occasion_is_written_in_every_language_with_and_without_a_site() {
    for (language, occasion) in all_of_booking(false) {
        let mail = Outgoing { language, ..outgoing("ada@example.org", occasion) };
        for site in [None, Some("https://nalabo.example.org/")] {
            let (subject, plain, html) = letters(site).words(&mail, Some("Ada")).expect("written");
            assert!(!subject.is_empty() && !subject.contains("{{"), "{language:?} {occasion:?}: {subject}");
            let has_link = mail.token.is_some();
            let page = site.and(page(occasion));
            let link = page.map_or_else(|| "a-token".to_owned(), |page| format!("https://nalabo.example.org/{page}#a-token"));
            assert_eq!(plain.lines().any(|line| line == link), has_link, "{language:?} {occasion:?}: {plain}");
            let shown = if page.is_some() { "<a href=" } else { "<code " };
            assert_eq!(html.contains(shown), has_link, "{language:?} {occasion:?}: {html}");
            assert!(html.contains(&format!("<html lang=\"{}\">", language.tag())), "{html}");
            assert!(plain.contains("2026-01-02 0"), "{language:?} {occasion:?}: {plain}");
        }
    }
}

#[test]
fn operators_are_told_which_cluster_it_is() {
    let about_a_cluster = [Occasion::ClusterUnreachable, Occasion::ClusterDegraded, Occasion::ClusterRecovered, Occasion::ClusterShort];
    for (language, occasion) in every() {
        let mail = Outgoing { language, ..outgoing("ops@example.org", occasion) };
        let (_, plain, _) = letters(None).words(&mail, Some("Ada")).expect("written");
        assert_eq!(plain.contains("frankfurt"), about_a_cluster.contains(&occasion), "{language:?} {occasion:?}: {plain}");
    }
}

#[test]
fn what_a_name_holds_begins_no_header_and_no_tag() {
    // No name is like this; what stands between is not believed.
    let hostile = "Eve\r\nBcc: all@example.org\r\n\r\n<b>\"hello\"</b> \u{202e}";
    let name: DisplayName = serde_json::from_value(hostile.into()).expect("unchecked");
    let mail = Outgoing { name: Some(name), ..outgoing("ada@example.org", Occasion::PasswordChanged) };
    let (head, _) = written(&letters(None), &mail);
    let fields: Vec<_> = head.lines().filter(|line| !line.starts_with([' ', '\t'])).filter_map(|line| line.split(':').next()).collect();
    let mut expected = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"].to_vec();
    let mut found = fields.clone();
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected, "{head}");
    let (_, plain, html) = letters(None).words(&mail, Some(hostile)).expect("written");
    assert!(plain.contains("<b>"), "plain text is as it is: {plain}");
    assert!(html.contains("&lt;b&gt;") && !html.contains("<b>"), "{html}");
}

#[test]
fn a_name_that_anybody_may_have_chosen_is_not_said_to_an_address_that_is_not_known_to_be_theirs() {
    let name: DisplayName = serde_json::from_value("Visit evil.example now".into()).expect("a name");
    for (_, occasion) in every() {
        let mail = Outgoing { name: Some(name.clone()), ..outgoing("ada@example.org", occasion) };
        let (head, body) = written(&letters(None), &mail);
        assert_eq!((head + &body).contains("evil"), !is_unproven(occasion), "{occasion:?}");
    }
}

#[test]
fn names_and_words_beyond_ascii_are_encoded() {
    let name = DisplayName::try_new("Zoë Łukasz").expect("a name");
    let mail = Outgoing { name: Some(name), language: Language::Fr, ..outgoing("ada@example.org", Occasion::EmailChanged) };
    let (head, _) = written(&letters(None), &mail);
    assert!(head.is_ascii() && head.contains("=?utf-8?"), "{head}");
    assert!(head.contains("Auto-Submitted: auto-generated") && head.contains("@localhost>"), "{head}");
    assert!(head.contains("Date: Fri, 02 Jan 2026 03:04:05 "), "{head}");
}

#[test]
fn what_is_written_about_registrations_says_what_where_when_and_how_to_see_it() {
    let leads_somewhere = |(_, occasion): &(Language, Occasion)| !LED_NOWHERE.contains(occasion);
    for (language, occasion) in all_of_booking(true).filter(leads_somewhere) {
        let guest = Outgoing { language, name: None, ..outgoing("ada@example.org", occasion) };
        for (site, link) in [(None, "a-token"), (Some("https://nalabo.example.org/"), "https://nalabo.example.org/guest#a-token")] {
            let (subject, plain, html) = letters(site).words(&guest, None).expect("written");
            assert!(subject.contains("Containers") && !subject.contains("{{"), "{language:?} {occasion:?}: {subject}");
            assert!(plain.contains("2027-01-06 08:04") && plain.contains("(Europe/Zurich)"), "where it is: {plain}");
            assert!(plain.contains("Technopark, Zürich"), "{plain}");
            assert!(plain.lines().any(|line| line == link), "{language:?} {occasion:?}: {plain}");
            assert!(!html.contains("<b>") && html.contains(if site.is_some() { "<a href=" } else { "<code " }), "{html}");
        }
        let mut known = guest;
        known.token = None;
        known.booking.as_mut().expect("about a registration").is_guest = false;
        let (_, plain, _) = letters(Some("https://nalabo.example.org")).words(&known, Some("Ada")).expect("written");
        assert!(plain.contains(" Ada,") && plain.contains("/registrations/reg_"), "{plain}");
        let (_, plain, _) = letters(None).words(&known, Some("Ada")).expect("written");
        assert!(!plain.contains("a-token") && !plain.contains("registrations/"), "{plain}");
        known.booking.as_mut().expect("about a registration").appointment.registration = None;
        let (_, plain, _) = letters(Some("https://nalabo.example.org")).words(&known, Some("Ada")).expect("written");
        assert!(plain.contains("/runs/run_"), "who is invited has not registered yet: {plain}");
    }
}

/// What is told to who has no say, or not any more.
const LED_NOWHERE: [Occasion; 5] = [
    Occasion::RegistrationGivenAway,
    Occasion::InvitationWithdrawn,
    Occasion::CompanionNamed,
    Occasion::CompanionMoved,
    Occasion::CompanionDropped,
];

#[test]
fn who_gave_a_registration_away_or_is_not_invited_any_more_is_led_nowhere_by_what_they_are_told() {
    for (language, occasion) in every().filter(|(_, occasion)| LED_NOWHERE.contains(occasion)) {
        let mail = Outgoing { language, ..outgoing("ada@example.org", occasion) };
        let (subject, plain, html) = letters(Some("https://nalabo.example.org")).words(&mail, Some("Ada")).expect("written");
        assert!(subject.contains("Containers") && !subject.contains("{{"), "{language:?}: {subject}");
        assert!(plain.contains("2027-01-06 08:04") && plain.contains(" Ada,"), "{language:?}: {plain}");
        assert!(!plain.contains("nalabo.example.org") && !html.contains("<a href="), "{language:?}: {plain}");
    }
}

#[test]
fn who_is_invited_is_told_of_the_run_and_of_no_place_of_theirs() {
    let words = [(Language::En, "registered for", "invited to"), (Language::Fr, "vous êtes inscrit", "vous êtes invité")];
    for (language, registered, invited) in words {
        for occasion in [Occasion::RunMoved, Occasion::RunCancelled] {
            let mut mail = Outgoing { language, ..outgoing("ada@example.org", occasion) };
            let said = |mail: &Outgoing| letters(None).words(mail, None).expect("written").1;
            assert!(said(&mail).contains(registered) && !said(&mail).contains(invited), "{}", said(&mail));
            let appointment = &mut mail.booking.as_mut().expect("about a registration").appointment;
            (appointment.registration, appointment.stage) = (None, None);
            assert!(said(&mail).contains(invited) && !said(&mail).contains(registered), "{}", said(&mail));
            assert!(!said(&mail).contains("withdraw before") && !said(&mail).contains("désinscrivez"), "{}", said(&mail));
        }
    }
}

#[test]
fn who_is_told_of_another_time_keeps_a_place_that_they_have_and_gets_all_back_while_they_can_withdraw() {
    let said = |language: Language, occasion: Occasion, stage: Stage, has_begun: bool| {
        let mut mail = Outgoing { language, ..outgoing("ada@example.org", occasion) };
        let starts_at = mail.booking.as_ref().expect("about a registration").appointment.plan.starts_at;
        if has_begun {
            mail.at = starts_at;
            mail.booking.as_mut().expect("about a registration").booked.before = Some(starts_at);
        }
        mail.booking.as_mut().expect("about a registration").appointment.stage = Some(stage);
        let (_, plain, html) = letters(None).words(&mail, None).expect("written");
        (plain, html)
    };
    let words = [
        (Language::En, "Your place is kept.", "Your registration stays", "get back all", "was to start"),
        (Language::Fr, "Votre place reste", "Votre inscription reste", "sera remboursé", "devait commencer"),
    ];
    for (language, place, registration, back, before) in words {
        for (stage, keeps) in [(Stage::Confirmed, place), (Stage::Waitlisted, registration)] {
            let (plain, html) = said(language, Occasion::RunMoved, stage, false);
            let other = if keeps == place { registration } else { place };
            for text in [&plain, &html] {
                assert!(text.contains(keeps) && text.contains(back) && text.contains(before), "{language:?} {stage:?}: {text}");
                assert!(!text.contains(other), "{language:?} {stage:?}: {text}");
            }
        }
        // It goes on until later than it was to: nobody withdraws any more, and it starts when it was to.
        let (plain, html) = said(language, Occasion::RunMoved, Stage::Confirmed, true);
        for text in [&plain, &html] {
            assert!(text.contains(place) && !text.contains(back) && !text.contains(before), "{language:?}: {text}");
        }
        for (has_begun, was_to_start) in [(false, true), (true, false)] {
            let (plain, html) = said(language, Occasion::CompanionMoved, Stage::Confirmed, has_begun);
            assert_eq!([plain.contains(before), html.contains(before)], [was_to_start; 2], "{language:?}: {plain}");
        }
    }
}

#[test]
fn who_waited_until_a_run_was_over_is_told_of_no_place_that_was_theirs() {
    let said = |language: Language, missed: Option<Missed>| {
        let mut mail = Outgoing { language, ..outgoing("ada@example.org", Occasion::RegistrationExpired) };
        let news = mail.booking.as_mut().expect("about a registration");
        (news.booked.missed, news.appointment.stage) = (missed, Some(Stage::Expired));
        letters(None).words(&mail, None).expect("written")
    };
    let words = [
        (Language::En, ["place became free", "not decided on", "place is not held any longer"]),
        (Language::Fr, ["aucune place ne s", "restée sans réponse", "le délai pour terminer"]),
    ];
    let mut subjects = BTreeSet::new();
    for (language, all) in words {
        for (missed, its) in [Some(Missed::Place), Some(Missed::Approval), None].into_iter().zip(all) {
            let (subject, plain, html) = said(language, missed);
            assert!(subjects.insert(subject.clone()), "the same as of another: {subject}");
            for text in [&plain, &html] {
                assert_eq!(all.map(|word| text.contains(word)), all.map(|word| word == its), "{language:?} {missed:?}: {text}");
            }
        }
    }
}

#[test]
fn who_takes_a_registration_over_is_told_what_is_left_to_do() {
    let said = |stage: Stage| {
        let mut mail = outgoing("ada@example.org", Occasion::RegistrationTakenOver);
        let news = mail.booking.as_mut().expect("about a registration");
        (news.appointment.due, news.appointment.stage) = (news.booked.amount, Some(stage));
        letters(None).words(&mail, None).expect("written").1
    };
    assert!(said(Stage::Confirmed).contains("You have a place."));
    let until = "2026-01-04T03:04:05Z".parse().expect("an instant");
    let asked = said(Stage::AwaitingPayment { until });
    assert!(asked.contains("120.50 CHF") && asked.contains("until 2026-01-04 04:04") && !asked.contains("You have a place."), "{asked}");
    let waits = said(Stage::PendingApproval { holds_place: true });
    assert!(waits.contains("waits for the organiser") && !waits.contains("120.50"), "{waits}");
}

#[test]
fn who_is_not_approved_any_more_is_told_what_they_keep() {
    let said = |language: Language, stage: Stage| {
        let mut mail = Outgoing { language, ..outgoing("ada@example.org", Occasion::ApprovalWithdrawn) };
        mail.booking.as_mut().expect("about a registration").appointment.stage = Some(stage);
        letters(None).words(&mail, None).expect("written").1
    };
    let until = "2026-01-04T03:04:05Z".parse().expect("an instant");
    for (language, turn) in [(Language::En, "your turn on the waitlist"), (Language::Fr, "votre tour sur la liste d'attente")] {
        let (waits, offered) = (said(language, Stage::Waitlisted), said(language, Stage::Offered { until }));
        assert!(waits.contains(turn) && !waits.contains("2026-01-04"), "{waits}");
        assert!(offered.contains("2026-01-04 04:04") && !offered.contains(turn), "{offered}");
    }
}

#[test]
fn what_is_paid_given_back_and_given_as_a_reason_is_told() {
    let plain = |occasion| letters(None).words(&outgoing("ada@example.org", occasion), None).expect("written").1;
    let asked = plain(Occasion::PaymentAwaited);
    assert!(asked.contains("120.50 CHF") && asked.contains("until 2026-01-04 04:04"), "{asked}");
    for occasion in
        [Occasion::PaymentReceived, Occasion::PaymentFailed, Occasion::PaymentUndone, Occasion::Refunded, Occasion::RefundUndone]
    {
        assert!(plain(occasion).contains("120.50 CHF"), "{occasion:?}");
    }
    assert!(plain(Occasion::RunCancelled).contains("<b>rain</b>"), "plain text is as it is");
    assert!(plain(Occasion::RunMoved).contains("2026-01-02 04:04"));
}

#[test]
fn each_mail_about_a_registration_has_its_entry_attached_and_an_invitation_has_none() {
    for (language, occasion) in all_of_booking(true) {
        let mut mail = Outgoing { language, ..outgoing("ada@example.org", occasion) };
        let is_invitation = occasion == Occasion::GuestInvited;
        if is_invitation {
            mail.booking.as_mut().expect("about a run").appointment.registration = None;
        }
        let (_, body) = written(&letters(None), &mail);
        let (is_calendar, is_named) = (body.contains("text/calendar"), body.contains("filename=\"event.ics\""));
        assert_eq!((is_calendar, is_named), (!is_invitation, !is_invitation), "{occasion:?}: {body}");
    }
}

#[test]
fn an_entry_that_was_confirmed_is_tentative_once_the_approval_is_taken_back_and_cancelled_once_that_is_rejected() {
    let attached = |occasion: Occasion, stage: Stage, sequence: u32| {
        let mut mail = outgoing("ada@example.org", occasion);
        let appointment = &mut mail.booking.as_mut().expect("about a registration").appointment;
        (appointment.stage, appointment.sequence) = (Some(stage), sequence);
        let text = String::from_utf8(letters(None).write(&mail).expect("written").formatted()).expect("UTF-8");
        let read = crate::calendar::tests::read_attached(&text);
        ["UID", "STATUS", "SEQUENCE"].map(|name| read["events"][0][name].as_str().map(str::to_owned).expect("text"))
    };
    let uid = "reg_00000000000000000000000000000002@nalabo";
    assert_eq!(attached(Occasion::RegistrationConfirmed, Stage::Confirmed, 3), [uid, "CONFIRMED", "3"]);
    assert_eq!(attached(Occasion::RegistrationRequested, Stage::PendingApproval { holds_place: true }, 4), [uid, "TENTATIVE", "4"]);
    assert_eq!(attached(Occasion::RegistrationRejected, Stage::Rejected, 5), [uid, "CANCELLED", "5"]);
    let until = "2026-01-04T03:04:05Z".parse().expect("an instant");
    assert_eq!(attached(Occasion::PlaceOffered, Stage::Offered { until }, 6), [uid, "TENTATIVE", "6"]);
    assert_eq!(attached(Occasion::OfferLapsed, Stage::Expired, 7), [uid, "CANCELLED", "7"]);
}
