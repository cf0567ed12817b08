//! Whom a registration is of: their address as a digest, and what is sealed of them.

use domain::{
    booking::{
        Answers, BookingRejection as Rejection,
        registrant::Details,
        run::{Applicant, Person},
    },
    identity::{DisplayName, Email, account::Account, contact::Contact, email_claim::EmailClaim},
    kernel::{AccountId, Digest, Personal, Plan},
};
use uuid::Uuid;

use super::{Booking, flawed};
use crate::{Dispatcher, Fault};

/// Somebody, with what they are reached by.
pub(super) struct Known {
    pub(super) person: Person,
    /// Under whose key what is known of them is sealed.
    pub(super) subject: AccountId,
    pub(super) name: String,
    pub(super) email: String,
}

/// Those who come along, as far as their addresses are given.
pub(super) struct Members {
    /// By keyed digests of these they begin sessions.
    digests: Vec<Digest>,
    /// Where they are written to.
    emails: Vec<String>,
}

impl Known {
    /// As whom they apply, with all who come, themselves alone if nobody is named; and what is kept of that.
    pub(super) fn applies(
        &self,
        plan: Option<Plan>,
        attendees: &[String],
        members: Members,
        answers: &Answers,
    ) -> (Applicant, Box<Details>) {
        let text = |text: &str| Personal::new(self.subject, text.to_owned());
        let attendees = if attendees.is_empty() { vec![self.name.clone()] } else { attendees.to_vec() };
        // Who registers is written to anyway.
        let companions: Vec<_> = members.emails.into_iter().filter(|email| *email != self.email).collect();
        let details = Details {
            account: self.person.account,
            name: text(&self.name),
            email: text(&self.email),
            attendees: Personal::new(self.subject, attendees.clone()),
            companions: (!companions.is_empty()).then(|| Personal::new(self.subject, companions)),
            answers: Personal::new(self.subject, answers.clone()),
        };
        let members = members.digests;
        (Applicant { person: self.person.clone(), plan, attendees, members, answers: answers.clone() }, Box::new(details))
    }
}

/// What somebody says they are called.
pub(super) fn named(name: &str) -> Result<&str, Rejection> {
    let name = name.trim();
    let is_one = (1..=120).contains(&name.chars().count()) && !name.contains(char::is_control);
    if is_one { Ok(name) } else { Err(flawed("name", "1 to 120 characters")) }
}

impl Booking {
    /// Somebody with an account whose address is known to be theirs; none if it is not open, or nobody has verified the address.
    async fn verified(&self, account: AccountId) -> Result<Option<Known>, Fault> {
        if !self.dispatcher.look::<Contact, _>(account.into(), is_verified).await? {
            return Ok(None);
        }
        self.known(account, self.dispatcher.state::<Account>(account.into()).await?, true).await
    }

    /// Whoever asks, as they were when they were let in, or later: that was read on this node a moment ago.
    pub(super) async fn asking(&self, account: AccountId) -> Result<Option<Known>, Fault> {
        let (verified, open) = tokio::try_join!(self.has_verified(account), self.dispatcher.known(account.into(), 0, Account::clone))?;
        self.known(account, open, verified).await
    }

    /// Whether they have verified their address. They may have done so on another node since this one looked.
    async fn has_verified(&self, account: AccountId) -> Result<bool, Fault> {
        Ok(self.dispatcher.known(account.into(), 0, is_verified).await? || self.dispatcher.look(account.into(), is_verified).await?)
    }

    async fn known(&self, id: AccountId, account: Account, verified: bool) -> Result<Option<Known>, Fault> {
        let Account::Open { email, display_name, .. } = account else { return Ok(None) };
        let opened = (self.dispatcher.open::<Email>(&email).await?, self.dispatcher.open::<DisplayName>(&display_name).await?);
        let (Some(email), Some(name)) = opened else { return Ok(None) };
        // Anybody may name any address: what nobody has verified stands for the account alone, and is in nobody's way who is invited.
        let address = if verified { self.digest(&email).await? } else { self.unverified(id).await? };
        let person = Person { account: Some(id), address };
        Ok(Some(Known { person, subject: id, name: name.as_str().to_owned(), email: email.as_str().to_owned() }))
    }

    /// In place of a digest of the address of an account that nobody has verified.
    async fn unverified(&self, account: AccountId) -> Result<Digest, Fault> {
        Ok(Digest::from(self.dispatcher.vault().blind("unverified email", &account.to_string()).await?))
    }

    /// Whoever has an address: somebody with an account, if the address was verified to be theirs, or a guest with a key of their own.
    pub(super) async fn addressee(&self, email: &str, name: &str) -> Result<Result<Known, Rejection>, Fault> {
        let Ok(email) = Email::try_new(email) else { return Ok(Err(flawed("email", "an e-mail address"))) };
        let name = match named(name) {
            Ok(name) => name,
            Err(rejection) => return Ok(Err(rejection)),
        };
        let claim = self.dispatcher.claim("email", email.as_str()).await?;
        if let EmailClaim::Held { account } = self.dispatcher.state::<EmailClaim>(claim).await?
            && let Some(known) = self.verified(account).await?
        {
            return Ok(Ok(known));
        }
        let person = Person { account: None, address: self.digest(&email).await? };
        let (subject, name, email) = (AccountId(Uuid::now_v7()), name.to_owned(), email.as_str().to_owned());
        Ok(Ok(Known { person, subject, name, email }))
    }

    /// Those who come along by these addresses, named by who comes by a link or runs the run, or by an account: as long as nobody has
    /// verified the address of that, it has nobody written to.
    pub(super) async fn members(&self, emails: &[String], named_by: Option<AccountId>) -> Result<Result<Members, Rejection>, Fault> {
        let mut members = Members { digests: Vec::with_capacity(emails.len()), emails: Vec::with_capacity(emails.len()) };
        let are_told = match named_by {
            Some(account) if !emails.is_empty() => self.has_verified(account).await?,
            _ => true,
        };
        for (at, email) in emails.iter().enumerate() {
            let Ok(email) = Email::try_new(email) else { return Ok(Err(flawed(&format!("memberEmails[{at}]"), "an e-mail address"))) };
            members.digests.push(self.digest(&email).await?);
            if are_told {
                members.emails.push(email.as_str().to_owned());
            }
        }
        Ok(Ok(members))
    }

    pub(super) async fn digest(&self, email: &Email) -> Result<Digest, Fault> {
        digest(&self.dispatcher, email).await
    }
}

const fn is_verified(contact: &Contact) -> bool {
    contact.verified
}

/// A keyed digest of the address of an account, if it was verified to be its owner's.
pub(crate) async fn verified_address(dispatcher: &Dispatcher, account: AccountId) -> Result<Option<Digest>, Fault> {
    let Account::Open { email, .. } = dispatcher.state::<Account>(account.into()).await? else { return Ok(None) };
    if !dispatcher.state::<Contact>(account.into()).await?.verified {
        return Ok(None);
    }
    match dispatcher.open(&email).await? {
        Some(email) => digest(dispatcher, &email).await.map(Some),
        None => Ok(None),
    }
}

async fn digest(dispatcher: &Dispatcher, email: &Email) -> Result<Digest, Fault> {
    Ok(Digest::from(dispatcher.vault().blind("email", email.as_str()).await?))
}
