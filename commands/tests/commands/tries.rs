//! Guessing passwords.

use chrono::TimeDelta;
use commands::{Fault, Outcome, Request, identity::SignedIn};
use domain::identity::IdentityRejection as No;
use futures_util::future::join_all;

use crate::platform::{PASSWORD, Platform, accepted, anonymous, pass, rejected, stand_still};
use crate::sign_ins::signed_in;

const EMAIL: &str = "ada@example.org";
const HOME: &str = "192.0.2.1";

async fn from(platform: &Platform, address: &str, email: &str, password: &str) -> Result<Outcome<SignedIn, No>, Fault> {
    let request = Request { address: Some(address.into()), ..anonymous() };
    signed_in(platform.commands.identity.sign_in(&request, email, password.into()).await)
}

#[tokio::test]
async fn five_tries_are_free_and_each_further_one_waits_twice_as_long_for_somebody_and_for_nobody() {
    let platform = Platform::init().await;
    accepted(platform.register(EMAIL, &[]).await);
    stand_still();
    for email in [EMAIL, "nobody@example.org"] {
        for _ in 0..5 {
            assert_eq!(rejected(from(&platform, HOME, email, "a wrong password").await), No::CredentialsWrong);
        }
        for wait in [1, 2, 4, 8, 16] {
            assert_eq!(rejected(from(&platform, HOME, email, PASSWORD).await), No::TooManyTries, "{wait} s");
            // A try that was not made does not count.
            pass(TimeDelta::seconds(wait) + TimeDelta::milliseconds(10));
            assert_eq!(rejected(from(&platform, HOME, email, "a wrong password").await), No::CredentialsWrong, "{wait} s");
        }
    }
}

#[tokio::test]
async fn nobody_is_kept_out_for_longer_than_a_quarter_of_an_hour() {
    let platform = Platform::init().await;
    accepted(platform.register(EMAIL, &[]).await);
    for _ in 0..30 {
        rejected(from(&platform, HOME, EMAIL, "a wrong password").await);
        pass(TimeDelta::minutes(15) + TimeDelta::seconds(1));
    }
    accepted(from(&platform, HOME, EMAIL, PASSWORD).await);
    for _ in 0..4 {
        assert_eq!(rejected(from(&platform, HOME, EMAIL, "a wrong password").await), No::CredentialsWrong, "it begins anew");
    }
    accepted(from(&platform, HOME, EMAIL, PASSWORD).await);
}

#[tokio::test]
async fn who_guesses_elsewhere_does_not_keep_the_owner_out() {
    let platform = Platform::init().await;
    accepted(platform.register(EMAIL, &[]).await);
    accepted(from(&platform, HOME, EMAIL, PASSWORD).await);
    for number in 0..60 {
        rejected(from(&platform, &format!("203.0.113.{}", number % 20), EMAIL, "a wrong password").await);
    }
    assert_eq!(rejected(from(&platform, "203.0.113.200", EMAIL, PASSWORD).await), No::TooManyTries, "guessed from everywhere");
    accepted(from(&platform, HOME, EMAIL, PASSWORD).await);
}

#[tokio::test]
async fn addresses_of_one_customer_count_together() {
    let platform = Platform::init().await;
    accepted(platform.register(EMAIL, &[]).await);
    stand_still();
    for number in 0..5 {
        for guessed in [format!("2001:db8:0:1::{number}"), "::ffff:192.0.2.1".into()] {
            assert_eq!(rejected(from(&platform, &guessed, EMAIL, "a wrong password").await), No::CredentialsWrong, "{guessed}");
        }
    }
    for same in ["2001:db8:0:1:ffff::1", HOME] {
        assert_eq!(rejected(from(&platform, same, EMAIL, PASSWORD).await), No::TooManyTries, "{same}");
    }
    for other in ["2001:db8:0:2::1", "::ffff:192.0.2.2"] {
        accepted(from(&platform, other, EMAIL, PASSWORD).await);
    }
}

#[tokio::test]
async fn who_guesses_elsewhere_does_not_keep_the_owner_out_whose_address_has_changed() {
    let platform = Platform::init().await;
    accepted(platform.register(EMAIL, &[]).await);
    stand_still();
    accepted(from(&platform, "2001:db8:0:1::1", EMAIL, PASSWORD).await);
    for number in 0..60 {
        rejected(from(&platform, &format!("2001:db8:1:{}::1", number % 20), EMAIL, "a wrong password").await);
    }
    assert_eq!(rejected(from(&platform, "2001:db8:0:2::1", EMAIL, PASSWORD).await), No::TooManyTries, "it is another's");
    accepted(from(&platform, "2001:db8:0:1:abcd::2", EMAIL, PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_tries_at_once_are_five() {
    let platform = Platform::init().await;
    accepted(platform.register(EMAIL, &[]).await);
    let tries = join_all((0..100).map(|_| from(&platform, HOME, EMAIL, "a wrong password"))).await;
    let looked_at = tries.into_iter().filter(|outcome| matches!(outcome, Ok(Outcome::Rejected(No::CredentialsWrong)))).count();
    // The fifth has the next wait for a second: were this to take longer, there would be one more.
    assert!((5..=7).contains(&looked_at), "{looked_at} passwords were looked at");
}
