//! Passkeys: registering them, and signing in by them. Each is done in two steps, with what a browser asks a device between them.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use commands::{authorization::reads, identity::Ceremony};
use domain::{
    Rejection,
    identity::{IdentityRejection, passkey::Kept},
    kernel::{PasskeyId, Timestamp},
};
use secrecy::ExposeSecret;

use super::{
    errors::IdentityError,
    sign_ins::{RefreshTokenDelivery, SignInPayload, handed_out, keeper},
    step_up::StepUpPayload,
};
use crate::{
    context::Access,
    decided::{Decided, Errors, decided, told},
    failure::Result,
    input, personal,
};

/// By what a browser reaches the device that has a passkey.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::identity::passkey::Transport")]
pub(crate) enum PasskeyTransport {
    Usb,
    Nfc,
    Ble,
    /// It is the device that the browser runs on.
    Internal,
    /// Another device that is near, such as a telephone.
    Hybrid,
}

/// A key on a device of one's own, to sign in by.
pub(crate) struct Passkey {
    id: PasskeyId,
    kept: Kept,
}

/// A key on a device of one's own, to sign in by.
#[Object]
impl Passkey {
    async fn id(&self) -> ID {
        self.id.to_string().into()
    }

    /// What it was called; null if that cannot be read.
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(personal::open(ctx, &self.kept.passkey.name).await?.map(|name| name.as_str().to_owned()))
    }

    async fn registered_at(&self) -> Timestamp {
        self.kept.passkey.registered_at
    }

    /// When it was last shown; null if it never was.
    async fn last_used_at(&self) -> Option<Timestamp> {
        self.kept.last_used_at
    }

    /// Whether it may be on several devices, as those are that a vendor keeps for all devices of a person.
    async fn is_backup_eligible(&self) -> bool {
        self.kept.passkey.backup_eligible
    }

    /// Whether it was kept elsewhere when it was last shown: with the device it is not lost.
    async fn is_backed_up(&self) -> bool {
        self.kept.passkey.backed_up
    }

    /// By what a browser reaches it, as the device says.
    async fn transports(&self) -> Vec<PasskeyTransport> {
        self.kept.passkey.transports.iter().map(|transport| (*transport).into()).collect()
    }

    /// Its counter went back, so that somebody may have a copy: nobody signs in by it any more.
    async fn is_copied(&self) -> bool {
        self.kept.copied
    }
}

/// What a device answered that is to be registered.
#[derive(InputObject)]
pub(crate) struct PasskeyRegisterInput {
    /// As `passkeyRegistrationBegin` gave it. It is good once, for the same sign-in.
    #[graphql(secret)]
    challenge: String,
    /// JSON, as `toJSON()` of what `navigator.credentials.create` gave; 16 KiB at the most.
    credential: String,
    /// 1 to 80 characters, to know it by.
    name: String,
}

/// Which passkey is removed.
#[derive(InputObject)]
pub(crate) struct PasskeyRemoveInput {
    passkey_id: ID,
    idempotency_key: Option<String>,
}

/// What a device answered.
#[derive(InputObject)]
pub(crate) struct PasskeySignInInput {
    /// As `passkeySignInBegin` gave it. It is good once.
    #[graphql(secret)]
    challenge: String,
    /// JSON, as `toJSON()` of what `navigator.credentials.get` gave; 16 KiB at the most.
    #[graphql(secret)]
    credential: String,
    #[graphql(default)]
    delivery: RefreshTokenDelivery,
}

/// What a device answered.
#[derive(InputObject)]
pub(crate) struct PasskeyStepUpInput {
    /// As `passkeySignInBegin` gave it. It is good once.
    #[graphql(secret)]
    challenge: String,
    /// JSON, as `toJSON()` of what `navigator.credentials.get` gave; 16 KiB at the most.
    #[graphql(secret)]
    credential: String,
}

#[derive(SimpleObject)]
pub(crate) struct PasskeyBeginPayload {
    /// JSON. To register, for `PublicKeyCredential.parseCreationOptionsFromJSON` and then `navigator.credentials.create`; to sign in, for
    /// `parseRequestOptionsFromJSON` and `get`.
    options: Option<String>,
    /// Goes with what comes of it.
    challenge: Option<String>,
    /// Until when that is good.
    expires_at: Option<Timestamp>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct PasskeyRegisterPayload {
    passkey_id: Option<ID>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct PasskeyRemovePayload {
    removed: bool,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct PasskeyQueries;

#[Object]
impl PasskeyQueries {
    /// One's own passkeys, 10 at the most.
    async fn passkeys(&self, ctx: &Context<'_>) -> Result<Vec<Passkey>> {
        ctx.caller().allowed(&reads::PASSKEYS)?;
        ctx.caller().sign_in()?;
        let ways = ctx.services().commands.identity.ways_in(ctx.caller().account()?).await?;
        Ok(ways.passkeys().map(|(id, kept)| Passkey { id, kept: kept.clone() }).collect())
    }
}

#[derive(Default)]
pub(crate) struct PasskeyMutations;

#[Object]
impl PasskeyMutations {
    /// Begin to register a passkey of one's own. It needs a fresh proof, see `stepUp`.
    async fn passkey_registration_begin(&self, ctx: &Context<'_>) -> Result<PasskeyBeginPayload> {
        let begun = ctx.services().commands.identity.begin_passkey(&ctx.caller().request(None)).await?;
        Ok(payload(ctx, begun))
    }

    /// Register what a device answered with. It needs a fresh proof, see `stepUp`.
    async fn passkey_register(&self, ctx: &Context<'_>, input: PasskeyRegisterInput) -> Result<PasskeyRegisterPayload> {
        let PasskeyRegisterInput { challenge, credential, name } = input;
        let request = ctx.caller().request(None);
        let outcome = ctx.services().commands.identity.register_passkey(&request, &challenge.into(), &credential, &name).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(PasskeyRegisterPayload { passkey_id: value.map(|id| id.to_string().into()), errors, stale })
    }

    /// Remove a passkey of one's own, if something else is left to sign in by. It needs a fresh proof, see `stepUp`.
    async fn passkey_remove(&self, ctx: &Context<'_>, input: PasskeyRemoveInput) -> Result<PasskeyRemovePayload> {
        let passkey = input::id("passkeyId", &input.passkey_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.remove_passkey(&request, passkey).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(PasskeyRemovePayload { removed: value.is_some(), errors, stale })
    }

    /// Begin to show a passkey, for `passkeySignIn` or `passkeyStepUp`. Whose it is need not be said: the device knows.
    async fn passkey_sign_in_begin(&self, ctx: &Context<'_>) -> Result<PasskeyBeginPayload> {
        let begun = ctx.services().commands.identity.begin_passkey_sign_in().await?;
        Ok(payload(ctx, begun))
    }

    /// Get tokens for what a device answered. No code is asked for: whoever holds the device has shown it a PIN or a finger.
    async fn passkey_sign_in(&self, ctx: &Context<'_>, input: PasskeySignInInput) -> Result<SignInPayload> {
        let keeper = keeper(ctx, input.delivery)?;
        let request = ctx.caller().request(None);
        let identity = &ctx.services().commands.identity;
        let outcome = identity.sign_in_with_passkey(&request, &input.challenge.into(), &input.credential).await?;
        Ok(handed_out(ctx, outcome, keeper).await?.into())
    }

    /// Show anew who you are by a passkey, as `stepUp` does by a password.
    async fn passkey_step_up(&self, ctx: &Context<'_>, input: PasskeyStepUpInput) -> Result<StepUpPayload> {
        let request = ctx.caller().request(None);
        let identity = &ctx.services().commands.identity;
        let outcome = identity.step_up_with_passkey(&request, &input.challenge.into(), &input.credential).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(StepUpPayload { proven_until: value, errors, stale })
    }
}

fn payload(ctx: &Context<'_>, begun: std::result::Result<Ceremony, IdentityRejection>) -> PasskeyBeginPayload {
    match begun {
        Ok(Ceremony { options, challenge, expires_at }) => PasskeyBeginPayload {
            options: Some(options),
            challenge: Some(challenge.expose_secret().to_owned()),
            expires_at: Some(expires_at),
            errors: vec![],
            stale: false,
        },
        Err(rejection) => {
            told(ctx, Some(rejection.code()));
            PasskeyBeginPayload { options: None, challenge: None, expires_at: None, errors: rejection.errors(), stale: false }
        }
    }
}
