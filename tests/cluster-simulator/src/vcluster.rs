//! vClusters: where a pod of a stateful set is the control plane of one, it has an API server of its own, with objects, an authority
//! and accounts that nobody else has. It is this crate's server once more, behind a port of the pod (`portforward.rs`), and ends with
//! the pod. What a real one puts into the namespace of its host, it does not: its pods are simulated in it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::{io::DuplexStream, runtime::Handle, task::AbortHandle};
use tokio_rustls::TlsAcceptor;

use crate::{
    access::{self, Attempt},
    certificates::Authority,
    cluster::Cluster,
    controllers::is_ready,
    exec,
    identity::User,
    kinds,
    options::Options,
    server,
    store::{Key, Store},
};

/// What a control plane is told from others by: the name of its vCluster.
const NAME: &str = "VCLUSTER_NAME";
/// Where its configuration is.
const CONFIG: (&str, &str) = ("/var/lib/vcluster", "config.yaml");
/// Bytes that are on their way.
const BUFFER: usize = 64 << 10;

/// Those of a cluster, by the uid of the pod.
#[derive(Debug, Default)]
pub(crate) struct Vclusters(Mutex<BTreeMap<String, Vcluster>>);

struct Vcluster {
    namespace: String,
    cluster: Arc<Cluster>,
    acceptor: TlsAcceptor,
    port: u16,
    attending: AbortHandle,
}

impl std::fmt::Debug for Vcluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vcluster").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

impl Drop for Vcluster {
    fn drop(&mut self) {
        self.attending.abort();
        self.cluster.set_reachable(false);
        self.cluster.end();
    }
}

/// The name of the vCluster whose control plane a pod is, once it is ready.
pub(crate) fn named(pod: &Value) -> Option<&str> {
    let of_set = pod["metadata"]["ownerReferences"][0]["kind"] == "StatefulSet";
    let mut variables = pod["spec"]["containers"].as_array()?.iter().filter_map(|container| container["env"].as_array()).flatten();
    let name = variables.find(|variable| variable["name"] == NAME)?["value"].as_str()?;
    (of_set && is_ready(pod)).then_some(name)
}

impl Vclusters {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Vcluster>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The one in a namespace.
    pub(crate) fn find(&self, namespace: &str) -> Option<Arc<Cluster>> {
        self.all().values().find(|vcluster| vcluster.namespace == namespace).map(|vcluster| Arc::clone(&vcluster.cluster))
    }

    /// Connects to a port of a pod; nothing if nobody listens there.
    pub(crate) fn connect(&self, pod: &str, port: u16) -> Option<DuplexStream> {
        let all = self.all();
        let vcluster = all.get(pod).filter(|vcluster| vcluster.port == port && *vcluster.cluster.reachable.borrow())?;
        let (near, far) = tokio::io::duplex(BUFFER);
        tokio::spawn(server::converse(far, vcluster.acceptor.clone(), Arc::clone(&vcluster.cluster)));
        Some(near)
    }

    /// Ends those of pods that are gone.
    pub(crate) fn end(&self, pods: &[String]) {
        let mut all = self.all();
        let ended: Vec<_> = pods.iter().filter_map(|pod| all.remove(pod)).collect();
        drop(all);
        drop(ended);
    }

    /// Ends all.
    pub(crate) fn end_all(&self) {
        let ended = std::mem::take(&mut *self.all());
        drop(ended);
    }

    /// Begins one for a pod, unless it is there, and writes what it is reached with, if the pod's account may. A certificate that
    /// cannot be made, or a folder, is as good as a control plane that does not come up.
    pub(crate) fn begin(&self, store: &mut Store, key: &Key, runtime: &Handle) -> Option<()> {
        let pod = Arc::clone(store.get(key)?);
        let (uid, name) = (pod["metadata"]["uid"].as_str()?, named(&pod)?);
        if self.all().contains_key(uid) {
            return None;
        }
        let config = config(store, &pod);
        let proxy = &config["controlPlane"]["proxy"];
        let port = proxy["port"].as_u64().and_then(|port| u16::try_from(port).ok()).unwrap_or(8443);
        let mut names = vec![name.to_owned(), format!("{name}.{}", key.namespace)];
        names.extend(proxy["extraSANs"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        let authority = Authority::new().ok()?;
        let acceptor = TlsAcceptor::from(authority.server(&names, None).ok()?);
        let options = Options { behaviour: store.behaviour.clone(), ..Options::default() };
        let cluster = Cluster::new(&options, authority, ([127, 0, 0, 1], port).into(), runtime.clone()).ok()?;
        let server = config["exportKubeConfig"]["server"].as_str().map_or_else(|| format!("https://localhost:{port}"), str::to_owned);
        export(store, &pod, name, &cluster, &server)?;
        let attending = runtime.spawn(Arc::clone(&cluster).attend()).abort_handle();
        self.all().insert(uid.to_owned(), Vcluster { namespace: key.namespace.clone(), cluster, acceptor, port, attending });
        Some(())
    }
}

/// The configuration that a control plane finds in its container. JSON is YAML, and other YAML is not read.
fn config(store: &Store, pod: &Value) -> Value {
    let mut mounts = pod["spec"]["containers"].as_array().into_iter().flatten().filter_map(|one| one["volumeMounts"].as_array()).flatten();
    let volume = mounts.find(|mount| mount["mountPath"] == CONFIG.0).and_then(|mount| mount["name"].as_str()).unwrap_or_default();
    let files = exec::files(store, pod);
    let file = files.get(volume).into_iter().flatten().find(|(name, _)| name == CONFIG.1);
    file.and_then(|(_, bytes)| serde_json::from_slice(bytes).ok()).unwrap_or_default()
}

/// Writes the administrator's kubeconfig into the secret `vc-…`, whole and in parts, as a real control plane does: with the rights of
/// the pod's account.
fn export(store: &mut Store, pod: &Value, name: &str, cluster: &Cluster, server: &str) -> Option<()> {
    let namespace = pod["metadata"]["namespace"].as_str()?;
    let account = User::account(namespace, pod["spec"]["serviceAccountName"].as_str().unwrap_or("default"));
    let secret = Key::new("secrets", namespace, &format!("vc-{name}"));
    let may = ["create", "update"].iter().all(|verb| {
        let (resource, verb) = ("secrets".to_owned(), (*verb).to_owned());
        let attempt = Attempt { verb, resource, namespace: namespace.to_owned(), name: secret.name.clone(), ..Attempt::default() };
        access::allows(store, &account, &attempt)
    });
    if !may {
        return None;
    }
    let admin = cluster.certify(User::new("kubernetes-super-admin", &["system:masters"])).ok()?;
    let encoded = |text: &str| STANDARD.encode(text);
    let (certificate, key) = (encoded(&admin.certificate), encoded(&admin.key));
    let credentials = [("client-certificate-data", &*certificate), ("client-key-data", &*key)];
    let config = cluster.authority.kubeconfig(server, &credentials);
    let object = json!({
        "apiVersion": kinds::kind("secrets").api_version(), "kind": "Secret", "type": "Opaque",
        "metadata": {
            "name": secret.name, "namespace": namespace, "uid": uuid::Uuid::new_v4(), "creationTimestamp": store.clock.stamp(),
        },
        "data": {
            "config": encoded(&config), "certificate-authority": encoded(&cluster.authority.pem()),
            "client-certificate": certificate, "client-key": key,
        },
    });
    store.put(secret, object);
    Some(())
}
