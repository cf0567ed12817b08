//! Killing a server in the middle of writing: what it acknowledged is there, once, and nothing by halves.

mod clusters;
mod environments;
pub(crate) mod evidence;
pub(crate) mod writers;

use std::{
    collections::BTreeSet,
    ops::RangeInclusive,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::{
    authoring::{publish, reading},
    engines::{Engine, on_each_engine},
    people::Person,
    site::{Server, Site},
};
use evidence::Evidence;
use writers::{Ledger, Writer};

on_each_engine! {
    what_was_acknowledged_survives_kill_9_and_is_there_once,
}

/// Rounds, unless `NALABO_CRASH_ROUNDS` says how many; and rounds on one site.
const ROUNDS: usize = 15;
const WRITERS: usize = 6;
/// Steps of the workshop that learners go through.
pub(crate) const STEPS: usize = 40;
/// Tokens outlast the longest soak.
pub(crate) const SETTINGS: [(&str, &str); 2] = [("NALABO_TOKENS__ACCESS_MINUTES", "1440"), ("NALABO_TELEMETRY__LOG", "warn")];

/// How often each crash test kills something.
pub(crate) fn rounds() -> usize {
    match std::env::var("NALABO_CRASH_ROUNDS") {
        Ok(rounds) => rounds.parse().expect("NALABO_CRASH_ROUNDS is a number"),
        Err(_) => ROUNDS,
    }
}

async fn what_was_acknowledged_survives_kill_9_and_is_there_once(engine: Engine) {
    let rounds = rounds();
    // Everything is looked at after each kill: on one site for ever, each look would take longer than the one before.
    for first in (1..=rounds).step_by(ROUNDS) {
        killed_again_and_again(engine, first..=rounds.min(first + ROUNDS - 1), rounds > ROUNDS).await;
    }
}

async fn killed_again_and_again(engine: Engine, rounds: RangeInclusive<usize>, told: bool) {
    let site = Site::on(engine);
    let server = site.serve_with(&SETTINGS);
    let author = Person::with_role(&server, "author", "author").await;
    let workshop = publish(&author, "long", reading(STEPS, 1)).await;
    server.stop();
    let mut ledger = Ledger::default();
    for round in rounds {
        let server = site.serve_with(&SETTINGS);
        ledger.settle(&server).await;
        write_and_kill(server, &mut ledger, &author, &workshop, round).await;
        let evidence = Evidence::of(&site).await;
        evidence.holds(&ledger);
        if told {
            println!("round {round}: {} acknowledged, {} events", ledger.acknowledged.len(), evidence.events.len());
        }
    }
    // What was not answered is asked again; in the end all of it is there, and rules that follow have followed.
    let server = site.serve_with(&SETTINGS);
    ledger.settle(&server).await;
    evidence::points_are_awarded_once(&site).await;
    server.stop();
    Evidence::of(&site).await.holds(&ledger);
}

/// Has several write at once, and kills the server at some moment while they do.
async fn write_and_kill(server: Server, ledger: &mut Ledger, author: &Person, workshop: &str, round: usize) {
    // A different number each round, so that it is killed at different moments.
    let enough = 3 + (round * 17) % 60;
    let written = Arc::new(AtomicUsize::new(0));
    let learner = Person::register(&server, &format!("learner-{round}")).await;
    let mut tasks = Vec::new();
    for number in 0..WRITERS {
        let writer = match number {
            0 => Writer::learner(&server, &learner, workshop, round),
            _ => Writer::author(&server, author, round, number),
        };
        tasks.push(tokio::spawn(writer.write(Arc::clone(&written))));
    }
    while written.load(Ordering::Acquire) < enough {
        assert!(!tasks.iter().all(tokio::task::JoinHandle::is_finished), "nobody writes any more: {}", server.printed());
        tokio::task::yield_now().await;
    }
    server.kill();
    for task in tasks {
        ledger.take(task.await.expect("no panic"));
    }
    let unique: BTreeSet<_> = ledger.acknowledged.iter().map(|command| &command.key).collect();
    assert_eq!(unique.len(), ledger.acknowledged.len());
}
