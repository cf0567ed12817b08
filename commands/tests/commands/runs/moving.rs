//! Runs that get another time, and what goes back then.

use chrono::TimeDelta;
use domain::{booking::Timing, identity::mail::Occasion};

use super::{
    comes, draft, eur, opened,
    telling::{settled, told},
    timing,
};
use crate::{mailbag::Mailbag, platform::accepted};

#[tokio::test]
async fn who_is_told_that_a_run_ends_at_another_time_withdraws_and_gets_back_all_that_they_paid() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(2, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    accepted(booking.record_payment(&grace, registration, None, eur(10_000)).await);
    settled(&platform, &bag).await;
    let longer = Timing { ends_at: timing().ends_at + TimeDelta::hours(1), ..timing() };
    accepted(booking.reschedule(&grace, run, &longer).await);
    settled(&platform, &bag).await;
    comes(&platform, run, "bob").await;
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "ada").last(), Some(&Occasion::RunMoved));
    assert!(!told(&bag, "bob").contains(&Occasion::RunMoved), "he came later, and knew");
    accepted(booking.withdraw(&ada, registration).await);
    let owed = booking.appointment(&ada, registration).await.expect("answered").expect("hers").owed;
    assert_eq!(owed, Some(eur(10_000)), "by its terms the run gives nothing back");
}
