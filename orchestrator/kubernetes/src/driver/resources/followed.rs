//! One watch per environment and kind, while somebody looks: shared by all who do, ended with the last of them.

use std::{
    collections::{BTreeMap, HashMap},
    pin::pin,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use commands::environments::{EnvironmentResource, ResourceChanges, ResourceKind, ResourcesError};
use domain::kernel::EnvironmentId;
use futures_util::{StreamExt, stream};
use kube::{
    Api,
    runtime::watcher::{self, DefaultBackoff, watcher},
};
use tokio::{sync::watch, task::JoinHandle, time::sleep};

use super::{
    MOST,
    columns::{Shown, sort},
};

/// Before a watch begins anew, at the most.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What is followed.
type Key = (EnvironmentId, ResourceKind);
/// Namespace and name.
type Name = (String, String);
type Rows = BTreeMap<Name, EnvironmentResource>;
/// What is seen; nothing until all of it was.
type Seen = Option<Arc<Vec<EnvironmentResource>>>;

/// What is followed in one cluster.
pub(crate) struct Followed {
    all: Mutex<HashMap<Key, Weak<Watched>>>,
    /// Watches at once.
    most: usize,
}

/// A watch that is under way for as long as somebody holds it.
struct Watched {
    seen: watch::Receiver<Seen>,
    task: JoinHandle<()>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Followed {
    pub(crate) fn new(most: usize) -> Self {
        Self { all: Mutex::default(), most }
    }

    /// Joins whoever follows it already, or begins to.
    pub(super) fn follow<K: Shown>(
        &self,
        key: Key,
        begin: impl Fn() -> (Api<K>, watcher::Config) + Send + 'static,
    ) -> Result<ResourceChanges, ResourcesError> {
        let watched = self.join(key, begin)?;
        let mut seen = watched.seen.clone();
        // What is there already is news to who comes.
        seen.mark_changed();
        Ok(stream::unfold((watched, seen), |(watched, mut seen)| async move {
            loop {
                seen.changed().await.ok()?;
                let all = seen.borrow_and_update().clone();
                if let Some(all) = all {
                    return Some((all, (watched, seen)));
                }
            }
        })
        .boxed())
    }

    fn join<K: Shown>(
        &self,
        key: Key,
        begin: impl Fn() -> (Api<K>, watcher::Config) + Send + 'static,
    ) -> Result<Arc<Watched>, ResourcesError> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(watched) = all.get(&key).and_then(Weak::upgrade) {
            return Ok(watched);
        }
        all.retain(|_, watched| watched.strong_count() > 0);
        if all.len() >= self.most {
            return Err(ResourcesError::Busy);
        }
        let (sender, seen) = watch::channel(None);
        let watched = Arc::new(Watched { seen, task: tokio::spawn(keep_watch(begin, sender)) });
        all.insert(key, Arc::downgrade(&watched));
        Ok(watched)
    }
}

/// Begins anew where a watch breaks off: at the other end there may be something else by then, of which no version that was seen is
/// known. What is seen stays until then.
async fn keep_watch<K: Shown>(begin: impl Fn() -> (Api<K>, watcher::Config) + Send, sender: watch::Sender<Seen>) {
    let mut pauses = DefaultBackoff::default();
    loop {
        let (api, config) = begin();
        follow_on(api, config, &sender).await;
        sleep(pauses.next().unwrap_or(LONGEST_PAUSE)).await;
    }
}

/// Until the watch breaks off.
async fn follow_on<K: Shown>(api: Api<K>, config: watcher::Config, sender: &watch::Sender<Seen>) {
    let mut events = pin!(watcher(api, config));
    let mut all = Rows::new();
    let mut is_whole = false;
    while let Some(event) = events.next().await {
        match event {
            Ok(watcher::Event::Init) => {
                all.clear();
                is_whole = false;
            }
            Ok(watcher::Event::InitApply(object) | watcher::Event::Apply(object)) => put(&mut all, object.columns()),
            Ok(watcher::Event::InitDone) => is_whole = true,
            Ok(watcher::Event::Delete(object)) => drop(all.remove(&name_of(&object.columns()))),
            Err(error) => {
                tracing::debug!(%error, kind = %K::kind(&()), "a watch of a learner's objects broke off; it begins again");
                return;
            }
        }
        if is_whole {
            tell(sender, &all);
        }
    }
}

fn name_of(row: &EnvironmentResource) -> Name {
    (row.namespace.clone(), row.name.clone())
}

/// Events come without an end, so the oldest go.
fn put(all: &mut Rows, row: EnvironmentResource) {
    all.insert(name_of(&row), row);
    if all.len() > MOST as usize
        && let Some(oldest) = all.values().min_by_key(|row| row.created_at).map(name_of)
    {
        all.remove(&oldest);
    }
}

fn tell(sender: &watch::Sender<Seen>, all: &Rows) {
    let mut rows: Vec<_> = all.values().cloned().collect();
    sort(&mut rows);
    sender.send_if_modified(|seen| {
        let is_new = seen.as_deref() != Some(&rows);
        if is_new {
            *seen = Some(Arc::new(rows));
        }
        is_new
    });
}
