//! One watch per kind and cluster, shared by all environments: what is waited for is seen there, and nobody polls. Should a watch
//! be behind or broken, the object itself is asked for every few seconds.

use std::{fmt::Debug, time::Duration};

use futures_util::StreamExt;
use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope};
use kube::{
    Api, Client, Resource,
    runtime::{
        WatchStreamExt,
        reflector::{self, ObjectRef, Store},
        watcher,
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

/// After how long without a sign the object itself is asked for.
const DOUBT: Duration = Duration::from_secs(2);

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
    /// That it is gone: the watch may not have seen it yet.
    Gone,
    /// The object of this id: there is no other.
    Itself(Option<&'a str>),
    /// Whatever has this name.
    Any,
}

impl Sought<'_> {
    fn believes<K: Resource>(self, seen: &K) -> bool {
        match self {
            Self::Gone => false,
            Self::Itself(uid) => seen.meta().uid.as_deref() == uid,
            Self::Any => true,
        }
    }
}

/// The objects of one kind that are ours.
pub(super) struct Watch<K: Resource<DynamicType = ()> + 'static> {
    store: Store<K>,
    changed: watch::Receiver<()>,
    task: JoinHandle<()>,
}

impl<K: Resource<DynamicType = ()> + 'static> Drop for Watch<K> {
    fn drop(&mut self) {
        self.task.abort();
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
        let (change, changed) = watch::channel(());
        let events = watcher(api, watcher::Config::default().labels(&ours(instance))).default_backoff();
        let mut reflected = Box::pin(reflector::reflector(writer, events));
        let task = tokio::spawn(async move {
            while let Some(event) = reflected.next().await {
                if let Err(error) = event {
                    tracing::debug!(%error, kind = %K::kind(&()), "a watch broke off; it begins again");
                }
                let _ = change.send(());
            }
        });
        Self { store, changed, task }
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
        let mut changed = self.changed.clone();
        let mut doubt = Instant::now();
        let mut reason = String::new();
        loop {
            changed.mark_unchanged();
            let seen = self.store.get(&key);
            let believed = seen.as_ref().filter(|seen| sought.believes(seen.as_ref())).map(|seen| judge(Some(seen)));
            let verdict = match believed {
                Some(decided @ (Verdict::Done(_) | Verdict::Failed(_))) => decided,
                _ if Instant::now() >= doubt || seen.is_none() && matches!(sought, Sought::Gone) => {
                    doubt = Instant::now() + DOUBT;
                    match timeout_at(deadline, api.get_opt(name)).await {
                        Ok(Ok(object)) => judge(object.as_ref()),
                        Ok(Err(error)) => Verdict::Wait(failure("it could not be looked at", &error).to_string()),
                        Err(_) => Verdict::Wait("it could not be looked at in time".to_owned()),
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
                Ok(()) = changed.changed() => {}
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
