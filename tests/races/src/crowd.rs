//! People with accounts. They are put into the journal as they are, because hashing passwords would take longer than everything else.

use std::{collections::BTreeSet, sync::Arc};

use commands::{Actor, Request};
use domain::{
    Decider, Event,
    identity::{
        DisplayName, Email, Role,
        account::{Account, AccountEvent},
        contact::{Contact, ContactEvent},
    },
    kernel::{AccountId, Personal, SignInId},
};
use journal::{Append, Journal, Metadata, NewEvent, StreamId, StreamWrite};
use uuid::Uuid;

use crate::Fault;

/// Accounts in an append.
const AT_ONCE: usize = 200;

/// Somebody who asks.
#[derive(Clone, Debug)]
pub struct Person {
    pub account: AccountId,
    pub request: Request,
}

/// So many people; the same ones each time.
#[must_use]
pub fn crowd(count: usize) -> Vec<Person> {
    let person = |number: usize| {
        // Ids of long ago.
        let account = AccountId(Uuid::from_u128((0x7000_8000_u128 << 48) | (number as u128 + 1)));
        let actor = Actor::person(account, SignInId(Uuid::now_v7()), Role::Learner.permissions());
        Person { account, request: Request { actor, ..Request::system("races") } }
    };
    (0..count).map(person).collect()
}

/// Opens an account for each.
///
/// # Errors
/// The journal could not take them.
pub async fn enter(journal: &Arc<dyn Journal>, people: &[Person]) -> Result<(), Fault> {
    let numbered: Vec<(usize, AccountId)> = people.iter().map(|person| person.account).enumerate().collect();
    for some in numbered.chunks(AT_ONCE) {
        let writes = some.iter().map(|(number, account)| opened(*number, *account)).collect::<Result<Vec<_>, Fault>>()?;
        let writes = writes.into_iter().flatten().collect();
        journal.append(Append { writes, metadata: metadata(), receipt: None, fence: None }).await?;
    }
    Ok(())
}

/// An account with an address that was verified.
fn opened(number: usize, account: AccountId) -> Result<[StreamWrite; 2], Fault> {
    let registered = AccountEvent::Registered {
        email: Personal::new(account, Email::try_new(&format!("person{number}@example.org"))?),
        display_name: Personal::new(account, DisplayName::try_new(&format!("Person {number}"))?),
        password: Personal::new(account, "nobody signs in".to_owned()),
        roles: BTreeSet::new(),
    };
    let verified = ContactEvent::Verified { request: Uuid::now_v7() };
    Ok([first(Account::STREAM, account, &registered)?, first(Contact::STREAM, account, &verified)?])
}

/// The first event of a stream that an account has.
fn first<E: Event>(stream: &'static str, account: AccountId, event: &E) -> Result<StreamWrite, Fault> {
    let payload = serde_json::to_value(event)?;
    let event = NewEvent { id: Uuid::now_v7(), name: event.name().to_owned(), version: event.version(), payload };
    Ok(StreamWrite { stream: StreamId::new(stream, account.into()), expected: 0, events: vec![event] })
}

fn metadata() -> Metadata {
    Metadata {
        command: Uuid::now_v7(),
        correlation: Uuid::now_v7(),
        causation: None,
        actor: "system:races".to_owned(),
        via: None,
        on_behalf_of: None,
        address: None,
        address_digest: None,
        operation: None,
        traceparent: None,
    }
}
