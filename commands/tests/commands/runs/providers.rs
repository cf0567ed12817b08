//! Whoever moves money, and what they tell.

mod hanging_up;
mod order;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use commands::{
    Fault,
    booking::{Checkout, Due, Heard, Message, News, PaymentProvider, Unheard, Unopened},
};
use domain::{
    booking::{BookingRejection as Rejection, run::PaymentStatus},
    kernel::{PaymentId, RegistrationId, RunId, Timestamp},
};
use futures_util::future::join_all;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use uuid::Uuid;

use super::{comes, draft, eur, opened, person, stage, state};
use crate::platform::{Platform, accepted, anonymous, fault, rejected};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// Signs by a word; a message's body has its id and who paid what for what.
struct Till {
    captures: bool,
    /// Who decides on payments; none: they are all taken.
    office: Option<SocketAddr>,
}

/// How an office behaves once it was asked.
#[derive(Clone, Copy, Debug)]
enum Office {
    Silent,
    BreaksOff,
    Refuses,
}

impl Office {
    /// Where it listens.
    async fn open(self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            let mut silent = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = BufReader::new(stream);
                let mut asked = String::new();
                stream.read_line(&mut asked).await.expect("a line");
                match self {
                    Self::Silent => silent.push(stream),
                    Self::BreaksOff => drop(stream),
                    Self::Refuses => stream.write_all(b"no").await.expect("written"),
                }
            }
        });
        address
    }
}

/// What an office says of a payment.
async fn asked(office: SocketAddr, payment: PaymentId) -> Result<(), Unopened> {
    let mut stream = TcpStream::connect(office).await.map_err(|_| Unopened::Unreached)?;
    stream.write_all(format!("{payment}\n").as_bytes()).await.map_err(|_| Unopened::Unknown)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.map_err(|_| Unopened::Unknown)?;
    match answer.as_str() {
        "yes" => Ok(()),
        "no" => Err(Unopened::Refused),
        _ => Err(Unopened::Unknown),
    }
}

#[async_trait::async_trait]
impl PaymentProvider for Till {
    fn name(&self) -> &'static str {
        "till"
    }

    async fn open(&self, due: &Due) -> Result<Checkout, Unopened> {
        if let Some(office) = self.office {
            asked(office, due.payment).await?;
        }
        Ok(if self.captures { Checkout::Captured } else { Checkout::Link(format!("https://till.example.org/{}", due.payment)) })
    }

    fn hear(&self, message: &Message<'_>, _now: Timestamp) -> Result<Heard, Unheard> {
        if message.header("word") != Some("please") {
            return Err(Unheard::Unsigned);
        }
        let body = std::str::from_utf8(message.body).map_err(|_| Unheard::Malformed("expected text"))?;
        let parts: Vec<&str> = body.split(' ').collect();
        let [event, registration, payment, amount] = parts[..] else { return Err(Unheard::Malformed("expected four words")) };
        // What begins with a minus went back, and what has a question mark did not come about.
        let (news, amount) = match (amount.strip_prefix('-'), amount.strip_prefix('?')) {
            (Some(back), _) => (News::Refund, back),
            (None, Some(failed)) => (News::Status(PaymentStatus::Failed), failed),
            (None, None) => (News::Status(PaymentStatus::Succeeded), amount),
        };
        Ok(Heard {
            event: event.to_owned(),
            registration: registration.parse().map_err(|_| Unheard::Malformed("expected a registration"))?,
            payment: payment.parse().map_err(|_| Unheard::Malformed("expected a payment"))?,
            news,
            amount: eur(amount.parse().map_err(|_| Unheard::Malformed("expected an amount"))?),
        })
    }
}

async fn platform(captures: bool) -> Platform {
    with_till(Till { captures, office: None }, PATIENCE).await
}

async fn with_till(till: Till, patience: Duration) -> Platform {
    let mut platform = Platform::init().await;
    platform.commands = Arc::new(platform.commands_on(&platform.vault).await.with_payments(Arc::new(till), patience));
    platform
}

/// What is known of the payments of a registration.
async fn known(platform: &Platform, run: RunId, registration: RegistrationId) -> Vec<(PaymentId, PaymentStatus)> {
    let state = state(platform, run).await;
    let entry = state.registration(registration).expect("it is there");
    entry.payments.iter().map(|(payment, known)| (*payment, known.status)).collect()
}

fn said(event: &str, registration: RegistrationId, payment: PaymentId, cents: i64) -> String {
    format!("{event} {registration} {payment} {cents}")
}

fn signed(body: &str) -> Message<'_> {
    Message { headers: vec![("word", "please")], body: body.as_bytes() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_message_that_comes_a_hundred_times_is_one_payment() {
    let platform = platform(false).await;
    let (_, run) = opened(&platform, &draft(1, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let opened = accepted(booking.checkout(&ada, registration).await);
    assert_eq!((opened.due.amount, opened.due.registration), (eur(10_000), registration));
    assert_eq!(opened.checkout, Checkout::Link(format!("https://till.example.org/{}", opened.due.payment)));
    assert_eq!(accepted(booking.checkout(&ada, registration).await).due, opened.due, "asked again, it is the same");
    let body = said("msg_1", registration, opened.due.payment, 10_000);
    let (message, nobody) = (&signed(&body), &anonymous());
    for heard in join_all((0..100).map(|_| booking.hear_payment(nobody, "till", message))).await {
        assert_eq!(accepted(Ok(heard.expect("no fault").expect("signed"))), opened.due.payment);
    }
    let state = state(&platform, run).await;
    let entry = state.registration(registration).expect("it is there");
    assert_eq!((entry.kept(), entry.owed, entry.payments.len(), entry.stage.name()), (10_000, 0, 1, "confirmed"));
    assert_eq!(platform.named("PaymentReported").await.len(), 2, "that it was opened, and that it succeeded");
}

#[tokio::test]
async fn nothing_is_recorded_of_a_message_that_is_not_the_providers() {
    let platform = platform(false).await;
    let (_, run) = opened(&platform, &draft(1, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let payment = accepted(booking.checkout(&ada, registration).await).due.payment;
    let before = platform.events().await.len();
    let body = said("msg_1", registration, payment, 10_000);
    let forged = Message { headers: vec![("word", "now")], body: body.as_bytes() };
    let twice = Message { headers: vec![("word", "please"), ("word", "please")], body: body.as_bytes() };
    for message in [&forged, &twice] {
        let heard = booking.hear_payment(&anonymous(), "till", message).await.expect("no fault");
        assert!(matches!(heard, Err(Unheard::Unsigned)));
    }
    let heard = booking.hear_payment(&anonymous(), "purse", &signed(&body)).await.expect("no fault");
    assert!(matches!(heard, Err(Unheard::NotExpected)));
    assert_eq!(platform.events().await.len(), before);
    let receipt = platform.journal.receipt("system:till", "paymentReport", "msg_1").await.expect("readable");
    assert!(receipt.is_none());
    assert_eq!(stage(&platform, run, registration).await, "awaiting payment");
}

#[tokio::test]
async fn one_id_is_one_message_and_what_it_says_must_fit() {
    let platform = platform(false).await;
    let (_, run) = opened(&platform, &draft(1, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let payment = accepted(booking.checkout(&ada, registration).await).due.payment;
    let hear = async |body: String| booking.hear_payment(&anonymous(), "till", &signed(&body)).await;
    let less = hear(said("msg_1", registration, payment, 1)).await.expect("no fault").expect("signed");
    assert_eq!(rejected(Ok(less)), Rejection::PaymentDiffers);
    let unknown = hear(said("msg_2", RegistrationId(Uuid::now_v7()), payment, 10_000)).await.expect("no fault").expect("signed");
    assert_eq!(rejected(Ok(unknown)), Rejection::RegistrationNotFound);
    accepted(Ok(hear(said("msg_1", registration, payment, 10_000)).await.expect("no fault").expect("signed")));
    assert_eq!(stage(&platform, run, registration).await, "confirmed", "nothing was kept of what was turned down");
    let other = hear(said("msg_1", registration, payment, 1)).await.expect_err("another message under its id");
    assert!(matches!(other, Fault::KeyReused));
}

#[tokio::test]
async fn what_is_captured_is_paid_at_once_and_nothing_is_due_then() {
    let platform = platform(true).await;
    let (_, run) = opened(&platform, &draft(2, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let bob = person(&platform, "bob").await;
    assert_eq!(rejected(booking.checkout(&bob, registration).await), Rejection::RegistrationNotFound);
    assert!(matches!(fault(booking.checkout(&anonymous(), registration).await), Fault::Unauthenticated));
    assert_eq!(accepted(booking.checkout(&ada, registration).await).checkout, Checkout::Captured);
    assert_eq!(stage(&platform, run, registration).await, "confirmed");
    assert_eq!(rejected(booking.checkout(&ada, registration).await), Rejection::NothingDue);
}

#[tokio::test]
async fn money_that_went_back_is_told_once_and_cannot_be_more_than_came_in() {
    let platform = platform(false).await;
    let (_, run) = opened(&platform, &draft(1, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let payment = accepted(booking.checkout(&ada, registration).await).due.payment;
    let hear = async |body: String| booking.hear_payment(&anonymous(), "till", &signed(&body)).await.expect("no fault").expect("signed");
    accepted(Ok(hear(said("msg_1", registration, payment, 10_000)).await));
    for _ in 0..3 {
        accepted(Ok(hear(said("msg_2", registration, payment, -2_500)).await));
    }
    accepted(Ok(hear(said("msg_3", registration, payment, -2_500)).await));
    let more = rejected(Ok(hear(said("msg_4", registration, payment, -5_001)).await));
    assert_eq!(more, Rejection::RefundTooLarge { most: eur(5_000) });
    let state = state(&platform, run).await;
    assert_eq!(state.registration(registration).map(domain::booking::run::Entry::kept), Some(5_000));
    assert_eq!(platform.named("RefundRecorded").await.len(), 2);
}

#[tokio::test]
async fn what_nobody_answers_is_unknown_and_not_failed_until_the_provider_tells() {
    // Who says nothing is waited for no longer than that; who breaks off is not waited for.
    for (office, patience) in [(Office::Silent, Duration::from_millis(100)), (Office::BreaksOff, PATIENCE)] {
        let till = Till { captures: false, office: Some(office.open().await) };
        let platform = with_till(till, patience).await;
        let (_, run) = opened(&platform, &draft(2, 10_000)).await;
        let (ada, first) = comes(&platform, run, "ada").await;
        let (bob, second) = comes(&platform, run, "bob").await;
        let booking = &platform.commands.booking;
        for (person, registration) in [(&ada, first), (&bob, second)] {
            assert_eq!(rejected(booking.checkout(person, registration).await), Rejection::PaymentUnknown, "{office:?}");
            let before = known(&platform, run, registration).await;
            assert!(matches!(before[..], [(_, PaymentStatus::Unknown)]), "{office:?}: {before:?}");
            assert_eq!(rejected(booking.checkout(person, registration).await), Rejection::PaymentUnknown, "{office:?}");
            assert_eq!(known(&platform, run, registration).await, before, "asked again, it is the same");
            assert_eq!(stage(&platform, run, registration).await, "awaiting payment");
        }
        let payment = async |registration: RegistrationId| known(&platform, run, registration).await[0].0;
        let (paid, failed) = (payment(first).await, payment(second).await);
        let hear =
            async |body: String| booking.hear_payment(&anonymous(), "till", &signed(&body)).await.expect("no fault").expect("signed");
        accepted(Ok(hear(said("msg_1", first, paid, 10_000)).await));
        accepted(Ok(hear(format!("msg_2 {second} {failed} ?10000")).await));
        assert_eq!(known(&platform, run, first).await, [(paid, PaymentStatus::Succeeded)], "{office:?}");
        assert_eq!(known(&platform, run, second).await, [(failed, PaymentStatus::Failed)], "{office:?}");
        assert_eq!((stage(&platform, run, first).await, stage(&platform, run, second).await), ("confirmed", "awaiting payment"));
    }
}

#[tokio::test]
async fn what_the_provider_refuses_has_failed_and_another_payment_is_opened_then() {
    let till = Till { captures: false, office: Some(Office::Refuses.open().await) };
    let platform = with_till(till, PATIENCE).await;
    let (_, run) = opened(&platform, &draft(1, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    for count in 1..=2 {
        assert_eq!(rejected(platform.commands.booking.checkout(&ada, registration).await), Rejection::PaymentRefused);
        let known = known(&platform, run, registration).await;
        assert_eq!(known.len(), count);
        assert!(known.iter().all(|(_, status)| *status == PaymentStatus::Failed), "{known:?}");
    }
    assert_eq!(stage(&platform, run, registration).await, "awaiting payment");
}

#[tokio::test]
async fn where_nothing_was_sent_nothing_becomes_of_the_payment() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let nobody = listener.local_addr().expect("an address");
    drop(listener);
    let platform = with_till(Till { captures: false, office: Some(nobody) }, PATIENCE).await;
    let (_, run) = opened(&platform, &draft(1, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    assert!(matches!(fault(platform.commands.booking.checkout(&ada, registration).await), Fault::Outside(_)));
    assert!(matches!(known(&platform, run, registration).await[..], [(_, PaymentStatus::Pending)]));
}
