//! What the cluster holds: objects under one running number, with the changes that watches read.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{
    clock::Clock,
    kinds::{self, Kind},
    nodes::Usage,
    options::Behaviour,
};

/// Where an object is; `namespace` is empty for those of the whole cluster.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key {
    pub(crate) kind: &'static str,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl Key {
    pub(crate) fn new(kind: &'static str, namespace: &str, name: &str) -> Self {
        Self { kind, namespace: namespace.to_owned(), name: name.to_owned() }
    }

    pub(crate) fn kind(&self) -> &'static Kind {
        kinds::kind(self.kind)
    }
}

/// What happened to an object.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) old: Option<Arc<Value>>,
    /// The last state, if it was removed.
    pub(crate) new: Arc<Value>,
    pub(crate) removed: bool,
}

/// What controllers have yet to look at.
#[derive(Debug)]
pub(crate) enum Work {
    Changed(Key),
    Removed(Key, Arc<Value>),
}

/// The changes of one kind, and up to where they were forgotten.
#[derive(Debug, Default)]
struct History {
    changes: BTreeMap<u64, Change>,
    forgotten: u64,
}

/// All objects.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) clock: Clock,
    pub(crate) behaviour: Behaviour,
    pub(crate) usage: Usage,
    /// The cluster's certificate authority, as PEM.
    pub(crate) ca: String,
    version: u64,
    objects: BTreeMap<Key, Arc<Value>>,
    histories: BTreeMap<&'static str, History>,
    /// How many changes of one kind are kept.
    kept: usize,
    ready: VecDeque<Work>,
    timed: BTreeSet<(DateTime<Utc>, Key)>,
    alarms: BTreeMap<(Key, &'static str), DateTime<Utc>>,
    changed: watch::Sender<u64>,
    /// Pods that are gone, by uid, until their processes are ended.
    gone: Vec<String>,
    /// Secrets that are to hold the token of a service account.
    lacking_token: Vec<Key>,
    /// Pods that are control planes of vClusters, and ready.
    control_planes: Vec<Key>,
}

impl Store {
    pub(crate) fn new(clock: Clock, behaviour: Behaviour, ca: String, kept: usize) -> Self {
        Self {
            clock,
            behaviour,
            usage: Usage::default(),
            ca,
            version: 1,
            objects: BTreeMap::new(),
            histories: BTreeMap::new(),
            kept,
            ready: VecDeque::new(),
            timed: BTreeSet::new(),
            alarms: BTreeMap::new(),
            changed: watch::channel(1).0,
            gone: Vec::new(),
            lacking_token: Vec::new(),
            control_planes: Vec::new(),
        }
    }

    /// The number of the last change.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// Tells of each change.
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub(crate) fn get(&self, key: &Key) -> Option<&Arc<Value>> {
        self.objects.get(key)
    }

    pub(crate) fn find(&self, kind: &'static str, namespace: &str, name: &str) -> Option<&Arc<Value>> {
        self.objects.get(&Key::new(kind, namespace, name))
    }

    /// Those of a kind, in one namespace or all if `namespace` is empty, in order of their names.
    pub(crate) fn list<'a>(&'a self, kind: &'static str, namespace: &str) -> impl Iterator<Item = (&'a Key, &'a Arc<Value>)> + use<'a> {
        let namespace = namespace.to_owned();
        let from = Key::new(kind, &namespace, "");
        let belongs = move |key: &Key| key.kind == kind && (namespace.is_empty() || key.namespace == namespace);
        self.objects.range(from..).take_while(move |(key, _)| belongs(key))
    }

    /// Everything in a namespace.
    pub(crate) fn contents(&self, namespace: &str) -> Vec<Key> {
        let kinds = kinds::KINDS.iter().filter(|kind| kind.namespaced);
        kinds.flat_map(|kind| self.list(kind.plural, namespace)).map(|(key, _)| key.clone()).collect()
    }

    /// Writes an object under the next version.
    pub(crate) fn put(&mut self, key: Key, mut object: Value) -> Arc<Value> {
        self.version += 1;
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        let new = Arc::new(object);
        let old = self.objects.insert(key.clone(), Arc::clone(&new));
        self.record(key.kind, Change { old, new: Arc::clone(&new), removed: false });
        self.ready.push_back(Work::Changed(key));
        new
    }

    /// Changes an object if `change` makes a difference.
    pub(crate) fn update(&mut self, key: &Key, change: impl FnOnce(&mut Value)) -> Option<Arc<Value>> {
        let old = Arc::clone(self.objects.get(key)?);
        let mut new = (*old).clone();
        change(&mut new);
        if new == *old { Some(old) } else { Some(self.put(key.clone(), new)) }
    }

    /// Removes an object at once.
    pub(crate) fn remove(&mut self, key: &Key) -> Option<Arc<Value>> {
        let old = self.objects.remove(key)?;
        self.version += 1;
        let mut last = (*old).clone();
        last["metadata"]["resourceVersion"] = json!(self.version.to_string());
        let last = Arc::new(last);
        self.record(key.kind, Change { old: Some(old), new: Arc::clone(&last), removed: true });
        let alarms = self.alarms.range((key.clone(), "")..).map(|(alarm, _)| alarm);
        let alarms: Vec<_> = alarms.take_while(|(other, _)| other == key).cloned().collect();
        for alarm in alarms {
            self.alarms.remove(&alarm);
        }
        if key.kind == "pods" {
            self.gone.extend(last["metadata"]["uid"].as_str().map(str::to_owned));
        }
        self.ready.push_back(Work::Removed(key.clone(), Arc::clone(&last)));
        Some(last)
    }

    fn record(&mut self, kind: &'static str, change: Change) {
        let history = self.histories.entry(kind).or_default();
        history.changes.insert(self.version, change);
        while history.changes.len() > self.kept {
            if let Some((version, _)) = history.changes.pop_first() {
                history.forgotten = version;
            }
        }
        self.changed.send_replace(self.version);
    }

    /// Changes of a kind after a version; `None` if some of them are forgotten.
    pub(crate) fn changes(&self, kind: &'static str, after: u64) -> Option<Vec<(u64, Change)>> {
        let Some(history) = self.histories.get(kind) else { return Some(Vec::new()) };
        if after < history.forgotten {
            return None;
        }
        Some(history.changes.range(after + 1..).map(|(version, change)| (*version, change.clone())).collect())
    }

    /// Forgets all changes up to now, of every kind.
    pub(crate) fn compact(&mut self) {
        self.version += 1;
        for kind in &kinds::KINDS {
            let history = self.histories.entry(kind.plural).or_default();
            history.changes.clear();
            history.forgotten = self.version;
        }
        self.changed.send_replace(self.version);
    }

    /// Has controllers look at an object again.
    pub(crate) fn touch(&mut self, key: Key) {
        self.ready.push_back(Work::Changed(key));
    }

    /// The same at a later time.
    pub(crate) fn touch_after(&mut self, key: Key, delay: Duration) {
        let at = self.clock.now() + TimeDelta::from_std(delay).unwrap_or(TimeDelta::MAX);
        self.timed.insert((at, key));
    }

    /// Whether `delay` has passed since this was first asked about the object; it is looked at again then.
    pub(crate) fn has_passed(&mut self, key: &Key, what: &'static str, delay: Duration) -> bool {
        if delay.is_zero() {
            return true;
        }
        let now = self.clock.now();
        let at = *self.alarms.entry((key.clone(), what)).or_insert_with(|| now + TimeDelta::from_std(delay).unwrap_or(TimeDelta::MAX));
        if at > now {
            self.timed.insert((at, key.clone()));
            return false;
        }
        self.alarms.remove(&(key.clone(), what));
        true
    }

    /// Whether a delay that [`Self::has_passed`] began is not over.
    pub(crate) fn is_waiting(&self, key: &Key, what: &'static str) -> bool {
        self.alarms.contains_key(&(key.clone(), what))
    }

    /// Pods that have gone since this was last asked.
    pub(crate) fn take_gone(&mut self) -> Vec<String> {
        std::mem::take(&mut self.gone)
    }

    /// A secret waits for its token.
    pub(crate) fn want_token(&mut self, secret: &Key) {
        self.lacking_token.push(secret.clone());
    }

    /// Secrets that wait for their tokens since this was last asked.
    pub(crate) fn take_lacking_token(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.lacking_token)
    }

    /// A pod is the control plane of a vCluster, and ready.
    pub(crate) fn want_vcluster(&mut self, pod: &Key) {
        self.control_planes.push(pod.clone());
    }

    /// Control planes since this was last asked.
    pub(crate) fn take_control_planes(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.control_planes)
    }

    /// What controllers should look at now.
    pub(crate) fn next_work(&mut self) -> Option<Work> {
        if let Some(work) = self.ready.pop_front() {
            return Some(work);
        }
        let now = self.clock.now();
        if self.timed.first()?.0 > now {
            return None;
        }
        self.timed.pop_first().map(|(_, key)| Work::Changed(key))
    }

    /// When controllers have something to do next.
    pub(crate) fn next_time(&self) -> Option<DateTime<Utc>> {
        self.timed.first().map(|(at, _)| *at)
    }

    /// How many objects of each kind there are.
    pub(crate) fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for key in self.objects.keys() {
            *counts.entry(key.kind).or_insert(0) += 1;
        }
        counts
    }
}
