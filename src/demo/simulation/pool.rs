//! Environments that are made ahead, and how soon a session has one of them.

use std::sync::Arc;

use commands::{Outcome, Request};
use domain::kernel::WorkshopId;

use super::{Events, cost::Bound, end, follow, promises::Promises, simulator::Simulator, start};
use crate::{
    demo::{DemoError, narrator::Narrator},
    node::Node,
};

/// Reserved, at the most: as many as all pools may have unless they are told otherwise.
const MOST: u32 = 20;
/// Milliseconds until the last of those that start at once has its environment.
const SOON: f64 = 1000.0;

/// Has some reserved, starts as many sessions at once, and ends them; how long the slowest took.
pub(super) async fn hand_out(
    node: &Node,
    simulator: &mut Simulator,
    workshop: WorkshopId,
    events: &mut Events,
    promises: &mut Promises,
    narrator: &Narrator,
) -> Result<Bound, DemoError> {
    let count = promises.places().div_ceil(2).min(MOST);
    narrator.chapter(&format!("{count} environments made ahead, and as many sessions at once"));
    simulator.recover().await?;
    reserve(node, workshop, count).await?;
    let many = count as usize;
    let ahead = follow(events, promises, |promises| promises.settled() >= many).await?;
    promises.all_settled(many, ahead);
    let started = start(&node.commands, workshop, count).await?;
    let handed_out = follow(events, promises, |promises| promises.took().len() >= many).await?;
    promises.all_settled(many, handed_out);
    narrator.say(promises.times());
    reserve(node, workshop, 0).await?;
    end(&node.commands, &started).await?;
    let gone = follow(events, promises, |promises| promises.gone() >= promises.known()).await?;
    promises.all_gone(promises.known(), gone);
    promises.compare(&simulator.report().await?);
    let slowest = promises.took().last().copied().unwrap_or(i64::MAX);
    #[allow(clippy::cast_precision_loss)] // Milliseconds.
    Ok(Bound { what: "from the pool, start to ready, the slowest", value: slowest as f64, unit: "ms", most: SOON })
}

async fn reserve(node: &Node, workshop: WorkshopId, count: u32) -> Result<(), DemoError> {
    let doing = "reserve environments";
    match Arc::clone(&node.commands).environments.reserve(&Request::system("demo"), workshop, count).await {
        Ok(Outcome::Accepted(_)) => Ok(()),
        Ok(Outcome::Rejected(rejection)) => Err(DemoError::step(doing, rejection)),
        Err(fault) => Err(DemoError::step(doing, fault)),
    }
}
