//! Programs in pods, over a web socket with the subprotocol `v5.channel.k8s.io` or `v4.channel.k8s.io`.
//!
//! A program is a real process of this machine. It runs in a folder of the pod's own that goes with the pod, where the files
//! of its configuration maps and secrets are. Where unprivileged bubblewrap works, that folder is its root, with the
//! machine's `/usr` and `/etc` to read, and it sees no other processes: absolute paths are the pod's. Where bubblewrap does
//! not, the program is a plain process whose home and working directory are in the folder, and absolute paths are the
//! machine's. It shares the machine's network either way. When its client goes, it is killed.

use std::sync::{Arc, PoisonError};

use axum::{
    body::Body,
    extract::{FromRequestParts, ws::WebSocketUpgrade},
    http::{Response, request::Parts},
};
use serde_json::Value;

use crate::{
    cluster::Cluster,
    failure::{Answer, Failure},
    read,
    store::Store,
    target::Target,
};

mod channels;
mod place;
mod process;
mod terminal;

use place::Room;
pub(crate) use place::{Places, files};

/// What is to be run.
#[derive(Clone, Debug)]
struct Program {
    argv: Vec<String>,
    environment: Vec<(String, String)>,
    room: Room,
    streams: Streams,
    tty: bool,
}

/// Which of a program's channels the client wants.
#[derive(Clone, Copy, Debug)]
struct Streams {
    stdin: bool,
    stdout: bool,
    stderr: bool,
}

/// Runs a program in a pod, and speaks with the client about it.
///
/// # Errors
/// 400 for a request that is no web socket or names no program or an unknown container, 404 for an unknown pod.
pub(crate) async fn upgrade(cluster: &Arc<Cluster>, target: &Target, parts: &mut Parts) -> Answer<Response<Body>> {
    let query = &target.query;
    let (pod, files) = cluster.locked(|store| {
        let pod = read::get(store, target)?;
        let files = place::files(store, &pod);
        Ok::<_, Failure>((pod, files))
    })?;
    let container = container(&pod, query.get("container"))?.clone();
    let argv = query.all("command");
    if argv.is_empty() {
        return Err(Failure::bad_request("you must specify at least 1 command for the container"));
    }
    let mut environment = cluster.locked(|store| environment(store, &pod, &container));
    for (name, value) in
        [("KUBERNETES_SERVICE_HOST", cluster.address.ip().to_string()), ("KUBERNETES_SERVICE_PORT", cluster.address.port().to_string())]
    {
        environment.push((name.to_owned(), value));
    }
    let room = cluster.places.enter(&pod, &container, &files).map_err(|error| Failure::new(500, "InternalError", error.to_string()))?;
    let program = Program {
        argv,
        environment,
        room,
        streams: Streams { stdin: query.is("stdin"), stdout: query.is("stdout"), stderr: query.is("stderr") },
        tty: query.is("tty"),
    };
    let upgrade = WebSocketUpgrade::from_request_parts(parts, &()).await;
    let upgrade = upgrade.map_err(|_| Failure::bad_request("unable to upgrade: a web socket is expected"))?;
    let upgrade = upgrade.protocols(["v5.channel.k8s.io", "v4.channel.k8s.io"]);
    if upgrade.selected_protocol().is_none() {
        return Err(Failure::bad_request("unable to upgrade: expected v5.channel.k8s.io or v4.channel.k8s.io"));
    }
    Ok(upgrade.on_upgrade(move |socket| channels::converse(socket, program)))
}

/// The container that is meant.
fn container<'a>(pod: &'a Value, name: &str) -> Answer<&'a Value> {
    let pod_name = pod["metadata"]["name"].as_str().unwrap_or_default();
    let mut all = pod["spec"]["containers"].as_array().into_iter().flatten();
    let found = if name.is_empty() { all.next() } else { all.find(|container| container["name"] == name) };
    let found = found.ok_or_else(|| Failure::bad_request(format!("container {name} is not valid for pod {pod_name}")))?;
    if pod["status"]["phase"] != "Running" {
        let phase = pod["status"]["phase"].as_str().unwrap_or_default();
        return Err(Failure::bad_request(format!("cannot exec into a container in a pod that is not running; current phase is {phase}")));
    }
    Ok(found)
}

/// What a container's `env` says, as far as it can be known.
fn environment(store: &Store, pod: &Value, container: &Value) -> Vec<(String, String)> {
    let namespace = pod["metadata"]["namespace"].as_str().unwrap_or_default();
    let of = |kind: &'static str, reference: &Value| -> Option<String> {
        let object = store.find(kind, namespace, reference["name"].as_str()?)?;
        place::entry(object, reference["key"].as_str()?).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    };
    let mut found = vec![("HOSTNAME".to_owned(), pod["metadata"]["name"].as_str().unwrap_or_default().to_owned())];
    for source in container["envFrom"].as_array().into_iter().flatten() {
        for (kind, reference) in [("configmaps", &source["configMapRef"]), ("secrets", &source["secretRef"])] {
            let object = reference["name"].as_str().and_then(|name| store.find(kind, namespace, name));
            for name in object.and_then(|object| object["data"].as_object()).into_iter().flatten().map(|(name, _)| name) {
                let value = object.and_then(|object| place::entry(object, name)).unwrap_or_default();
                found.push((name.clone(), String::from_utf8_lossy(&value).into_owned()));
            }
        }
    }
    for variable in container["env"].as_array().into_iter().flatten() {
        let Some(name) = variable["name"].as_str() else { continue };
        let source = &variable["valueFrom"];
        let value = variable["value"].as_str().map(str::to_owned);
        let value = value.or_else(|| of("configmaps", &source["configMapKeyRef"])).or_else(|| of("secrets", &source["secretKeyRef"]));
        let field = source["fieldRef"]["fieldPath"].as_str().map(|path| format!("/{}", path.replace('.', "/")));
        let value = value.or_else(|| pod.pointer(&field?).and_then(Value::as_str).map(str::to_owned));
        found.push((name.to_owned(), value.unwrap_or_default()));
    }
    found
}

/// Kills a process and those of its group.
fn kill(process: Option<u32>) {
    if let Some(process) = process {
        let group = format!("-{process}");
        let command = std::process::Command::new("kill").args(["-KILL", "--", &group]).stderr(std::process::Stdio::null()).status();
        drop(command);
    }
}

fn unpoisoned<T>(lock: std::sync::LockResult<T>) -> T {
    lock.unwrap_or_else(PoisonError::into_inner)
}
