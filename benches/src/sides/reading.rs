//! Pages of the history, in the global order.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::fact::Fact;
use journal::{
    History, Link, Position,
    evidence::{self, Walk},
};
use load::{Fault, Figures, Order, serve};

use crate::store::Store;

/// Events in a page.
pub(super) const PAGE: u32 = 1000;

/// Events in a part of a walk.
const WALK: u64 = 25_000;

pub(super) async fn run(store: &Store) -> Result<(), Fault> {
    let history = store.history().await?;
    let history = &history;
    serve(|order: Order| async move {
        match order.work.as_str() {
            "verify" => verify(history, &order).await,
            _ => read(&**history, &order).await,
        }
    })
    .await
}

async fn read(history: &dyn History, order: &Order) -> Result<Figures, Fault> {
    let mut after = Position(0);
    pages(order, async || {
        let page = history.read(after, PAGE).await?;
        after = page.last().map_or(Position(0), |event| event.position);
        // Down to what happened, as every reader needs it.
        for event in &page {
            if Fact::read(&event.stream.kind, &event.name, event.version, event.payload.as_str())? == Fact::Unknown {
                return Err("an event that this build does not know".into());
            }
        }
        Ok(page.len())
    })
    .await
}

/// As `nalabo verify` does it.
async fn verify(history: &Arc<dyn History>, order: &Order) -> Result<Figures, Fault> {
    let mut link = Link::default();
    pages(order, async || {
        let walk = Walk { from: link, limit: Some(WALK), ..Walk::default() };
        let reached = evidence::walk(history, walk, |_| {}).await?;
        let count = reached.position.0 - link.position.0;
        link = if count == 0 { Link::default() } else { reached };
        Ok(usize::try_from(count)?)
    })
    .await
}

/// Takes page after page, from the beginning again after the last, for as long as is ordered.
pub(super) async fn pages(order: &Order, mut page: impl AsyncFnMut() -> Result<usize, Fault>) -> Result<Figures, Fault> {
    let warm = Instant::now() + Duration::from_millis(order.warm_up_ms);
    while Instant::now() < warm {
        page().await?;
    }
    let (begun, mut done) = (Instant::now(), 0);
    while begun.elapsed() < Duration::from_millis(order.run_ms) {
        done += page().await? as u64;
    }
    Ok(Figures::of(done, begun.elapsed()))
}
