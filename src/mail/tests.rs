use std::os::unix::fs::PermissionsExt;

use chrono::{TimeDelta, Utc};
use commands::identity::BookingNews;
use domain::{
    identity::{
        DisplayName, Email, Language,
        mail::{Booked, Occasion},
    },
    kernel::{Currency, MailId, Money, RegistrationId},
};
use uuid::Uuid;

use super::*;

/// About a guest's registration.
fn news(at: chrono::DateTime<Utc>) -> BookingNews {
    let amount = Some(Money::new(12_050, Currency::try_new("CHF").expect("a currency")));
    let (until, before, reason) = (Some(at + TimeDelta::hours(48)), Some(at), Some("<b>rain</b>".to_owned()));
    let booked = Booked { until, before, amount, reason, ..Booked::of(RegistrationId(Uuid::from_u128(2))) };
    BookingNews { booked, appointment: crate::calendar::tests::appointment(), is_guest: true }
}

/// With a link, where one can be in it.
pub(super) fn outgoing(to: &str, occasion: Occasion) -> Outgoing {
    let at = "2026-01-02T03:04:05Z".parse::<chrono::DateTime<Utc>>().expect("an instant");
    let has_link = !occasion.is_for_operators()
        && !matches!(
            occasion,
            Occasion::PasswordChanged
                | Occasion::EmailChangeReverted
                | Occasion::SecondFactorReset
                | Occasion::BackupPhoneAdded
                | Occasion::PasskeyAdded
                | Occasion::PasskeyRemoved
                | Occasion::PasskeyCopied
                | Occasion::UnusualSignIn
                | Occasion::RegistrationTried
                | Occasion::InvitationWithdrawn
                | Occasion::AccountUnused
                | Occasion::RegistrationGivenAway
                | Occasion::CompanionNamed
                | Occasion::CompanionMoved
                | Occasion::CompanionDropped
        );
    Outgoing {
        id: MailId(Uuid::from_u128(1)),
        to: Email::try_new(to).expect("an address"),
        name: Some(DisplayName::try_new("Ada Lovelace").expect("a name")),
        language: Language::En,
        occasion,
        token: has_link.then(|| "a-token".to_owned().into()),
        at,
        expires_at: (has_link || occasion == Occasion::AccountUnused).then(|| at + TimeDelta::hours(1)),
        cluster: occasion.is_for_operators().then(|| "frankfurt".to_owned()),
        booking: occasion.is_of_booking().then(|| Box::new(news(at))),
    }
}

#[tokio::test]
async fn files_are_their_owners_alone_and_whole_and_the_same_mail_takes_its_own_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let postman = postman(&MailConfig::default(), folder.path()).expect("a postman");
    let mail = outgoing("ada@example.org", Occasion::VerifyEmail);
    postman.deliver(&mail).await.expect("written");
    postman.deliver(&mail).await.expect("written again");
    let directory = folder.path().join("outbox");
    let files: Vec<_> = std::fs::read_dir(&directory).expect("a directory").map(|entry| entry.expect("an entry").path()).collect();
    assert_eq!(files, [directory.join(format!("{}.eml", mail.id))]);
    let mode = |path: &Path| path.metadata().expect("metadata").permissions().mode() & 0o777;
    assert_eq!((mode(&directory), mode(&files[0])), (0o700, 0o600));
    assert!(std::fs::read_to_string(&files[0]).expect("text").contains("a-token"));
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_is_tried_again() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("outbox"), "a file").expect("written");
    let postman = postman(&MailConfig::default(), folder.path()).expect("a postman");
    let failed = postman.deliver(&outgoing("ada@example.org", Occasion::VerifyEmail)).await;
    assert_eq!(failed, Err(Undelivered { failure: Failure::Local, permanent: false }));
}
