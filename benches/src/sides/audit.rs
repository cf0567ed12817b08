//! Pages of the audit, as the API asks for them.

mod entry;
mod fill;

use std::sync::Arc;

use domain::audit::trail::Verdict;
use load::{Fault, Order, chance::skewed, drive, serve};
use projections::audit::{Filter, Order as Direction, search};
use sea_orm::EntityTrait;

pub(super) use fill::fill;

use self::entry::{account, action, subject};
use super::boards;
use crate::store::Store;

/// Entries in a page: as many as may be asked for.
pub(crate) const PAGE: usize = 100;

/// What is asked for, as in an order and in the table.
pub(crate) const PAGES: [&str; 10] = [
    "all",
    "by actor",
    "by action",
    "by outcome",
    "by subject",
    "by actor and action",
    "by actor and outcome",
    "by action and outcome",
    "by subject and action",
    "by subject and outcome",
];

/// Takes orders for pages.
pub(super) async fn pages(store: &Store, entries: u64) -> Result<(), Fault> {
    let vault = store.vault().await?;
    let journal = store.journal(&vault).await?;
    let projections = boards::open(store, &journal).await?;
    if projections::audit::entries::Entity::find().one(projections.db()).await?.is_none() {
        return Err("there are no entries: fill them in first".into());
    }
    let projections = &projections;
    serve(|order: Order| {
        let projections = Arc::clone(projections);
        async move {
            let work: Arc<str> = order.work.clone().into();
            drive(&order, move |_, _| {
                let (projections, work) = (Arc::clone(&projections), Arc::clone(&work));
                async move {
                    let filter = filter(&work)?;
                    let (direction, from) = place(entries)?;
                    let found = search(projections.db(), &filter, direction, from, PAGE).await?;
                    // The whole of it is never less than a page, wherever it begins.
                    let is_short = found.rows.len() < PAGE;
                    if filter == Filter::default() && is_short { Err("a page that is not full".into()) } else { Ok(()) }
                }
            })
            .await
        }
    })
    .await?;
    journal.close().await;
    Ok(())
}

/// What is asked for this time: values that many entries have as often as those that few have.
fn filter(work: &str) -> Result<Filter, Fault> {
    let chance: u64 = rand::random();
    let actor = || Some(account(skewed(chance, entry::ACCOUNTS)).to_string());
    let action = || Some(action(chance.rotate_left(17)).to_owned());
    let subject = || Some(subject(chance.rotate_left(31)).into());
    let verdict = Some(if chance % 2 == 0 { Verdict::Refused } else { Verdict::Failed });
    Ok(match work {
        "all" => Filter::default(),
        "by actor" => Filter { actor: actor(), ..Filter::default() },
        "by action" => Filter { action: action(), ..Filter::default() },
        "by outcome" => Filter { verdict, ..Filter::default() },
        "by subject" => Filter { subject: subject(), ..Filter::default() },
        "by actor and action" => Filter { actor: actor(), action: action(), ..Filter::default() },
        "by actor and outcome" => Filter { actor: actor(), verdict, ..Filter::default() },
        "by action and outcome" => Filter { action: action(), verdict, ..Filter::default() },
        "by subject and action" => Filter { subject: subject(), action: action(), ..Filter::default() },
        "by subject and outcome" => Filter { subject: subject(), verdict, ..Filter::default() },
        other => return Err(format!("there is no such page: {other}").into()),
    })
}

/// The first page, one in the middle, or one next to the other end, forward or backward.
fn place(entries: u64) -> Result<(Direction, Option<i64>), Fault> {
    let direction = if rand::random() { Direction::EarliestFirst } else { Direction::LatestFirst };
    let near = 2 * u64::try_from(PAGE)?;
    let from = match (rand::random_range(0..3), direction) {
        (0, _) => None,
        (1, _) => Some(entries / 2),
        (_, Direction::EarliestFirst) => Some(entries.saturating_sub(near)),
        (_, Direction::LatestFirst) => Some(near),
    };
    Ok((direction, from.map(entry::position).transpose()?))
}
