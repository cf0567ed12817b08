//! Watches: changes as they happen, one JSON object a line.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::body::{Body, Bytes};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use crate::{
    failure::{Answer, Failure},
    selectors::Selectors,
    store::{Change, Store},
    target::Target,
};

/// What befalls all watches that are open, counted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Interruptions {
    /// The connection is closed.
    pub(crate) dropped: u64,
    /// The connection stays, and says nothing any more.
    pub(crate) frozen: u64,
}

struct Watch {
    store: Arc<Mutex<Store>>,
    target: Target,
    selectors: Selectors,
    changes: watch::Receiver<u64>,
    interruptions: watch::Receiver<Interruptions>,
    /// What had befallen watches before this one.
    befallen: Interruptions,
    pending: VecDeque<Bytes>,
    /// Everything up to here is sent or pending.
    version: u64,
    until: Instant,
    bookmarks: Option<(Duration, Instant)>,
    /// Ends the stream after so many more events, without a word.
    events_left: Option<u64>,
    ended: bool,
}

/// The body of a watch.
///
/// # Errors
/// 400 for selectors or a version that cannot be read, 504 for a version that is yet to come.
pub(crate) fn open(
    store: &Arc<Mutex<Store>>,
    target: &Target,
    mut interruptions: watch::Receiver<Interruptions>,
    bookmark_interval: Duration,
    events_left: Option<u64>,
) -> Answer<Body> {
    let query = &target.query;
    let mut selectors = Selectors::parse(query.get("labelSelector"), query.get("fieldSelector"))?;
    if !target.name.is_empty() {
        selectors = Selectors::parse("", &format!("metadata.name={}", target.name))?;
    }
    let since = query.get("resourceVersion");
    let seconds = query.get("timeoutSeconds").parse().unwrap_or(1800_u64);
    let locked = store.lock().unwrap_or_else(PoisonError::into_inner);
    let befallen = *interruptions.borrow_and_update();
    let mut watch = Watch {
        store: Arc::clone(store),
        target: target.clone(),
        selectors,
        changes: locked.subscribe(),
        befallen,
        interruptions,
        pending: VecDeque::new(),
        version: locked.version(),
        until: Instant::now() + Duration::from_secs(seconds),
        bookmarks: query.is("allowWatchBookmarks").then(|| (bookmark_interval, Instant::now() + bookmark_interval)),
        events_left,
        ended: false,
    };
    if query.is("sendInitialEvents") || matches!(since, "" | "0") {
        watch.begin(&locked, query.is("sendInitialEvents"));
    } else {
        watch.version = since.parse().map_err(|_| Failure::bad_request(format!("invalid resourceVersion: {since}")))?;
        let now = locked.version();
        if watch.version > now {
            return Err(Failure::new(504, "Timeout", format!("Too large resource version: {since}, current: {now}")));
        }
    }
    drop(locked);
    Ok(Body::from_stream(stream::unfold(watch, |mut watch| async move {
        let line = watch.next().await?;
        Some((Ok::<_, std::convert::Infallible>(line), watch))
    })))
}

impl Watch {
    /// What there is already, as if it had just been added.
    fn begin(&mut self, store: &Store, told: bool) {
        for (_, object) in store.list(self.target.kind.plural, &self.target.namespace) {
            if self.selectors.match_object(object) {
                self.pending.push_back(line("ADDED", object));
            }
        }
        if told {
            let mut mark = self.bookmark();
            mark["metadata"]["annotations"] = json!({"k8s.io/initial-events-end": "true"});
            self.pending.push_back(line("BOOKMARK", &mark));
        }
    }

    fn bookmark(&self) -> Value {
        let kind = self.target.kind;
        let metadata = json!({"resourceVersion": self.version.to_string(), "creationTimestamp": null});
        json!({"kind": kind.kind, "apiVersion": kind.api_version(), "metadata": metadata})
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                if self.events_left == Some(0) {
                    return None;
                }
                self.events_left = self.events_left.map(|left| left - 1);
                return Some(event);
            }
            if self.ended || self.events_left == Some(0) {
                return None;
            }
            if self.catch_up() {
                continue;
            }
            self.wait().await;
        }
    }

    /// Takes changes that have come since, and says whether there are any.
    fn catch_up(&mut self) -> bool {
        self.changes.borrow_and_update();
        let locked = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = locked.changes(self.target.kind.plural, self.version);
        let now = locked.version();
        drop(locked);
        let Some(changes) = changes else {
            let gone = Failure::expired(format!("too old resource version: {} ({now})", self.version));
            self.pending.push_back(line("ERROR", &gone.status()));
            self.ended = true;
            return true;
        };
        for (_, change) in &changes {
            self.pending.extend(self.event(change));
        }
        self.version = self.version.max(now);
        !self.pending.is_empty()
    }

    /// As it looks through the selectors.
    fn event(&self, change: &Change) -> Option<Bytes> {
        let namespace = &self.target.namespace;
        if !namespace.is_empty() && change.new["metadata"]["namespace"] != namespace.as_str() {
            return None;
        }
        let seen = |object: &Value| self.selectors.match_object(object);
        let (before, after) = (change.old.as_ref().is_some_and(|old| seen(old)), !change.removed && seen(&change.new));
        match (before, after) {
            (false, true) => Some(line("ADDED", &change.new)),
            (true, true) => Some(line("MODIFIED", &change.new)),
            (true, false) => Some(line("DELETED", &change.new)),
            (false, false) => None,
        }
    }

    async fn wait(&mut self) {
        let mark = self.bookmarks.map_or(self.until, |(_, at)| at);
        tokio::select! {
            changed = self.changes.changed() => self.ended = changed.is_err(),
            () = sleep_until(self.until) => self.ended = true,
            () = sleep_until(mark), if self.bookmarks.is_some() => {
                self.pending.push_back(line("BOOKMARK", &self.bookmark()));
                self.bookmarks = self.bookmarks.map(|(interval, _)| (interval, Instant::now() + interval));
            }
            changed = self.interruptions.changed() => {
                let now = *self.interruptions.borrow_and_update();
                if changed.is_ok() && now.frozen != self.befallen.frozen {
                    std::future::pending::<()>().await;
                }
                self.ended = true;
            }
        }
    }
}

fn line(event: &str, object: &Value) -> Bytes {
    let mut text = json!({"type": event, "object": object}).to_string();
    text.push('\n');
    Bytes::from(text)
}
