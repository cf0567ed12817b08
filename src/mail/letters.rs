//! What mails say. A template has the subject in its first line and paragraphs after it, each of which goes into the plain part as it is
//! and, escaped, into the HTML part.

mod booking;

use std::str::FromStr;

use commands::identity::Outgoing;
use domain::identity::{
    DisplayName,
    mail::{Failure, Occasion},
};
use lettre::{
    Address, Message,
    message::{
        Attachment, Mailbox, MultiPart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use minijinja::{AutoEscape, Environment, Value, context};
use secrecy::ExposeSecret;

use crate::{
    calendar,
    config::{ConfigError, MailConfig},
};

/// The frame of HTML parts.
const FRAME: &str = "frame.html";

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        /// All there are, by name.
        const TEMPLATES: &[(&str, &str)] = &[$(($name, include_str!(concat!("templates/", $name)))),*];
    };
}

templates! {
    "frame.html",
    "en/verify_email.txt",
    "en/reset_password.txt",
    "en/password_changed.txt",
    "en/confirm_new_email.txt",
    "en/confirm_email_change.txt",
    "en/email_change_requested.txt",
    "en/email_changed.txt",
    "en/email_change_reverted.txt",
    "en/second_factor_reset.txt",
    "en/second_factor_code.txt",
    "en/backup_phone_added.txt",
    "en/passkey_added.txt",
    "en/passkey_removed.txt",
    "en/passkey_copied.txt",
    "en/unusual_sign_in.txt",
    "en/registration_tried.txt",
    "en/account_unused.txt",
    "en/cluster_unreachable.txt",
    "en/cluster_degraded.txt",
    "en/cluster_recovered.txt",
    "en/cluster_short.txt",
    "en/unusual_sign_ins.txt",
    "en/mails_parked.txt",
    "en/booking_facts.txt",
    "en/booking_link.txt",
    "en/guest_invited.txt",
    "en/invitation_withdrawn.txt",
    "en/registration_requested.txt",
    "en/registration_approved.txt",
    "en/approval_withdrawn.txt",
    "en/payment_awaited.txt",
    "en/payment_received.txt",
    "en/payment_failed.txt",
    "en/payment_undone.txt",
    "en/registration_confirmed.txt",
    "en/registration_waitlisted.txt",
    "en/place_offered.txt",
    "en/offer_lapsed.txt",
    "en/registration_expired.txt",
    "en/registration_rejected.txt",
    "en/registration_withdrawn.txt",
    "en/registration_cancelled.txt",
    "en/registration_given_away.txt",
    "en/registration_taken_over.txt",
    "en/run_moved.txt",
    "en/run_relocated.txt",
    "en/run_cancelled.txt",
    "en/refunded.txt",
    "en/refund_undone.txt",
    "en/run_reminder.txt",
    "en/companion_named.txt",
    "en/companion_moved.txt",
    "en/companion_dropped.txt",
    "fr/verify_email.txt",
    "fr/reset_password.txt",
    "fr/password_changed.txt",
    "fr/confirm_new_email.txt",
    "fr/confirm_email_change.txt",
    "fr/email_change_requested.txt",
    "fr/email_changed.txt",
    "fr/email_change_reverted.txt",
    "fr/second_factor_reset.txt",
    "fr/second_factor_code.txt",
    "fr/backup_phone_added.txt",
    "fr/passkey_added.txt",
    "fr/passkey_removed.txt",
    "fr/passkey_copied.txt",
    "fr/unusual_sign_in.txt",
    "fr/registration_tried.txt",
    "fr/account_unused.txt",
    "fr/cluster_unreachable.txt",
    "fr/cluster_degraded.txt",
    "fr/cluster_recovered.txt",
    "fr/cluster_short.txt",
    "fr/unusual_sign_ins.txt",
    "fr/mails_parked.txt",
    "fr/booking_facts.txt",
    "fr/booking_link.txt",
    "fr/guest_invited.txt",
    "fr/invitation_withdrawn.txt",
    "fr/registration_requested.txt",
    "fr/registration_approved.txt",
    "fr/approval_withdrawn.txt",
    "fr/payment_awaited.txt",
    "fr/payment_received.txt",
    "fr/payment_failed.txt",
    "fr/payment_undone.txt",
    "fr/registration_confirmed.txt",
    "fr/registration_waitlisted.txt",
    "fr/place_offered.txt",
    "fr/offer_lapsed.txt",
    "fr/registration_expired.txt",
    "fr/registration_rejected.txt",
    "fr/registration_withdrawn.txt",
    "fr/registration_cancelled.txt",
    "fr/registration_given_away.txt",
    "fr/registration_taken_over.txt",
    "fr/run_moved.txt",
    "fr/run_relocated.txt",
    "fr/run_cancelled.txt",
    "fr/refunded.txt",
    "fr/refund_undone.txt",
    "fr/run_reminder.txt",
    "fr/companion_named.txt",
    "fr/companion_moved.txt",
    "fr/companion_dropped.txt",
}

/// Writes mails.
pub(super) struct Letters {
    templates: Environment<'static>,
    from: Mailbox,
    /// Where links lead, without a slash at its end.
    site: Option<String>,
}

impl Letters {
    /// # Errors
    /// A template, or the sender's address, is of no use.
    pub(super) fn try_new(config: &MailConfig) -> Result<Self, ConfigError> {
        let mut templates = Environment::new();
        templates.set_auto_escape_callback(|name| if name == FRAME { AutoEscape::Html } else { AutoEscape::None });
        templates.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        for (name, text) in TEMPLATES {
            templates.add_template(name, text).map_err(|error| ConfigError(format!("the template {name}: {error}")))?;
        }
        let from = config.sender().ok_or_else(|| ConfigError("mail.from: expected an address".into()))?;
        let site = config.site.as_ref().map(|site| site.trim_end_matches('/').to_owned());
        Ok(Self { templates, from, site })
    }

    /// The whole message.
    ///
    /// # Errors
    /// The address is none that mail can go to, or a template does not do.
    pub(super) fn write(&self, mail: &Outgoing) -> Result<Message, Failure> {
        let address = Address::from_str(mail.to.as_str()).map_err(|_| Failure::Address)?;
        // Whoever's address it is has not said yet that it is theirs: somebody else may have chosen the name, to say something by it.
        let name = mail.name.as_ref().filter(|_| !is_unproven(mail.occasion)).map(DisplayName::as_str);
        let (subject, plain, html) = self.words(mail, name).map_err(|error| {
            tracing::error!(mail = %mail.id, %error, "a mail could not be made");
            Failure::Local
        })?;
        let domain = self.from.email.domain();
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(name.map(one_line), address))
            .subject(one_line(&subject))
            .date(mail.at.into())
            // The same for each try, so that whoever gets it twice can tell.
            .message_id(Some(format!("<{}@{domain}>", mail.id)))
            // RFC 3834: nothing answers it by itself.
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into()))
            .multipart(self.with_calendar(mail, MultiPart::alternative_plain_html(plain, html))?)
            .map_err(|_| Failure::Address)
    }

    /// With the entry for calendars, as it is by now, where it is about a registration.
    fn with_calendar(&self, mail: &Outgoing, words: MultiPart) -> Result<MultiPart, Failure> {
        let Some(news) = mail.booking.as_ref().filter(|news| booking::has_calendar(news)) else { return Ok(words) };
        let file = calendar::file(std::slice::from_ref(&news.appointment), self.from.email.as_ref(), mail.at);
        let kind = ContentType::parse(calendar::MEDIA_TYPE).map_err(|_| Failure::Local)?;
        Ok(MultiPart::mixed().multipart(words).singlepart(Attachment::new("event.ics".to_owned()).body(file.into_bytes(), kind)))
    }

    /// Subject, plain part, HTML part.
    fn words(&self, mail: &Outgoing, name: Option<&str>) -> Result<(String, String, String), minijinja::Error> {
        let code = mail.token.as_ref().map(|token| token.expose_secret().to_owned());
        let link = if let Some(news) = &mail.booking {
            self.site.as_ref().map(|site| booking::link(site, news, code.as_deref()))
        } else {
            let link = code.as_ref().zip(self.site.as_ref().zip(page(mail.occasion)));
            link.map(|(code, (site, page))| format!("{site}/{page}#{code}"))
        };
        let until = mail.expires_at.map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string());
        let at = mail.at.format("%Y-%m-%d %H:%M UTC").to_string();
        let template = self.templates.get_template(&format!("{}/{}.txt", mail.language.tag(), file(mail.occasion)))?;
        let cluster = mail.cluster.as_deref().map(one_line);
        let text = match &mail.booking {
            Some(news) => template.render(booking::context(news, mail.at, name, code.as_deref(), link.as_deref()))?,
            None => template.render(context! { name, code => code.clone(), link => link.clone(), until, at, cluster })?,
        };
        let (subject, body) = text.split_once('\n').unwrap_or((&text, ""));
        let paragraphs: Vec<_> = body.split("\n\n").map(str::trim).filter(|text| !text.is_empty()).collect();
        let marked: Vec<Value> = paragraphs
            .iter()
            .map(|text| {
                let is_link = link.as_deref() == Some(*text);
                let is_code = link.is_none() && code.as_deref() == Some(*text);
                context! { text => *text, is_link, is_code }
            })
            .collect();
        let frame = self.templates.get_template(FRAME)?;
        let html = frame.render(context! { language => mail.language.tag(), subject, paragraphs => marked })?;
        Ok((subject.trim().to_owned(), paragraphs.join("\n\n") + "\n", html))
    }
}

/// Whether it is not known yet that the address is the account owner's.
const fn is_unproven(occasion: Occasion) -> bool {
    matches!(occasion, Occasion::VerifyEmail | Occasion::ConfirmNewEmail | Occasion::RegistrationTried)
}

/// What goes into a header: controls, such as the ends of lines, would begin another (CWE-93).
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

const fn file(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::VerifyEmail => "verify_email",
        Occasion::ResetPassword => "reset_password",
        Occasion::PasswordChanged => "password_changed",
        Occasion::ConfirmNewEmail => "confirm_new_email",
        Occasion::ConfirmEmailChange => "confirm_email_change",
        Occasion::EmailChangeRequested => "email_change_requested",
        Occasion::EmailChanged => "email_changed",
        Occasion::EmailChangeReverted => "email_change_reverted",
        Occasion::SecondFactorReset => "second_factor_reset",
        Occasion::SecondFactorCode => "second_factor_code",
        Occasion::BackupPhoneAdded => "backup_phone_added",
        Occasion::PasskeyAdded => "passkey_added",
        Occasion::PasskeyRemoved => "passkey_removed",
        Occasion::PasskeyCopied => "passkey_copied",
        Occasion::UnusualSignIn => "unusual_sign_in",
        Occasion::RegistrationTried => "registration_tried",
        Occasion::AccountUnused => "account_unused",
        Occasion::ClusterUnreachable => "cluster_unreachable",
        Occasion::ClusterDegraded => "cluster_degraded",
        Occasion::ClusterRecovered => "cluster_recovered",
        Occasion::ClusterShort => "cluster_short",
        Occasion::UnusualSignIns => "unusual_sign_ins",
        Occasion::MailsParked => "mails_parked",
        Occasion::GuestInvited => "guest_invited",
        Occasion::InvitationWithdrawn => "invitation_withdrawn",
        Occasion::RegistrationRequested => "registration_requested",
        Occasion::RegistrationApproved => "registration_approved",
        Occasion::ApprovalWithdrawn => "approval_withdrawn",
        Occasion::PaymentAwaited => "payment_awaited",
        Occasion::PaymentReceived => "payment_received",
        Occasion::PaymentFailed => "payment_failed",
        Occasion::PaymentUndone => "payment_undone",
        Occasion::RegistrationConfirmed => "registration_confirmed",
        Occasion::RegistrationWaitlisted => "registration_waitlisted",
        Occasion::PlaceOffered => "place_offered",
        Occasion::OfferLapsed => "offer_lapsed",
        Occasion::RegistrationExpired => "registration_expired",
        Occasion::RegistrationRejected => "registration_rejected",
        Occasion::RegistrationWithdrawn => "registration_withdrawn",
        Occasion::RegistrationCancelled => "registration_cancelled",
        Occasion::RegistrationGivenAway => "registration_given_away",
        Occasion::RegistrationTakenOver => "registration_taken_over",
        Occasion::RunMoved => "run_moved",
        Occasion::RunRelocated => "run_relocated",
        Occasion::RunCancelled => "run_cancelled",
        Occasion::Refunded => "refunded",
        Occasion::RefundUndone => "refund_undone",
        Occasion::RunReminder => "run_reminder",
        Occasion::CompanionNamed => "companion_named",
        Occasion::CompanionMoved => "companion_moved",
        Occasion::CompanionDropped => "companion_dropped",
    }
}

/// The page of the site that a link leads to, if there is one. The code is behind a `#`: browsers keep that to themselves.
const fn page(occasion: Occasion) -> Option<&'static str> {
    match occasion {
        Occasion::VerifyEmail => Some("verify-email"),
        Occasion::ResetPassword => Some("reset-password"),
        // Which of the two addresses it is at, the token says.
        Occasion::ConfirmNewEmail | Occasion::ConfirmEmailChange => Some("confirm-email"),
        Occasion::EmailChangeRequested => Some("stop-email-change"),
        Occasion::EmailChanged => Some("revert-email-change"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
