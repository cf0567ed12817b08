//! Who is told of a payment hears what is left to pay.

use domain::{booking::run::Stage, identity::Language};

use super::{super::*, letters, outgoing};

/// What is said of a payment while 120.50 are due, at a stage.
fn said(language: Language, occasion: Occasion, stage: Stage) -> String {
    let mut mail = Outgoing { language, ..outgoing("ada@example.org", occasion) };
    let news = mail.booking.as_mut().expect("about a registration");
    (news.appointment.due, news.appointment.stage) = (news.booked.amount, Some(stage));
    letters(None).words(&mail, None).expect("written").1
}

#[test]
fn who_has_a_place_that_is_not_paid_for_is_told_what_is_left_to_pay() {
    let until = "2026-01-04T03:04:05Z".parse().expect("an instant");
    for (language, left) in [(Language::En, "120.50 CHF are still to be paid."), (Language::Fr, "Il reste 120.50 CHF à régler.")] {
        for occasion in [Occasion::PaymentUndone, Occasion::PaymentReceived] {
            for stage in [Stage::Confirmed, Stage::Attended, Stage::NoShow] {
                let text = said(language, occasion, stage);
                assert!(text.contains(left), "{language:?} {occasion:?} {stage:?}: {text}");
            }
            let text = said(language, occasion, Stage::AwaitingPayment { until });
            assert!(!text.contains(left) && text.contains("2026-01-04 04:04"), "{language:?} {occasion:?}: {text}");
            assert!(!said(language, occasion, Stage::Withdrawn).contains(left), "{language:?} {occasion:?}");
        }
    }
}
