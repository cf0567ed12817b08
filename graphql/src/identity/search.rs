//! Searching accounts. Addresses and names are sealed where they are stored, so they are opened, looked at and let go,
//! a batch at a time.

use async_graphql::Context;
use domain::{
    identity::{DisplayName, Email},
    kernel::Personal,
};
use projections::{After, Page, identity::accounts};
use serde::de::DeserializeOwned;

use crate::{context::Access, failure::Result, personal};

/// How many accounts are opened at once.
const BATCH: u64 = 200;

/// Accounts whose address or name contains the text, in either case, latest first.
pub(super) async fn page(ctx: &Context<'_>, text: &str, mut after: Option<After>, first: u64) -> Result<Page<accounts::Model>> {
    let wanted = usize::try_from(first).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    loop {
        let batch = accounts::page(ctx.db(), after, BATCH).await?;
        after = batch.rows.last().map(accounts::Model::after);
        for row in matching(ctx, text, batch.rows).await? {
            if found.len() == wanted {
                return Ok(Page { rows: found, more: true });
            }
            found.push(row);
        }
        if !batch.more {
            return Ok(Page { rows: found, more: false });
        }
    }
}

/// How many there are.
pub(super) async fn total(ctx: &Context<'_>, text: &str) -> Result<u64> {
    let (mut total, mut after) = (0, None);
    loop {
        let batch = accounts::page(ctx.db(), after, BATCH).await?;
        after = batch.rows.last().map(accounts::Model::after);
        total += u64::try_from(matching(ctx, text, batch.rows).await?.len()).unwrap_or(u64::MAX);
        if !batch.more {
            return Ok(total);
        }
    }
}

async fn matching(ctx: &Context<'_>, text: &str, rows: Vec<accounts::Model>) -> Result<Vec<accounts::Model>> {
    let text = text.trim().to_lowercase();
    let opened = futures_util::future::try_join_all(rows.iter().map(|row| async {
        if row.erased_at.is_some() {
            return Ok(false);
        }
        let (email, name) = futures_util::try_join!(lower::<Email>(ctx, &row.email), lower::<DisplayName>(ctx, &row.display_name))?;
        Ok::<_, crate::failure::Failure>(email.contains(&text) || name.contains(&text))
    }));
    let matches = opened.await?;
    Ok(rows.into_iter().zip(matches).filter_map(|(row, matches)| matches.then_some(row)).collect())
}

/// The value in lower case; empty once its owner has been erased.
async fn lower<T: DeserializeOwned + serde::Serialize>(ctx: &Context<'_>, value: &Personal<T>) -> Result<String> {
    let Some(value) = personal::open(ctx, value).await? else { return Ok(String::new()) };
    Ok(serde_json::to_value(value)?.as_str().unwrap_or_default().to_lowercase())
}
