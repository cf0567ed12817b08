//! Two servers on one database, and people on both who want the last places.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{MINE, RUN, crowd, done, event, in_a_month, published, seat, until};
use crate::{
    crash::SETTINGS,
    engines::Engine,
    people::Person,
    site::{Server, Site},
};

mod postgres {
    crate::engines::on_postgres! { people_on_two_nodes_get_each_place_once_and_in_turn() }
}

const PEOPLE: u32 = 24;
const PLACES: u32 = 5;
/// How many let their place go.
const LEAVING: u32 = 3;

async fn people_on_two_nodes_get_each_place_once_and_in_turn() {
    let first = Site::on(Engine::Postgres);
    let second = first.beside();
    let servers: [Server; 2] = [first.serve_with(&SETTINGS), second.serve_with(&SETTINGS)];
    let organiser = Person::with_role(&servers[0], "grace", "organiser").await;
    let run = published(&organiser, event(in_a_month(), PLACES, 0)).await;
    let mut people = vec![];
    for (number, person) in crowd(&servers[0], "person", PEOPLE as usize).await.into_iter().enumerate() {
        let client = servers[number % 2].client().with_token(person.tokens.access.clone());
        people.push(Person { client, ..person });
    }
    until(&people[1], RUN, &run, |data| data["run"]["state"] == "PUBLISHED").await;
    let came = join_all(people.iter().map(|person| person.client.mutate("registrationRequest", seat(&run), "stale"))).await;
    assert!(came.iter().all(Result::is_ok), "{came:?}");
    let all = registrations(&people, &run).await;
    let numbers: BTreeSet<u64> = all.iter().map(number).collect();
    assert_eq!(numbers, run_of(1, PEOPLE), "each has a number of their own");
    let confirmed: Vec<_> = all.iter().enumerate().filter(|(_, of)| of["state"] == "CONFIRMED").collect();
    assert!(confirmed.iter().all(|(_, of)| number(of) <= u64::from(PLACES)), "who came first: {all:?}");
    assert_eq!(confirmed.len(), PLACES as usize);

    let leaving = confirmed.iter().take(LEAVING as usize);
    let gone = join_all(leaving.map(|(who, of)| done(&people[*who], "registrationWithdraw", json!({ "registrationId": of["id"] })))).await;
    assert!(gone.iter().all(|of| of["state"] == "WITHDRAWN"), "{gone:?}");
    for server in &servers {
        let organiser = Person { client: server.client().with_token(organiser.tokens.access.clone()), ..organiser.clone() };
        let left = PEOPLE - PLACES - LEAVING;
        until(&organiser, RUN, &run, |data| data["run"]["waiting"] == left && data["run"]["taken"] == PLACES).await;
    }
    let offered: BTreeSet<u64> = registrations(&people, &run).await.iter().filter(|of| of["state"] == "OFFERED").map(number).collect();
    assert_eq!(offered, run_of(PLACES + 1, LEAVING), "those who are first in line");
    servers.into_iter().for_each(Server::stop);
}

fn number(registration: &Value) -> u64 {
    registration["number"].as_u64().expect("a number")
}

/// So many numbers in a row.
fn run_of(first: u32, count: u32) -> BTreeSet<u64> {
    (first..first + count).map(u64::from).collect()
}

/// Everybody's own, once they can be read where they are.
async fn registrations(people: &[Person], run: &str) -> Vec<Value> {
    let mut all = vec![];
    for person in people {
        let data = until(person, MINE, run, |data| !data["run"]["myRegistration"].is_null()).await;
        all.push(data["run"]["myRegistration"].clone());
    }
    all
}
