//! What is in the cluster, behind everybody's back.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Simulator;
use crate::{kinds, store::Key};

impl Simulator {
    /// All objects of a kind, such as `pods`, of all namespaces.
    ///
    /// # Panics
    /// If the simulator has no such kind.
    #[must_use]
    pub fn objects(&self, plural: &str) -> Vec<Value> {
        let kind = kinds::kind(plural);
        self.cluster.locked(|store| store.list(kind.plural, "").map(|(_, object)| (**object).clone()).collect())
    }

    /// One object; `namespace` is empty for those of the whole cluster.
    ///
    /// # Panics
    /// If the simulator has no such kind.
    #[must_use]
    pub fn object(&self, plural: &str, namespace: &str, name: &str) -> Option<Value> {
        let kind = kinds::kind(plural);
        self.cluster.locked(|store| store.find(kind.plural, namespace, name).map(|object| (**object).clone()))
    }

    /// Changes an object behind everybody's back; false if there is none.
    ///
    /// # Panics
    /// If the simulator has no such kind.
    pub fn change(&self, plural: &str, namespace: &str, name: &str, change: impl FnOnce(&mut Value)) -> bool {
        let key = Key::new(kinds::kind(plural).plural, namespace, name);
        self.cluster.locked(|store| store.update(&key, change).is_some())
    }

    /// Puts an object in behind everybody's back, without admission.
    ///
    /// # Panics
    /// If the simulator has no such kind.
    pub fn put(&self, plural: &str, namespace: &str, name: &str, mut object: Value) {
        let kind = kinds::kind(plural);
        object["apiVersion"] = json!(kind.api_version());
        object["kind"] = json!(kind.kind);
        object["metadata"]["name"] = json!(name);
        object["metadata"]["uid"] = json!(uuid::Uuid::new_v4());
        if kind.namespaced {
            object["metadata"]["namespace"] = json!(namespace);
        }
        self.cluster.locked(|store| {
            object["metadata"]["creationTimestamp"] = json!(store.clock.stamp());
            store.put(Key::new(kind.plural, namespace, name), object);
        });
    }

    /// Removes an object behind everybody's back, whatever its finalizers say; false if there is none.
    ///
    /// # Panics
    /// If the simulator has no such kind.
    pub fn remove(&self, plural: &str, namespace: &str, name: &str) -> bool {
        let key = Key::new(kinds::kind(plural).plural, namespace, name);
        self.cluster.locked(|store| store.remove(&key).is_some())
    }

    /// How many objects of each kind there are.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let counts = self.cluster.locked(|store| store.counts());
        counts.into_iter().map(|(kind, count)| (kind.to_owned(), count)).collect()
    }
}
