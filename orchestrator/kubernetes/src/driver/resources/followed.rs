//! One watch per environment and kind, while somebody looks: shared by all who do, ended with the last of them.

use std::{
    collections::{BTreeMap, HashMap},
    pin::pin,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use commands::environments::{EnvironmentResource, ResourceChanges, ResourceKind, ResourcesError};
use domain::kernel::EnvironmentId;
use futures_util::{StreamExt, stream};
use kube::{
    Api,
    runtime::{
        WatchStreamExt,
        watcher::{self, watcher},
    },
};
use tokio::{sync::watch, task::JoinHandle};

use super::{
    MOST,
    columns::{Shown, sort},
};

/// What is followed.
type Key = (EnvironmentId, ResourceKind);
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
    pub(super) fn follow<K: Shown>(&self, key: Key, api: impl FnOnce() -> Api<K>) -> Result<ResourceChanges, ResourcesError> {
        let watched = self.join(key, api)?;
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

    fn join<K: Shown>(&self, key: Key, api: impl FnOnce() -> Api<K>) -> Result<Arc<Watched>, ResourcesError> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(watched) = all.get(&key).and_then(Weak::upgrade) {
            return Ok(watched);
        }
        all.retain(|_, watched| watched.strong_count() > 0);
        if all.len() >= self.most {
            return Err(ResourcesError::Busy);
        }
        let (sender, seen) = watch::channel(None);
        let watched = Arc::new(Watched { seen, task: tokio::spawn(keep_watch(api(), sender)) });
        all.insert(key, Arc::downgrade(&watched));
        Ok(watched)
    }
}

/// Begins again where a watch breaks off or is too old to go on; what is seen stays until then.
async fn keep_watch<K: Shown>(api: Api<K>, sender: watch::Sender<Seen>) {
    let mut events = pin!(watcher(api, watcher::Config::default()).default_backoff());
    let (mut all, mut coming) = (BTreeMap::new(), BTreeMap::new());
    while let Some(event) = events.next().await {
        match event {
            Ok(watcher::Event::Init) => {
                coming.clear();
                continue;
            }
            Ok(watcher::Event::InitApply(object)) => {
                put(&mut coming, object.columns());
                continue;
            }
            Ok(watcher::Event::InitDone) => all = std::mem::take(&mut coming),
            Ok(watcher::Event::Apply(object)) => put(&mut all, object.columns()),
            Ok(watcher::Event::Delete(object)) => drop(all.remove(&object.columns().name)),
            Err(error) => {
                tracing::debug!(%error, kind = %K::kind(&()), "a watch of a learner's objects broke off; it begins again");
                continue;
            }
        }
        tell(&sender, &all);
    }
}

/// Events come without an end, so the oldest go.
fn put(all: &mut BTreeMap<String, EnvironmentResource>, row: EnvironmentResource) {
    all.insert(row.name.clone(), row);
    if all.len() > MOST as usize
        && let Some(oldest) = all.values().min_by_key(|row| row.created_at).map(|row| row.name.clone())
    {
        all.remove(&oldest);
    }
}

fn tell(sender: &watch::Sender<Seen>, all: &BTreeMap<String, EnvironmentResource>) {
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
