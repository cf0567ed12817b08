//! A server that is killed while people register.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use nalabo::client::{Client, ClientError};
use serde_json::{Value, json};

use super::{RUN, crowd, event, in_a_month, published, until};
use crate::{
    crash::SETTINGS,
    engines::Engine,
    people::{Person, text},
    site::{Server, Site},
};

const PEOPLE: usize = 30;
const PLACES: u32 = 8;
const ROUNDS: usize = 3;

pub(super) async fn what_was_acknowledged_survives_kill_9_and_no_place_is_given_twice(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve_with(&SETTINGS);
    let organiser = Person::with_role(&server, "grace", "organiser").await;
    let people = crowd(&server, "person", PEOPLE).await;
    server.stop();
    for round in 0..ROUNDS {
        let server = site.serve_with(&SETTINGS);
        let organiser = here(&server, &organiser);
        let run = published(&organiser, event(in_a_month(), PLACES, 0)).await;
        let acknowledged = register_and_kill(server, &people, &run, 1 + round * 9).await;
        let server = site.serve_with(&SETTINGS);
        // Whoever asks again under their key is told what they were told, and whoever was not told is told now.
        let mut ids = vec![];
        for (person, known) in people.iter().zip(&acknowledged) {
            let id = register(here(&server, person).client, &run).await.expect("registered");
            assert!(known.as_ref().is_none_or(|known| *known == id), "{known:?} was acknowledged, and is {id} now");
            ids.push(id);
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), PEOPLE);
        let waiting = u32::try_from(PEOPLE).expect("few") - PLACES;
        let is_full = |data: &Value| data["run"]["taken"] == PLACES && data["run"]["waiting"] == waiting;
        until(&here(&server, &organiser), RUN, &run, is_full).await;
        server.stop();
    }
    let events = site.events();
    let count = |name: &str| events.iter().filter(|event| event["type"] == name).count();
    let counts = ["RegistrationRequested", "RegistrationConfirmed", "RegistrationWaitlisted"].map(count);
    let places = PLACES as usize;
    assert_eq!(counts, [PEOPLE, places, PEOPLE - places].map(|count| count * ROUNDS), "each once");
}

/// The same person at another server.
fn here(server: &Server, person: &Person) -> Person {
    Person { client: server.client().with_token(person.tokens.access.clone()), ..person.clone() }
}

/// Has all register at once, kills the server once so many are, and says who was told their registration's id.
async fn register_and_kill(server: Server, people: &[Person], run: &str, enough: usize) -> Vec<Option<String>> {
    let told = Arc::new(AtomicUsize::new(0));
    let registering = people.iter().map(|person| {
        let (client, run, told) = (here(&server, person).client, run.to_owned(), Arc::clone(&told));
        tokio::spawn(async move {
            let id = match register(client, &run).await {
                Ok(id) => Some(id),
                Err(ClientError::Http(_)) => None,
                Err(error) => panic!("{error}"),
            };
            told.fetch_add(usize::from(id.is_some()), Ordering::Release);
            id
        })
    });
    let tasks: Vec<_> = registering.collect();
    while told.load(Ordering::Acquire) < enough {
        assert!(!tasks.iter().all(tokio::task::JoinHandle::is_finished), "nobody registers any more: {}", server.printed());
        tokio::task::yield_now().await;
    }
    server.kill();
    let mut acknowledged = vec![];
    for task in tasks {
        acknowledged.push(task.await.expect("no panic"));
    }
    acknowledged
}

/// Registers under a key for the run, and gives the registration's id; while nobody folds, it is asked for again.
async fn register(client: Client, run: &str) -> Result<String, ClientError> {
    let input = json!({ "runId": run, "ticket": "seat", "wait": true, "idempotencyKey": run });
    loop {
        let payload = client.mutate("registrationRequest", input.clone(), "registration { id } stale").await?;
        if !payload["registration"].is_null() {
            return Ok(text(&payload["registration"]["id"]));
        }
        assert_eq!(payload["stale"], true, "{payload}");
    }
}
