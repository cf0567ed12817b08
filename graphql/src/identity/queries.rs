//! Looking at accounts.

use async_graphql::{Context, Object};
use commands::{Actor, authorization::reads};
use projections::identity::accounts;

use super::{Account, account, search};
use crate::{
    context::Access,
    failure::Result,
    input::number,
    paging::{self, Instant, List},
};

#[derive(Default)]
pub(crate) struct AccountQueries;

#[Object]
impl AccountQueries {
    /// Who is asking; null for somebody who is not signed in.
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        match &ctx.caller().actor {
            Actor::Anonymous => Ok(None),
            actor => account(ctx, actor.known()?).await,
        }
    }

    /// Everybody's accounts, latest first, for administrators. `search` looks for a part of the e-mail address or the
    /// display name, in either case.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn accounts(
        &self,
        ctx: &Context<'_>,
        search: Option<String>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Instant, Account, AccountTotals>> {
        ctx.caller().allowed(&reads::ACCOUNTS)?;
        let (first, after) = (paging::bounded("first", first)?, paging::after(after.as_deref())?);
        let search = search.filter(|text| !text.trim().is_empty());
        let page = match &search {
            Some(text) => search::page(ctx, text, after, first).await?,
            None => accounts::page(ctx.db(), after, first).await?,
        };
        Ok(paging::list(page, after.is_some(), AccountTotals { search }, |row| paging::instant(row.after())))
    }
}

/// What is counted only when it is asked for.
pub(crate) struct AccountTotals {
    search: Option<String>,
}

#[Object]
impl AccountTotals {
    /// How many there are on all pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(number(match &self.search {
            Some(text) => search::total(ctx, text).await?,
            None => accounts::total(ctx.db()).await?,
        }))
    }
}
