//! Pictures that people show of themselves.
//!
//! A picture is made anew when it comes ([`picture`]), sealed under the person's key, kept beside the events under the digest of what is
//! sealed, and named by the event: when the person is erased, nobody opens it any more.

mod picture;

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    identity::{
        Avatar, IdentityRejection as Rejection,
        account::{Account, AccountCommand},
    },
    kernel::{AccountId, AvatarId, Digest},
};
use secrecy::ExposeSecret;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

pub use picture::LARGEST as AVATAR_LARGEST;
pub(super) use picture::Pictures;

use super::Identity;
use crate::{Fault, Outcome, Request, authorization::acts, dispatch::Operation};

impl Identity {
    /// Makes a picture that of the person asking, in the place of the one before.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Busy`], or another fault; what is no picture, or too large, is a rejection.
    pub async fn upload_avatar(&self, request: &Request, bytes: Vec<u8>) -> Result<Outcome<AccountId, Rejection>, Fault> {
        let (account, _) = request.in_person()?;
        let sent = Digest::from(<[u8; 32]>::from(Sha256::digest(&bytes)));
        let operation = Operation::new(acts::AVATAR_UPLOAD, json!({ "account": account, "sent": sent }));
        if let Some(outcome) = self.dispatcher.answered(request, &operation).await? {
            return Ok(outcome);
        }
        let png = match self.pictures.small(bytes).await? {
            Ok(png) => png,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        // Random, since whoever knows it sees the picture.
        let id = AvatarId(Uuid::new_v4());
        let sealed = self.dispatcher.vault().seal(account.into(), id.into(), &png).await?;
        let stored = self.dispatcher.journal().put_content(sealed.as_bytes()).await?;
        let content = Digest::try_from(stored).map_err(|error| Fault::Outside(error.to_string()))?;
        let avatar = &Avatar { id, content };
        let work = |transaction: crate::dispatch::Transaction| async move {
            let choose = AccountCommand::ChooseAvatar { avatar: avatar.clone() };
            transaction.decide::<Account>(account.into(), choose).await.map(|_| account)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Shows no picture any more. Where there is none, it is no change.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], or another fault.
    pub async fn remove_avatar(&self, request: &Request) -> Result<Outcome<AccountId, Rejection>, Fault> {
        let (account, _) = request.in_person()?;
        let operation = Operation::new(acts::AVATAR_REMOVE, json!({ "account": account }));
        let work = |transaction: crate::dispatch::Transaction| async move {
            transaction.decide::<Account>(account.into(), AccountCommand::RemoveAvatar).await.map(|_| account)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// A picture as it was kept, a PNG; none once its owner has been erased.
    ///
    /// # Errors
    /// The store or the vault could not be read.
    pub async fn avatar(&self, account: AccountId, content: &Digest) -> Result<Option<Vec<u8>>, Fault> {
        let stored = self.dispatcher.journal().content(content.as_str()).await?;
        let stored = stored.ok_or_else(|| Fault::ContentMissing(content.to_string()))?;
        let sealed = String::from_utf8(stored).map_err(|_| Fault::Outside(format!("the picture {content} is no sealed text")))?;
        let opened = self.dispatcher.vault().open(account.into(), &sealed).await?;
        Ok(opened.map(|png| png.expose_secret().to_vec()))
    }

    /// The picture that somebody shows now, in base64.
    pub(super) async fn shown_avatar(&self, account: AccountId, avatar: Option<&Avatar>) -> Result<Option<String>, Fault> {
        let Some(Avatar { content, .. }) = avatar else { return Ok(None) };
        Ok(self.avatar(account, content).await?.map(|png| STANDARD.encode(png)))
    }
}
