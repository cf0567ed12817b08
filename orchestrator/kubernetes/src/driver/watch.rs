//! One watch per kind and cluster, shared by all environments: what is waited for is seen there, and nobody polls. Should a watch
//! be behind or broken, the object itself is asked for every few seconds.

use std::{
    collections::HashMap,
    fmt::Debug,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::StreamExt;
use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope};
use kube::{
    Api, Client, Resource,
    runtime::{
        WatchStreamExt,
        reflector::{self, ObjectRef, Store},
        watcher::{self, Event, watcher},
    },
};
use orchestrator::driver::DriverError;
use serde::de::DeserializeOwned;
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep_until, timeout_at},
};

use crate::{
    desired::{INSTANCE, MANAGED_BY, MANAGER},
    failure::failure,
};

/// After how long without a sign the object itself is asked for, at the latest.
const DOUBT: Duration = Duration::from_secs(10);

/// What is said of an object that is waited for.
pub(super) enum Verdict<T> {
    Done(T),
    /// Not yet, and why.
    Wait(String),
    Failed(DriverError),
}

/// What is waited for, and with it what the watch is believed.
#[derive(Clone, Copy)]
pub(super) enum Sought<'a> {
    /// That the object of this id is gone. The watch is believed if it has seen it go.
    Gone(Option<&'a str>),
    /// The object of this id: there is no other.
    Itself(Option<&'a str>),
    /// Whatever has this name.
    Any,
}

impl Sought<'_> {
    fn believes<K: Resource>(self, seen: &K) -> bool {
        match self {
            Self::Gone(_) => false,
            Self::Itself(uid) => seen.meta().uid.as_deref() == uid,
            Self::Any => true,
        }
    }

    /// Whether this is the object that is to go.
    fn awaits_end_of<K: Resource>(self, seen: &K) -> bool {
        matches!(self, Self::Gone(uid) if uid.is_some() && seen.meta().uid.as_deref() == uid)
    }
}

/// The objects of one kind that are ours.
pub(super) struct Watch<K: Resource<DynamicType = ()> + 'static> {
    store: Store<K>,
    waiting: Arc<Waiting>,
    task: JoinHandle<()>,
}

impl<K: Resource<DynamicType = ()> + 'static> Drop for Watch<K> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An object's namespace, if it is in one, and name.
type Name = (Option<String>, String);

/// Who waits for which object: each is woken for its own alone.
#[derive(Default)]
struct Waiting(Mutex<HashMap<Name, watch::Sender<()>>>);

impl Waiting {
    fn locked(&self) -> MutexGuard<'_, HashMap<Name, watch::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(self: &Arc<Self>, name: Name) -> Waiter {
        let changed = self.locked().entry(name.clone()).or_default().subscribe();
        Waiter { changed, name, waiting: Arc::clone(self) }
    }

    fn wake(&self, object: &impl Resource) {
        let name = (object.meta().namespace.clone(), object.meta().name.clone().unwrap_or_default());
        if let Some(waiter) = self.locked().get(&name) {
            let _ = waiter.send(());
        }
    }

    fn wake_all(&self) {
        for waiter in self.locked().values() {
            let _ = waiter.send(());
        }
    }
}

/// One who waits.
struct Waiter {
    changed: watch::Receiver<()>,
    name: Name,
    waiting: Arc<Waiting>,
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut waiting = self.waiting.locked();
        // This one is still counted.
        if waiting.get(&self.name).is_some_and(|sender| sender.receiver_count() <= 1) {
            waiting.remove(&self.name);
        }
    }
}

/// The selector of everything that this installation made.
pub(super) fn ours(instance: &str) -> String {
    format!("{MANAGED_BY}={MANAGER},{INSTANCE}={instance}")
}

impl<K> Watch<K>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
{
    pub(super) fn start(client: &Client, instance: &str) -> Self {
        let api = Api::<K>::all(client.clone());
        let (store, writer) = reflector::store();
        let waiting = Arc::<Waiting>::default();
        let woken = Arc::clone(&waiting);
        let events = watcher(api, watcher::Config::default().labels(&ours(instance))).default_backoff();
        let mut reflected = Box::pin(reflector::reflector(writer, events));
        let task = tokio::spawn(async move {
            while let Some(event) = reflected.next().await {
                match event {
                    Ok(Event::Apply(object) | Event::Delete(object)) => woken.wake(&object),
                    // Until a list is whole, the store has what it had.
                    Ok(Event::Init | Event::InitApply(_)) => {}
                    Ok(Event::InitDone) => woken.wake_all(),
                    Err(error) => tracing::debug!(%error, kind = %K::kind(&()), "a watch broke off; it begins again"),
                }
            }
        });
        Self { store, waiting, task }
    }

    /// Waits until `judge` has made up its mind about the object of this name. Of what the watch says only that is believed at once
    /// which cannot be outdated; everything else is asked for before it counts.
    pub(super) async fn until<T>(
        &self,
        api: &Api<K>,
        (namespace, name): (Option<&str>, &str),
        sought: Sought<'_>,
        patience: Duration,
        judge: impl Fn(Option<&K>) -> Verdict<T>,
    ) -> Result<T, DriverError> {
        let deadline = Instant::now() + patience;
        let mut key = ObjectRef::<K>::new(name);
        key.namespace = namespace.map(str::to_owned);
        let mut waiter = self.waiting.enter((key.namespace.clone(), key.name.clone()));
        let every = DOUBT.min(patience / 2);
        let mut doubt = Instant::now() + every;
        let (mut reason, mut was_seen) = (String::new(), false);
        loop {
            waiter.changed.mark_unchanged();
            let seen = self.store.get(&key);
            was_seen |= seen.as_ref().is_some_and(|seen| sought.awaits_end_of(seen.as_ref()));
            let believed = match &seen {
                Some(seen) => sought.believes(seen.as_ref()).then(|| judge(Some(seen))),
                None => was_seen.then(|| judge(None)),
            };
            let verdict = match believed {
                Some(decided @ (Verdict::Done(_) | Verdict::Failed(_))) => decided,
                _ if Instant::now() >= doubt || seen.is_none() && matches!(sought, Sought::Gone(_)) => {
                    doubt = Instant::now() + every;
                    match timeout_at(deadline, api.get_opt(name)).await {
                        Ok(Ok(object)) => judge(object.as_ref()),
                        Ok(Err(error)) => Verdict::Wait(failure("it could not be looked at", &error).to_string()),
                        Err(_) if reason.is_empty() => Verdict::Wait("it could not be looked at in time".to_owned()),
                        Err(_) => Verdict::Wait(reason.clone()),
                    }
                }
                Some(waiting) => waiting,
                None => Verdict::Wait(reason.clone()),
            };
            match verdict {
                Verdict::Done(value) => return Ok(value),
                Verdict::Failed(error) => return Err(error),
                Verdict::Wait(why) => reason = why,
            }
            if Instant::now() >= deadline {
                let seconds = patience.as_secs();
                return Err(DriverError::Transient(format!("{} {name} is not as it should be after {seconds} s: {reason}", K::kind(&()))));
            }
            tokio::select! {
                // Never, should the watch have ended for good.
                Ok(()) = waiter.changed.changed() => {}
                () = sleep_until(doubt.min(deadline)) => {}
            }
        }
    }
}

impl<K> Watch<K>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
{
    /// What the watch knows of an object.
    pub(super) fn get(&self, namespace: &str, name: &str) -> Option<std::sync::Arc<K>> {
        self.store.get(&ObjectRef::new(name).within(namespace))
    }
}

impl<K> Watch<K>
where
    K: Resource<DynamicType = (), Scope = ClusterResourceScope> + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
{
    /// The same of an object that is in no namespace.
    pub(super) fn cluster_wide(&self, name: &str) -> Option<std::sync::Arc<K>> {
        self.store.get(&ObjectRef::new(name))
    }
}
