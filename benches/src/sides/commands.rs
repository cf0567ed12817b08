//! Commands through the dispatcher.

use ::commands::{
    Dispatcher, Outcome, Request, StreamOptions,
    authorization::{Act, Needs},
    dispatch::Operation,
    system_clock,
};
use load::{Counter, CounterCommand, Fault, Order, Streams, drive, serve};

use uuid::Uuid;

use crate::store::Store;

/// How often a command is asked for again that was told to; the peer's callers do so too.
const TRIES: u32 = 5;
const COUNT: Act = Act { name: "count", needs: Needs::Nothing, dangerous: false, takes_password: false, enrolling: false };

pub(super) async fn run(store: &Store, cache: Option<u32>) -> Result<(), Fault> {
    let vault = store.vault().await?;
    let journal = store.journal(&vault).await?;
    let usual = StreamOptions::default();
    let options = StreamOptions { cached: cache.unwrap_or(usual.cached), ..usual };
    let dispatcher = Dispatcher::init_with(journal.clone(), vault, system_clock, options).await?;
    serve(|order: Order| {
        let dispatcher = dispatcher.clone();
        async move {
            let streams = Streams::of(&order)?;
            drive(&order, move |_, _| {
                let dispatcher = dispatcher.clone();
                async move { command(&dispatcher, streams.pick()).await }
            })
            .await
        }
    })
    .await?;
    journal.close().await;
    Ok(())
}

async fn command(dispatcher: &Dispatcher, id: Uuid) -> Result<(), Fault> {
    for _ in 0..TRIES {
        let command = || CounterCommand::Count { by: 1 };
        match dispatcher.command::<Counter>(&Request::system("bench"), Operation::new(COUNT, 1), id, command).await {
            Ok(Outcome::Accepted(_)) => return Ok(()),
            Ok(Outcome::Rejected(rejection)) => return Err(rejection.into()),
            Err(::commands::Fault::Contention) => {}
            Err(fault) => return Err(fault.into()),
        }
    }
    Err(format!("{id} was contended {TRIES} times").into())
}
