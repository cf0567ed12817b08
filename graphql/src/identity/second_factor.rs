//! Codes beside the password.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use commands::identity::Enrolment;
use qrcode::{QrCode, render::svg};
use secrecy::{ExposeSecret, SecretString};

use super::{Account, account, errors::IdentityError};
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::{Failure, Result},
    input,
};

/// Pixels of a picture's side, at the least.
const SIDE: u32 = 240;

/// Who wants codes.
#[derive(InputObject)]
pub(crate) struct TotpEnrollInput {
    #[graphql(secret)]
    current_password: String,
}

/// The first code.
#[derive(InputObject)]
pub(crate) struct TotpConfirmInput {
    /// Six digits.
    #[graphql(secret)]
    code: String,
}

#[derive(SimpleObject)]
pub(crate) struct TotpEnrollPayload {
    /// The seed, in base32, for programs that read no pictures. It is shown once.
    secret: Option<String>,
    /// The same as an address `otpauth:`.
    uri: Option<String>,
    /// The same as a QR code, in SVG.
    qr_code: Option<String>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct TotpConfirmPayload {
    /// Each signs in once where there is no code. They are shown once.
    recovery_codes: Option<Vec<String>>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct TotpDisablePayload {
    disabled: bool,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct RecoveryCodesRegeneratePayload {
    /// Those that were there before are worth nothing. They are shown once.
    recovery_codes: Option<Vec<String>>,
    errors: Vec<IdentityError>,
    stale: bool,
}

/// Whose second factor is turned off.
#[derive(InputObject)]
pub(crate) struct SecondFactorResetInput {
    account_id: ID,
    /// 1 to 500 characters. It is kept for ever, so it must not tell who the person is.
    reason: String,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct SecondFactorResetPayload {
    account: Option<Account>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct SecondFactorMutations;

#[Object]
impl SecondFactorMutations {
    /// Get a seed for codes that go with the time (RFC 6238). They are asked for once `totpConfirm` was shown one.
    async fn totp_enroll(&self, ctx: &Context<'_>, input: TotpEnrollInput) -> Result<TotpEnrollPayload> {
        let request = ctx.caller().request(None);
        let outcome = ctx.services().commands.identity.enroll_totp(&request, input.current_password.into()).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let Some(Enrolment { secret, uri }) = value else {
            return Ok(TotpEnrollPayload { secret: None, uri: None, qr_code: None, errors, stale });
        };
        let (secret, qr_code) = (Some(secret.expose_secret().to_owned()), Some(picture(&uri)?));
        Ok(TotpEnrollPayload { secret, uri: Some(uri.expose_secret().to_owned()), qr_code, errors, stale })
    }

    /// Have codes asked for from now on.
    async fn totp_confirm(&self, ctx: &Context<'_>, input: TotpConfirmInput) -> Result<TotpConfirmPayload> {
        let request = ctx.caller().request(None);
        let outcome = ctx.services().commands.identity.confirm_totp(&request, &input.code).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(TotpConfirmPayload { recovery_codes: value.as_deref().map(shown), errors, stale })
    }

    /// Have no codes asked for any more. It needs a fresh proof, see `stepUp`, and a password of 15 characters.
    async fn totp_disable(&self, ctx: &Context<'_>) -> Result<TotpDisablePayload> {
        let request = ctx.caller().request(None);
        let outcome = ctx.services().commands.identity.disable_totp(&request).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(TotpDisablePayload { disabled: value.is_some(), errors, stale })
    }

    /// Turn off the second factor of somebody who has lost it, for administrators: it ends all their sign-ins, and they are told by mail.
    /// It needs a fresh proof, see `stepUp`.
    async fn second_factor_reset(&self, ctx: &Context<'_>, input: SecondFactorResetInput) -> Result<SecondFactorResetPayload> {
        let id = input::id("accountId", &input.account_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.reset_second_factor(&request, id, &input.reason).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let account = if value.is_some() { account(ctx, id).await? } else { None };
        Ok(SecondFactorResetPayload { account, errors, stale })
    }

    /// Get ten other recovery codes. It needs a fresh proof, see `stepUp`.
    async fn recovery_codes_regenerate(&self, ctx: &Context<'_>) -> Result<RecoveryCodesRegeneratePayload> {
        let request = ctx.caller().request(None);
        let outcome = ctx.services().commands.identity.regenerate_recovery_codes(&request).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(RecoveryCodesRegeneratePayload { recovery_codes: value.as_deref().map(shown), errors, stale })
    }
}

fn shown(codes: &[SecretString]) -> Vec<String> {
    codes.iter().map(|code| code.expose_secret().to_owned()).collect()
}

fn picture(uri: &SecretString) -> Result<String> {
    let code = QrCode::new(uri.expose_secret()).map_err(|error| Failure::Internal(format!("a QR code could not be drawn: {error}")))?;
    Ok(code.render::<svg::Color<'_>>().min_dimensions(SIDE, SIDE).build())
}
