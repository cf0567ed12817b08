//! What all requests share.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize},
    },
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::{
    runtime::Handle,
    sync::{Notify, watch},
};

use crate::{
    access,
    certificates::Authority,
    clock::Clock,
    controllers,
    exec::Places,
    faults::Faults,
    identity::{AUDIENCE, Credentials, User},
    nodes,
    options::Options,
    simulator::ClientCertificate,
    store::{Key, Store},
    tally::Tally,
    vcluster::Vclusters,
    watch::Interruptions,
};

/// Seconds that the token in a secret holds: as good as for ever.
const LASTING: i64 = 100 * 365 * 24 * 3600;

#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) store: Arc<Mutex<Store>>,
    pub(crate) authority: Authority,
    pub(crate) address: SocketAddr,
    pub(crate) control_token: String,
    pub(crate) bookmarks: Duration,
    pub(crate) places: Places,
    /// Whether connections are let in.
    pub(crate) reachable: watch::Sender<bool>,
    /// Connections that are open.
    pub(crate) connections: AtomicU64,
    /// Connections to ports of pods that are open.
    pub(crate) tunnels: AtomicUsize,
    pub(crate) vclusters: Vclusters,
    runtime: Handle,
    credentials: Mutex<Credentials>,
    faults: Mutex<Faults>,
    tally: Mutex<Tally>,
    interruptions: watch::Sender<Interruptions>,
    /// There is something for the controllers at another time than before.
    later: Notify,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cluster {
    pub(crate) fn new(options: &Options, authority: Authority, address: SocketAddr, runtime: Handle) -> io::Result<Arc<Self>> {
        let mut store = Store::new(Clock::default(), options.behaviour.clone(), authority.pem(), options.history);
        access::bootstrap(&mut store);
        for node in &options.nodes {
            nodes::add(&mut store, node);
        }
        for name in ["default", "kube-system", "kube-public"] {
            let mut object = json!({
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": {"name": name, "uid": uuid::Uuid::new_v4(), "creationTimestamp": store.clock.stamp()},
            });
            let key = Key::new("namespaces", "", name);
            crate::defaults::fill_in(&key, &mut object, 0);
            store.put(key, object);
        }
        controllers::run(&mut store);
        Ok(Arc::new(Self {
            store: Arc::new(Mutex::new(store)),
            authority,
            address,
            control_token: hex::encode(rand::random::<[u8; 16]>()),
            bookmarks: options.bookmarks,
            places: Places::new()?,
            reachable: watch::channel(true).0,
            connections: AtomicU64::new(0),
            tunnels: AtomicUsize::new(0),
            vclusters: Vclusters::default(),
            runtime,
            credentials: Mutex::default(),
            faults: Mutex::new(Faults::new(options.seed)),
            tally: Mutex::default(),
            interruptions: watch::channel(Interruptions::default()).0,
            later: Notify::new(),
        }))
    }

    /// Does something with the store, and everything that controllers do about it at once.
    pub(crate) fn locked<T>(&self, work: impl FnOnce(&mut Store) -> T) -> T {
        let mut store = lock(&self.store);
        let before = store.next_time();
        let done = work(&mut store);
        controllers::run(&mut store);
        for secret in store.take_lacking_token() {
            self.fill_token(&mut store, &secret);
        }
        for pod in store.take_control_planes() {
            if self.vclusters.begin(&mut store, &pod, &self.runtime).is_some() {
                controllers::run(&mut store);
            }
        }
        let gone = store.take_gone();
        if store.next_time() != before {
            self.later.notify_one();
        }
        drop(store);
        self.places.close(&gone);
        self.vclusters.end(&gone);
        done
    }

    /// Puts a lasting token of its service account into a secret, if there is such an account.
    fn fill_token(&self, store: &mut Store, key: &Key) {
        let annotation = "kubernetes.io/service-account.name";
        let Some(name) = store.get(key).and_then(|secret| secret["metadata"]["annotations"][annotation].as_str().map(str::to_owned)) else {
            return;
        };
        let Some(account) = store.find("serviceaccounts", &key.namespace, &name).cloned() else { return };
        let uid = account["metadata"]["uid"].as_str().unwrap_or_default();
        let subject = (key.namespace.as_str(), name.as_str(), uid);
        let (token, _) = self.credentials().issue(subject, vec![AUDIENCE.to_owned()], store.clock.now(), LASTING);
        let ca = store.ca.clone();
        store.update(key, |secret| {
            for (name, value) in [("token", token.as_str()), ("ca.crt", &ca), ("namespace", &key.namespace)] {
                secret["data"][name] = json!(STANDARD.encode(value));
            }
            secret["metadata"]["annotations"]["kubernetes.io/service-account.uid"] = json!(uid);
        });
        controllers::run(store);
    }

    /// Has controllers do what is to be done later. Never ends.
    pub(crate) async fn attend(self: Arc<Self>) {
        loop {
            let (next, now) = self.locked(|store| (store.next_time(), store.clock.now()));
            let pause = next.map_or(Duration::from_hours(1), |at| (at - now).to_std().unwrap_or_default());
            tokio::select! {
                () = self.later.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.locked(|store| store.clock.advance(by));
        // What the first round has begun may be due, too.
        self.locked(|_| ());
        self.later.notify_one();
    }

    pub(crate) fn credentials(&self) -> MutexGuard<'_, Credentials> {
        lock(&self.credentials)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub(crate) fn tally(&self) -> MutexGuard<'_, Tally> {
        lock(&self.tally)
    }

    pub(crate) fn interruptions(&self) -> watch::Receiver<Interruptions> {
        self.interruptions.subscribe()
    }

    pub(crate) fn interrupt(&self, change: impl FnOnce(&mut Interruptions)) {
        self.interruptions.send_modify(change);
    }

    pub(crate) fn set_reachable(&self, reachable: bool) {
        self.reachable.send_replace(reachable);
    }

    pub(crate) fn admit(&self, user: User) -> String {
        self.credentials().admit(user)
    }

    pub(crate) fn certify(&self, user: User) -> Result<ClientCertificate, rcgen::Error> {
        let issued = self.authority.client(&user.name, &user.groups)?;
        self.credentials().admit_certificate(issued.certificate.der(), user);
        Ok(ClientCertificate { certificate: issued.certificate.pem(), key: issued.key.serialize_pem() })
    }

    /// Ends what runs in pods.
    pub(crate) fn end(&self) {
        self.vclusters.end_all();
        self.places.close_all();
    }
}

/// What a client certificate is known by.
pub(crate) fn fingerprint(der: &[u8]) -> [u8; 32] {
    Sha256::digest(der).into()
}
