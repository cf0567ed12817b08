//! Sign-ins that were found unusual.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, connection::EmptyFields};
use domain::{
    identity::watch::{Sighting, Unusual},
    kernel::{AccountId, Personal, SignInId, Timestamp},
};
use projections::{
    Page,
    identity::{
        sign_ins,
        unusual_sign_ins::{self, Filter},
    },
};

use super::{Account, account};
use crate::{
    context::Access,
    failure::Result,
    input::optional_id,
    paging::{self, Instant, List},
    personal,
};

/// Why a sign-in is unusual.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Unusual")]
pub(crate) enum UnusualReason {
    /// The account was never seen in this country before.
    NewCountry,
    /// The account was never seen with this program before.
    NewDevice,
    /// Nobody comes there in the time since the account was seen elsewhere.
    TooFar,
}

/// A place, as the operator has named it.
#[derive(SimpleObject)]
pub(crate) struct Whereabout {
    country: String,
    /// Within the country.
    place: Option<String>,
}

/// A sign-in that was found unusual.
pub(crate) struct SignInAlert {
    row: unusual_sign_ins::Model,
    sign_in: Option<sign_ins::Model>,
}

impl From<(unusual_sign_ins::Model, Option<sign_ins::Model>)> for SignInAlert {
    fn from((row, sign_in): (unusual_sign_ins::Model, Option<sign_ins::Model>)) -> Self {
        Self { row, sign_in }
    }
}

/// Where it was, as far as that is known; none, once its owner has been erased.
async fn whereabout(ctx: &Context<'_>, sighting: &Personal<Sighting>) -> Result<Option<Whereabout>> {
    let sighting: Option<Sighting> = personal::open(ctx, sighting).await?;
    Ok(sighting.and_then(|Sighting { country, place, .. }| Some(Whereabout { country: country?, place })))
}

/// A sign-in that was found unusual.
#[Object]
impl SignInAlert {
    /// Of the sign-in.
    async fn id(&self) -> ID {
        SignInId(self.row.sign_in).to_string().into()
    }

    /// Who has signed in.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        account(ctx, AccountId(self.row.account)).await
    }

    /// When.
    async fn at(&self) -> Timestamp {
        self.row.at
    }

    /// Why it is unusual.
    async fn reasons(&self) -> Vec<UnusualReason> {
        self.row.unusual().map(Into::into).collect()
    }

    /// From where, if the operator has said where its network is.
    async fn whereabout(&self, ctx: &Context<'_>) -> Result<Option<Whereabout>> {
        whereabout(ctx, &self.row.sighting).await
    }

    /// Where the account was seen at a time from which nobody gets there.
    async fn too_far_from(&self, ctx: &Context<'_>) -> Result<Option<Whereabout>> {
        match &self.row.too_far_from {
            Some(sighting) => whereabout(ctx, sighting).await,
            None => Ok(None),
        }
    }

    /// What the program that signed in called itself.
    async fn user_agent(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(sealed) = self.sign_in.as_ref().and_then(|row| row.user_agent.as_ref()) else { return Ok(None) };
        Ok(personal::open(ctx, sealed).await?.map(|agent| agent.as_str().to_owned()))
    }

    /// The network address that the sign-in came from.
    async fn address(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(sealed) = self.sign_in.as_ref().and_then(|row| row.address.as_ref()) else { return Ok(None) };
        personal::open(ctx, sealed).await
    }

    /// When it was ended, if it was by itself; null also where it ended with all of its account's.
    async fn closed_at(&self) -> Option<Timestamp> {
        self.sign_in.as_ref().and_then(|row| row.closed_at)
    }
}

/// Which sign-ins are looked for; what is left out does not restrict.
#[derive(InputObject, Default)]
pub(crate) struct SignInAlertFilter {
    account_id: Option<ID>,
    reason: Option<UnusualReason>,
    /// Opened then or later.
    from: Option<Timestamp>,
    /// Opened before.
    until: Option<Timestamp>,
}

/// Sign-ins that were found unusual, latest first.
pub(crate) async fn alerts(
    ctx: &Context<'_>,
    filter: SignInAlertFilter,
    first: Option<i32>,
    after: Option<&str>,
) -> Result<List<Instant, SignInAlert>> {
    let SignInAlertFilter { account_id, reason, from, until } = filter;
    let account = optional_id("filter.accountId", account_id.as_ref())?;
    let filter = Filter { account, unusual: reason.map(Into::into), since: from, until };
    let (first, after) = (paging::bounded("first", first)?, paging::after(after)?);
    let Page { rows, more } = unusual_sign_ins::page(ctx.db(), filter, after, first).await?;
    let ids: Vec<_> = rows.iter().map(|row| SignInId(row.sign_in)).collect();
    let mut sign_ins = sign_ins::find_many(ctx.db(), &ids).await?;
    let mut with = |row: unusual_sign_ins::Model| {
        let place = sign_ins.iter().position(|sign_in| sign_in.sign_in == row.sign_in);
        (row, place.map(|place| sign_ins.swap_remove(place)))
    };
    let page = Page { rows: rows.into_iter().map(&mut with).collect(), more };
    Ok(paging::list(page, after.is_some(), EmptyFields, |(row, _)| paging::instant(row.after())))
}
