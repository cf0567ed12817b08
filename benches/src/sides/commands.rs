//! Commands through the dispatcher.

use ::commands::{Dispatcher, Outcome, Request, StreamOptions, dispatch::Operation, system_clock};
use load::{Counter, CounterCommand, Fault, Order, Streams, drive, serve};

use crate::store::Store;

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
                async move {
                    let operation = Operation::new("count", 1);
                    let command = || CounterCommand::Count { by: 1 };
                    let outcome = dispatcher.command::<Counter>(&Request::system("bench"), operation, streams.pick(), command).await?;
                    match outcome {
                        Outcome::Accepted(_) => Ok(()),
                        Outcome::Rejected(rejection) => Err(rejection.into()),
                    }
                }
            })
            .await
        }
    })
    .await?;
    journal.close().await;
    Ok(())
}
