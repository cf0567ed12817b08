//! A person's account.

use async_graphql::{Context, Enum, ID, Object};
use domain::kernel::{AccountId, AvatarId, Timestamp};
use projections::identity::accounts;

use super::roles::{self, HeldRole, RoleWithin};
use crate::{context::Access, failure::Result, notes, personal};

/// What others see of a person whose data was erased.
const ERASED: &str = "(erased)";

/// In which language a person is written to.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::identity::Language")]
pub(crate) enum Language {
    En,
    Fr,
}

/// A person's account.
pub(crate) struct Account {
    row: accounts::Model,
    /// Whether it is shown to its owner, though the request came without their token.
    own: bool,
}

impl From<accounts::Model> for Account {
    fn from(row: accounts::Model) -> Self {
        Self { row, own: false }
    }
}

impl Account {
    fn account(&self) -> AccountId {
        AccountId(self.row.account)
    }

    /// Whether the caller may see what is the person's alone. Who sees somebody else's is in the audit.
    fn is_disclosed(&self, ctx: &Context<'_>) -> bool {
        self.own || notes::is_told(ctx, self.account())
    }
}

/// A person's account.
#[Object]
impl Account {
    pub(crate) async fn id(&self) -> ID {
        self.account().to_string().into()
    }

    /// What others see of the person; "(erased)" once their data was erased.
    async fn display_name(&self, ctx: &Context<'_>) -> Result<String> {
        if self.row.erased_at.is_some() {
            return Ok(ERASED.into());
        }
        let name = personal::open(ctx, &self.row.display_name).await?;
        Ok(name.map_or_else(|| ERASED.into(), |name| name.as_str().to_owned()))
    }

    /// Where the picture is that the person shows of themselves, a PNG of 256 by 256 pixels; null if there is none. It is another
    /// address with each picture.
    async fn avatar(&self) -> Option<String> {
        self.row.avatar.map(|id| format!("/api/avatars/{}", AvatarId(id)))
    }

    /// Shown to the person, and to whoever may see accounts.
    async fn email(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if self.row.erased_at.is_some() || !self.is_disclosed(ctx) {
            return Ok(None);
        }
        Ok(personal::open(ctx, &self.row.email).await?.map(|email| email.as_str().to_owned()))
    }

    /// Whether a code is needed to sign in, as it is now. Shown to the person, and to whoever may see accounts.
    async fn has_second_factor(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        if !self.is_disclosed(ctx) {
            return Ok(None);
        }
        Ok(Some(ctx.services().commands.identity.has_second_factor(self.account()).await?))
    }

    /// The last two digits of the telephone that codes can be sent to, as it is now; null where there is none. Shown to the person, and to
    /// whoever may see accounts.
    async fn backup_phone(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if !self.is_disclosed(ctx) {
            return Ok(None);
        }
        Ok(ctx.services().commands.identity.backup_phone(self.account()).await?)
    }

    /// Whether a link that was mailed to the address came back. Nothing is refused to who has not done that. Shown to the person, and to
    /// whoever may see accounts.
    async fn email_verified(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        if !self.is_disclosed(ctx) {
            return Ok(None);
        }
        let contact = ctx.loaders().contacts.load_one(self.account()).await?;
        Ok(Some(contact.is_some_and(|contact| contact.verified_at.is_some())))
    }

    /// The language that mails to the person are in: what they chose, or else asked for when they registered. Shown to the person, and
    /// to whoever may see accounts.
    async fn language(&self, ctx: &Context<'_>) -> Result<Option<Language>> {
        if !self.is_disclosed(ctx) {
            return Ok(None);
        }
        let contact = ctx.loaders().contacts.load_one(self.account()).await?;
        Ok(contact.and_then(|contact| contact.language).map(|language| language.0.into()))
    }

    /// What the person holds everywhere. Shown to them, and to whoever may see accounts.
    async fn roles(&self, ctx: &Context<'_>) -> Result<Option<Vec<HeldRole>>> {
        if !self.is_disclosed(ctx) {
            return Ok(None);
        }
        roles::held(ctx, self.row.grants.iter()).await.map(Some)
    }

    /// What the person holds within communities, and nowhere else. Shown to them, and to whoever may see accounts.
    async fn roles_within(&self, ctx: &Context<'_>) -> Result<Option<Vec<RoleWithin>>> {
        if !self.is_disclosed(ctx) {
            return Ok(None);
        }
        roles::held_within(ctx, &self.row.grants_within).await.map(Some)
    }

    /// Shown to the person, and to whoever may see accounts.
    async fn registered_at(&self, ctx: &Context<'_>) -> Option<Timestamp> {
        self.is_disclosed(ctx).then_some(self.row.registered_at)
    }

    /// Since when nobody signs in to it, because an administrator suspended it; null while it is not. Shown to the person, and to
    /// whoever may see accounts.
    async fn suspended_at(&self, ctx: &Context<'_>) -> Option<Timestamp> {
        if self.is_disclosed(ctx) { self.row.suspended_at } else { None }
    }

    /// When the person was erased; null while they are not. Shown to the person, and to whoever may see accounts.
    async fn erased_at(&self, ctx: &Context<'_>) -> Option<Timestamp> {
        if self.is_disclosed(ctx) { self.row.erased_at } else { None }
    }
}

/// An account, as others see it unless it is the caller's.
pub(crate) async fn account(ctx: &Context<'_>, id: AccountId) -> Result<Option<Account>> {
    Ok(ctx.loaders().accounts.load_one(id).await?.map(Account::from))
}

/// An account, shown to its owner.
pub(super) async fn own(ctx: &Context<'_>, id: Option<AccountId>) -> Result<Option<Account>> {
    let Some(id) = id else { return Ok(None) };
    Ok(ctx.loaders().accounts.load_one(id).await?.map(|row| Account { row, own: true }))
}
