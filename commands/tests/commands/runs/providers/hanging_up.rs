//! Whoever asked to pay goes away before it is said how.

use std::{net::SocketAddr, sync::Arc};

use commands::booking::{Guest, GuestWanted};
use domain::{
    booking::{Answers, run::PaymentStatus},
    identity::mail::Occasion,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::Notify,
};

use super::{PATIENCE, Till, comes, draft, known, opened, with_till};
use crate::{
    mailbag::Mailbag,
    platform::{Platform, accepted, anonymous},
    rules::eventually,
};

/// An office that tells when it was asked, and says this once it may: where it listens, and the two signals.
async fn slow_office(answer: &'static str) -> (SocketAddr, Arc<Notify>, Arc<Notify>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (was_asked, may_answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let signals = (was_asked.clone(), may_answer.clone());
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("somebody");
        let mut stream = BufReader::new(stream);
        let mut asked = String::new();
        stream.read_line(&mut asked).await.expect("a line");
        signals.0.notify_one();
        signals.1.notified().await;
        // Whoever asked may have hung up.
        stream.write_all(answer.as_bytes()).await.ok();
    });
    (address, was_asked, may_answer)
}

#[tokio::test]
async fn what_becomes_of_a_payment_is_recorded_though_whoever_asked_has_hung_up() {
    for (answer, status) in [("yes", PaymentStatus::Succeeded), ("no", PaymentStatus::Failed), ("", PaymentStatus::Unknown)] {
        let (office, was_asked, may_answer) = slow_office(answer).await;
        let platform = with_till(Till { captures: true, office: Some(office) }, PATIENCE).await;
        let (_, run) = opened(&platform, &draft(1, 10_000)).await;
        let (ada, registration) = comes(&platform, run, "ada").await;
        tokio::select! {
            answered = platform.commands.booking.checkout(&ada, registration) => panic!("nobody has said anything: {answered:?}"),
            () = was_asked.notified() => {}
        }
        assert!(matches!(known(&platform, run, registration).await[..], [(_, PaymentStatus::Pending)]));
        may_answer.notify_one();
        let is_recorded = async || known(&platform, run, registration).await.iter().all(|(_, became)| *became == status);
        eventually("it is recorded", is_recorded).await;
    }
}

#[tokio::test]
async fn so_it_is_where_a_guest_hangs_up() {
    let (office, was_asked, may_answer) = slow_office("yes").await;
    let (mut platform, bag) = (Platform::init().await, Arc::new(Mailbag::default()));
    let till = Arc::new(Till { captures: true, office: Some(office) });
    let commands = platform.commands_on(&platform.vault).await.with_postman(bag.clone()).with_payments(till, PATIENCE);
    platform.commands = Arc::new(commands);
    let (grace, run) = opened(&platform, &draft(1, 10_000)).await;
    let booking = &platform.commands.booking;
    let (name, email) = ("Joan".to_owned(), "joan@example.org".to_owned());
    let guest = Guest { run, email, name: name.clone(), ticket: None, priority: 0, until: None };
    let registration = accepted(booking.invite(&grace, &guest).await);
    let token = bag.next(&platform, Occasion::GuestInvited).await.token();
    let ticket = "seat".to_owned();
    let wanted = GuestWanted { name, ticket, attendees: vec![], members: vec![], answers: Answers::new(), code: None, wait: false };
    accepted(booking.guest_register(&anonymous(), &token, &wanted).await);
    let nobody = anonymous();
    tokio::select! {
        answered = booking.guest_checkout(&nobody, &token) => panic!("nobody has said anything: {answered:?}"),
        () = was_asked.notified() => {}
    }
    may_answer.notify_one();
    let is_recorded = async || known(&platform, run, registration).await.iter().all(|(_, became)| *became == PaymentStatus::Succeeded);
    eventually("it is recorded", is_recorded).await;
}

#[tokio::test]
async fn who_stops_waits_for_what_becomes_of_payments_that_nobody_waits_for() {
    let (office, was_asked, may_answer) = slow_office("yes").await;
    let platform = with_till(Till { captures: true, office: Some(office) }, PATIENCE).await;
    let booking = &platform.commands.booking;
    booking.paid().await;
    let (_, run) = opened(&platform, &draft(1, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    tokio::select! {
        answered = booking.checkout(&ada, registration) => panic!("nobody has said anything: {answered:?}"),
        () = was_asked.notified() => {}
    }
    tokio::select! {
        biased;
        () = booking.paid() => panic!("somebody is being asked"),
        () = tokio::task::yield_now() => may_answer.notify_one(),
    }
    booking.paid().await;
    assert!(matches!(known(&platform, run, registration).await[..], [(_, PaymentStatus::Succeeded)]));
}
