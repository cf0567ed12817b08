//! Codes that are sent to who does not have their second factor at hand.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use domain::{identity::backup_factor::Channel, kernel::Timestamp};
use secrecy::SecretString;

use super::errors::IdentityError;
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
};

/// By what a code is sent.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Channel")]
pub(crate) enum CodeChannel {
    /// By text message, to the telephone of `phoneEnroll`.
    Text,
    /// By mail, where the operator permits that.
    Email,
}

/// Who is sent a code.
#[derive(InputObject)]
pub(crate) struct SecondFactorCodeSendInput {
    channel: CodeChannel,
    /// As `signIn` gave it. Left out: for `stepUp` of whoever is signed in.
    #[graphql(secret)]
    challenge: Option<String>,
}

/// The telephone that codes are to be sent to.
#[derive(InputObject)]
pub(crate) struct PhoneEnrollInput {
    /// As all the world dials it, such as `+33 6 12 34 56 78`.
    #[graphql(secret)]
    number: String,
}

/// The code that went there.
#[derive(InputObject)]
pub(crate) struct PhoneConfirmInput {
    /// Six digits.
    #[graphql(secret)]
    code: String,
}

#[derive(SimpleObject)]
pub(crate) struct SecondFactorCodeSendPayload {
    /// Until when the code is good that was sent.
    expires_at: Option<Timestamp>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct PhoneEnrollPayload {
    /// Whether a code was sent there, for `phoneConfirm`.
    sent: bool,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct PhoneConfirmPayload {
    /// Whether codes can be sent there from now on.
    confirmed: bool,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct PhoneRemovePayload {
    /// Whether no codes are sent to a telephone any more.
    removed: bool,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct BackupCodeMutations;

#[Object]
impl BackupCodeMutations {
    /// Have a code of six digits sent that is good once and for ten minutes, in place of one of the second factor. One a minute at the most.
    async fn second_factor_code_send(&self, ctx: &Context<'_>, input: SecondFactorCodeSendInput) -> Result<SecondFactorCodeSendPayload> {
        let request = ctx.caller().request(None);
        let challenge = input.challenge.map(SecretString::from);
        let outcome = ctx.services().commands.identity.send_code(&request, challenge.as_ref(), input.channel.into()).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(SecondFactorCodeSendPayload { expires_at: value, errors, stale })
    }

    /// Name a telephone that codes can be sent to, beside a second factor that is on. It needs a fresh proof, see `stepUp`.
    async fn phone_enroll(&self, ctx: &Context<'_>, input: PhoneEnrollInput) -> Result<PhoneEnrollPayload> {
        let request = ctx.caller().request(None);
        let outcome = ctx.services().commands.identity.enroll_phone(&request, &input.number).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(PhoneEnrollPayload { sent: value.is_some(), errors, stale })
    }

    /// Show the code that went to the telephone.
    async fn phone_confirm(&self, ctx: &Context<'_>, input: PhoneConfirmInput) -> Result<PhoneConfirmPayload> {
        let request = ctx.caller().request(None);
        let outcome = ctx.services().commands.identity.confirm_phone(&request, &input.code).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(PhoneConfirmPayload { confirmed: value.is_some(), errors, stale })
    }

    /// Have no codes sent to one's telephone any more. It needs a fresh proof, see `stepUp`.
    async fn phone_remove(&self, ctx: &Context<'_>) -> Result<PhoneRemovePayload> {
        let request = ctx.caller().request(None);
        let outcome = ctx.services().commands.identity.remove_phone(&request).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(PhoneRemovePayload { removed: value.is_some(), errors, stale })
    }
}
