//! What the events of one stream come to, in a few words.

use domain::{
    fact::Fact,
    gamification::scorecard::ScorecardEvent,
    identity::{access_token::AccessTokenEvent, mail::MailEvent, sign_in::SignInEvent},
    kernel::{AccessTokenId, Digest, MailId, SessionId, SignInId, Timestamp, WorkshopId},
    learning::session::{End, SessionEvent},
    workshops::workshop::WorkshopEvent,
};
use journal::{StreamId, vault::Family};
use serde_json::{Value, json};
use uuid::Uuid;

use super::AccountExport;
use crate::Fault;

impl AccountExport {
    /// What a stream of a kind comes to: one item, of points one for each time they were earned.
    pub(super) async fn section(&self, kind: &'static str, id: Uuid) -> Result<Vec<Value>, Fault> {
        let mut item = json!({});
        let mut more = Vec::new();
        for event in self.identity.dispatcher.journal().load(&StreamId::new(kind, id), 0).await? {
            let at = event.recorded_at;
            match Fact::read(kind, &event.name, event.version, event.payload.as_str())? {
                Fact::SignIn(event) => self.sign_in(&mut item, event, id, at).await?,
                Fact::AccessToken(event) => self.access_token(&mut item, event, id, at).await?,
                Fact::Mail(event) => self.mail(&mut item, event, id, at).await?,
                Fact::Session(event) => session(&mut item, event, id, at),
                Fact::Scorecard(ScorecardEvent::Awarded { learner: _, source, points, total }) => {
                    more.push(json!({ "for": source, "points": points, "total": total, "at": at }));
                }
                Fact::Workshop(event) => self.workshop(&mut item, event, id, at).await?,
                _ => {}
            }
        }
        Ok(if item.as_object().is_some_and(serde_json::Map::is_empty) { more } else { vec![item] })
    }

    /// What the vault keeps of a sign-in's or a token's use.
    async fn family(&self, id: Uuid) -> Result<Option<Family>, Fault> {
        Ok(self.identity.dispatcher.vault().refresh_families(&[id]).await?.into_iter().next())
    }

    async fn sign_in(&self, item: &mut Value, event: SignInEvent, id: Uuid, at: Timestamp) -> Result<(), Fault> {
        match event {
            SignInEvent::Opened { account: _, epoch: _, user_agent, address, proof: _, method, until: _ } => {
                let family = self.family(id).await?;
                let user_agent = match user_agent {
                    Some(agent) => self.identity.open(&agent).await?,
                    None => None,
                };
                let address = match address {
                    Some(address) => self.identity.open(&address).await?,
                    None => None,
                };
                *item = json!({
                    "id": SignInId(id).to_string(), "openedAt": at, "method": method, "userAgent": user_agent, "address": address,
                    "lastRefreshedAt": family.and_then(|family| family.rotated_at),
                    "expiresAt": family.map(|family| family.expires_at), "closedAt": null,
                });
            }
            SignInEvent::Closed { .. } => item["closedAt"] = json!(at),
            SignInEvent::Revoked { .. } => item["closedBecause"] = "revoked".into(),
            SignInEvent::TokenReused { .. } => item["closedBecause"] = "a used refresh token came again".into(),
            SignInEvent::Proven { .. } => {}
        }
        Ok(())
    }

    async fn access_token(&self, item: &mut Value, event: AccessTokenEvent, id: Uuid, at: Timestamp) -> Result<(), Fault> {
        match event {
            AccessTokenEvent::Created { account: _, name, scopes, expires_at, epoch: _ } => {
                let used = self.family(id).await?.and_then(|family| family.rotated_at);
                *item = json!({
                    "id": AccessTokenId(id).to_string(), "name": self.identity.open(&name).await?, "scopes": scopes, "createdAt": at,
                    "expiresAt": expires_at, "lastUsedAt": used, "revokedAt": null,
                });
            }
            AccessTokenEvent::Revoked { .. } => item["revokedAt"] = json!(at),
        }
        Ok(())
    }

    async fn mail(&self, item: &mut Value, event: MailEvent, id: Uuid, at: Timestamp) -> Result<(), Fault> {
        match event {
            MailEvent::Queued(letter) => {
                *item = json!({
                    "id": MailId(id).to_string(), "to": self.identity.open(&letter.to).await?, "about": letter.occasion,
                    "language": letter.language, "queuedAt": at, "sentAt": null,
                });
            }
            MailEvent::Sent { .. } => item["sentAt"] = json!(at),
            MailEvent::Dropped { because } => item["droppedBecause"] = json!(because),
            MailEvent::Deferred { .. } | MailEvent::Parked { .. } | MailEvent::Requeued {} => {}
        }
        Ok(())
    }

    /// With what the person wrote, in each state that it was kept in.
    async fn workshop(&self, item: &mut Value, event: WorkshopEvent, id: Uuid, at: Timestamp) -> Result<(), Fault> {
        let content = match event {
            WorkshopEvent::Drafted { author: _, slug, content, outline: _ } => {
                *item = json!({ "id": WorkshopId(id).to_string(), "slug": slug, "draftedAt": at, "publishedAt": [], "contents": {} });
                content
            }
            WorkshopEvent::Revised { content, .. } => content,
            WorkshopEvent::Published { content, .. } => {
                if let Some(published) = item["publishedAt"].as_array_mut() {
                    published.push(json!(at));
                }
                content
            }
            WorkshopEvent::Archived => {
                item["archivedAt"] = json!(at);
                return Ok(());
            }
        };
        if item["contents"].get(content.as_str()).is_none() {
            item["contents"][content.as_str()] = self.content(&content).await?;
        }
        Ok(())
    }

    async fn content(&self, digest: &Digest) -> Result<Value, Fault> {
        let bytes = self.identity.dispatcher.journal().content(digest.as_str()).await?;
        Ok(bytes.map(|bytes| serde_json::from_slice(&bytes)).transpose()?.unwrap_or_default())
    }
}

fn session(item: &mut Value, event: SessionEvent, id: Uuid, at: Timestamp) {
    let mut end = |how: &str, End { completed, points, spent, .. }: End| {
        item["endedAt"] = json!(at);
        item["ended"] = how.into();
        item["completed"] = json!(completed);
        item["points"] = json!(points);
        item["spentSeconds"] = json!(spent);
    };
    match event {
        SessionEvent::Started(start) => {
            *item = json!({
                "id": SessionId(id).to_string(), "workshop": start.workshop.to_string(), "title": start.title, "version": start.version,
                "steps": start.steps.len(), "startedAt": at, "endedAt": null,
            });
        }
        SessionEvent::Finished { end: totals } => end("finished", totals),
        SessionEvent::Abandoned { end: totals } => end("abandoned", totals),
        SessionEvent::Expired { end: totals } => end("expired", totals),
        SessionEvent::StepAnswered { .. }
        | SessionEvent::StepCheckPassed { .. }
        | SessionEvent::StepCheckFailed { .. }
        | SessionEvent::StepCompleted { .. }
        | SessionEvent::Extended { .. }
        | SessionEvent::Rescheduled { .. } => {}
    }
}
