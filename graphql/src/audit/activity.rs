//! Who is signed in, which sign-ins are unusual, and how much is asked.

use async_graphql::{Context, Enum, ID, Object, connection::EmptyFields};
use commands::authorization::reads;
use domain::kernel::{AccountId, Timestamp};
use projections::audit::activity::{self, Dimension, Span, Wanted};

use super::open_sign_ins::{self, OpenSignInConnection};
use crate::{
    context::Access,
    failure::{Failure, Result},
    identity::{self, Account, SignInAlert, SignInAlertFilter, account},
    input::{number, optional_id},
    paging::{self, Cursor, Instant, List},
};

/// For how long what was asked is counted together.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "activity::Span")]
pub(crate) enum ActivitySpan {
    /// An hour; those of the last two weeks are kept.
    Hour,
    /// A day, in UTC; the last 400 are kept.
    Day,
}

/// How much was asked within an hour or a day.
pub(crate) struct RequestCount(activity::Model);

impl From<activity::Model> for RequestCount {
    fn from(row: activity::Model) -> Self {
        Self(row)
    }
}

/// How much was asked within an hour or a day.
#[Object]
impl RequestCount {
    /// When it began.
    async fn start(&self) -> Timestamp {
        self.0.start
    }

    /// By whom, where it is counted by that: an account's id, a program's, or `anonymous`.
    async fn actor(&self) -> Option<&str> {
        (self.0.dimension.0 == Dimension::Actor).then_some(&self.0.name)
    }

    /// By whom, if it was a person.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        match self.0.name.parse::<AccountId>() {
            Ok(id) if self.0.dimension.0 == Dimension::Actor => account(ctx, id).await,
            _ => Ok(None),
        }
    }

    /// What for, where it is counted by that, such as `roleGrant`.
    async fn operation(&self) -> Option<&str> {
        (self.0.dimension.0 == Dimension::Operation).then_some(&self.0.name)
    }

    /// How often it was done, or read.
    async fn accepted(&self) -> i32 {
        number(self.0.accepted)
    }

    /// How often somebody may not.
    async fn refused(&self) -> i32 {
        number(self.0.refused)
    }

    /// How often something came in the way.
    async fn failed(&self) -> i32 {
        number(self.0.failed)
    }
}

/// The key of lists of counts: when it began in microseconds, and the name.
type Key = (i64, String);

/// Which counts are asked for.
struct Asked {
    dimension: Dimension,
    name: Option<String>,
    per: ActivitySpan,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    first: Option<i32>,
    after: Option<String>,
}

async fn counts(ctx: &Context<'_>, asked: Asked) -> Result<List<Key, RequestCount>> {
    let Asked { dimension, name, per, from, until, first, after } = asked;
    let (first, after) = (paging::bounded("first", first)?, Cursor::<Key>::read("after", after.as_deref())?);
    let malformed = || Failure::expected("after", "a cursor of this list");
    let start = |(micros, name)| chrono::DateTime::from_timestamp_micros(micros).map(|start| (start, name)).ok_or_else(malformed);
    let after = after.map(start).transpose()?;
    let comes_after = after.is_some();
    let span = Span::from(per);
    let kept = span.first(chrono::Utc::now());
    let since = from.map_or(kept, |from| from.max(kept));
    let page = activity::page(ctx.db(), &Wanted { dimension, span, name, since, until }, after, first).await?;
    Ok(paging::list(page, comes_after, EmptyFields, |row| Cursor((row.start.timestamp_micros(), row.name.clone()))))
}

/// Who is signed in, which sign-ins are unusual, and how much is asked.
#[derive(Clone, Copy)]
pub(crate) struct Activity;

/// Who is signed in, which sign-ins are unusual, and how much is asked.
#[Object]
impl Activity {
    /// How much was asked in each hour or day in which anything was, latest first: commands, refusals and reads of what is sensitive, as
    /// the audit has them.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn requests(
        &self,
        ctx: &Context<'_>,
        per: ActivitySpan,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Key, RequestCount>> {
        counts(ctx, Asked { dimension: Dimension::All, name: None, per, from, until, first, after }).await
    }

    /// The same by whom, or of one of them: an account's id, a program's, or `anonymous`.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    #[allow(clippy::too_many_arguments)] // As the API has them.
    async fn requests_by_actor(
        &self,
        ctx: &Context<'_>,
        per: ActivitySpan,
        actor: Option<String>,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Key, RequestCount>> {
        counts(ctx, Asked { dimension: Dimension::Actor, name: actor, per, from, until, first, after }).await
    }

    /// The same by what was asked for, or of one of these, such as `signIn`.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    #[allow(clippy::too_many_arguments)] // As the API has them.
    async fn requests_by_operation(
        &self,
        ctx: &Context<'_>,
        per: ActivitySpan,
        operation: Option<String>,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Key, RequestCount>> {
        counts(ctx, Asked { dimension: Dimension::Operation, name: operation, per, from, until, first, after }).await
    }

    /// Who is signed in, and from where, latest first; of one account, if that is given. A page looks at a bounded number of sign-ins:
    /// it may have fewer than asked for, and there still be more; its cursor goes on from where it stopped.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn sign_ins(
        &self,
        ctx: &Context<'_>,
        account_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<OpenSignInConnection> {
        let account = optional_id("accountId", account_id.as_ref())?;
        let wanted = usize::try_from(paging::bounded("first", first)?).unwrap_or(usize::MAX);
        open_sign_ins::page(ctx, account, paging::after(after.as_deref())?, wanted).await
    }

    /// Sign-ins that were found unusual, latest first.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn alerts(
        &self,
        ctx: &Context<'_>,
        filter: Option<SignInAlertFilter>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Instant, SignInAlert>> {
        identity::alerts(ctx, filter.unwrap_or_default(), first, after.as_deref()).await
    }
}

#[derive(Default)]
pub(crate) struct ActivityQueries;

#[Object]
impl ActivityQueries {
    /// Who is signed in, which sign-ins are unusual, and how much is asked, for graphs.
    async fn activity(&self, ctx: &Context<'_>) -> Result<Activity> {
        ctx.caller().allowed(&reads::ACTIVITY)?;
        Ok(Activity)
    }
}
