//! The document: one JSON object, written a piece at a time, so that it takes no more memory the more is in it. Its form is described
//! in `docs/security.md`; `complete` stands at its end, so that one that broke off is known for that.

use domain::{
    Decider,
    identity::{Grant, Grants, GrantsWithin, account::Account},
};
use journal::{Position, StreamId, seal};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{
    AccountExport, SECTIONS,
    scan::Scan,
    values::{plain, shown},
};
use crate::Fault;

/// Never changes its meaning: another form has another name.
const FORMAT: &str = "nalabo-account-export/1";
/// Events looked through at once.
const PAGE: u32 = 1000;
/// Bytes that are handed on at once.
const PIECE: usize = 64 << 10;
/// Events of the same append that may come before the account's first.
const BEFORE: i64 = 16;

impl AccountExport {
    /// Puts the document together, as fast as its reader takes it.
    ///
    /// # Errors
    /// The reader went away, or a fault: then the document breaks off.
    pub async fn write(&self, to: mpsc::Sender<Vec<u8>>) -> Result<(), Fault> {
        let mut out = Out { to, buffer: Vec::with_capacity(2 * PIECE), begun: false };
        let journal = self.identity.dispatcher.journal();
        let until = journal.head().await?;
        out.put("{").await?;
        out.field("format", FORMAT).await?;
        out.field("account", self.account.to_string()).await?;
        out.field("journal", journal.id()).await?;
        out.field("requestedBy", self.by.map(|by| by.to_string())).await?;
        out.field("madeAt", self.at).await?;
        out.field("upTo", until).await?;
        out.field("profile", self.profile().await?).await?;
        out.list("events").await?;
        let scan = self.events(&mut out, until).await?;
        out.end().await?;
        for (name, kind) in SECTIONS {
            out.list(name).await?;
            for stream in scan.streams(kind) {
                for item in self.section(kind, stream).await? {
                    out.item(item).await?;
                }
            }
            out.end().await?;
        }
        out.field("complete", true).await?;
        out.put("}\n").await?;
        out.flush().await
    }

    /// All events that are about the person.
    async fn events(&self, out: &mut Out, until: Position) -> Result<Scan, Fault> {
        let (journal, vault) = (self.identity.dispatcher.journal(), self.identity.dispatcher.vault());
        let own = journal.load(&StreamId::new(Account::STREAM, self.account.into()), 0).await?;
        let mut at = Position(own.first().map_or(0, |first| first.position.0 - BEFORE).max(0));
        drop(own);
        let mut scan = Scan::of(self.account);
        while at < until {
            let page = journal.read_raw(at, PAGE).await?;
            let Some(last) = page.last() else { break };
            at = Position(last.position);
            let mut found = Vec::new();
            for event in page.into_iter().filter(|event| event.position <= until.0) {
                if let Some((because, fact)) = scan.look(&event)? {
                    found.push(shown(&event, because, &fact, self.account)?);
                }
            }
            let mut found = Value::Array(found);
            seal::open(&**vault, &mut found).await?;
            plain(&mut found);
            for event in found.as_array().into_iter().flatten() {
                out.item(event).await?;
            }
        }
        Ok(scan)
    }

    async fn profile(&self) -> Result<Value, Fault> {
        let identity = &self.identity;
        let contact = identity.contact(self.account).await?;
        let Account::Open { email, display_name, grants, within, suspended, avatar, .. } =
            identity.dispatcher.state::<Account>(self.account.into()).await?
        else {
            return Ok(Value::Null);
        };
        Ok(json!({
            "email": identity.open(&email).await?,
            "emailVerified": contact.verified,
            "displayName": identity.open(&display_name).await?,
            "language": contact.language,
            "secondFactor": identity.has_second_factor(self.account).await?,
            "suspended": suspended,
            "avatar": identity.shown_avatar(self.account, avatar.as_deref()).await?,
            "roles": held(&grants),
            "rolesWithin": within.as_deref().map(within_communities).unwrap_or_default(),
        }))
    }
}

fn held(grants: &Grants) -> Vec<Value> {
    grants.iter().map(|Grant { role, until }| json!({ "role": role, "until": until })).collect()
}

fn within_communities(within: &GrantsWithin) -> Vec<Value> {
    within.iter().map(|(community, grants)| json!({ "community": community.to_string(), "roles": held(grants) })).collect()
}

/// Writes members of one object.
struct Out {
    to: mpsc::Sender<Vec<u8>>,
    buffer: Vec<u8>,
    /// Whether something stands before what comes next.
    begun: bool,
}

impl Out {
    async fn put(&mut self, text: &str) -> Result<(), Fault> {
        self.buffer.extend_from_slice(text.as_bytes());
        if self.buffer.len() >= PIECE { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), Fault> {
        let piece = std::mem::replace(&mut self.buffer, Vec::with_capacity(2 * PIECE));
        self.to.send(piece).await.map_err(|_| Fault::Outside("whoever fetched an export went away".into()))
    }

    async fn next(&mut self) -> Result<(), Fault> {
        let comma = if std::mem::replace(&mut self.begun, true) { ",\n" } else { "\n" };
        self.put(comma).await
    }

    async fn field(&mut self, name: &str, value: impl Serialize) -> Result<(), Fault> {
        self.next().await?;
        self.put(&format!("{}:{}", json!(name), serde_json::to_string(&value)?)).await
    }

    async fn list(&mut self, name: &str) -> Result<(), Fault> {
        self.next().await?;
        self.begun = false;
        self.put(&format!("{}:[", json!(name))).await
    }

    async fn item(&mut self, value: impl Serialize) -> Result<(), Fault> {
        self.next().await?;
        self.put(&serde_json::to_string(&value)?).await
    }

    async fn end(&mut self) -> Result<(), Fault> {
        self.begun = true;
        self.put("]").await
    }
}
