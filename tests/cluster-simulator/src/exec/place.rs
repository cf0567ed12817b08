//! Folders of pods.

use std::{
    collections::BTreeMap,
    fs, io,
    os::unix::fs::symlink,
    path::{Component, Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, OnceLock},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::watch;

use super::unpoisoned;
use crate::store::Store;

const HOME: &str = "/home/user";

/// All folders; they go with it.
#[derive(Debug)]
pub(crate) struct Places {
    folder: TempDir,
    /// By the uid of the pod; tells when it is gone.
    open: Mutex<BTreeMap<String, watch::Sender<bool>>>,
    bubblewrap: OnceLock<bool>,
}

/// A pod's folder, as a program finds it.
#[derive(Clone, Debug)]
pub(super) struct Room {
    root: PathBuf,
    directory: String,
    /// By bubblewrap.
    pub(super) is_sandboxed: bool,
    pub(super) gone: watch::Receiver<bool>,
}

/// Files by the names of the volumes they are in.
pub(crate) type Files = BTreeMap<String, Vec<(String, Vec<u8>)>>;

impl Places {
    pub(crate) fn new() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("cluster-simulator-").tempdir()?;
        Ok(Self { folder, open: Mutex::default(), bubblewrap: OnceLock::new() })
    }

    /// Makes the folder of a pod if it is not there yet, with its files.
    pub(super) fn enter(&self, pod: &Value, container: &Value, files: &Files) -> io::Result<Room> {
        let uid = pod["metadata"]["uid"].as_str().unwrap_or_default();
        let root = self.folder.path().join(uid);
        // Held for the whole: two programs that start at once would make the same things.
        let mut open = unpoisoned(self.open.lock());
        for folder in ["home/user", "tmp", "usr", "etc", "proc", "dev", "var/tmp", "run"] {
            fs::create_dir_all(root.join(folder))?;
        }
        for link in ["bin", "sbin", "lib", "lib64"] {
            if Path::new("/").join(link).is_symlink() && !root.join(link).is_symlink() {
                symlink(format!("usr/{link}"), root.join(link))?;
            }
        }
        for mount in container["volumeMounts"].as_array().into_iter().flatten() {
            let place = below(&root, mount["mountPath"].as_str().unwrap_or_default());
            fs::create_dir_all(&place)?;
            for (name, bytes) in mount["name"].as_str().and_then(|name| files.get(name)).into_iter().flatten() {
                let file = below(&place, name);
                fs::create_dir_all(file.parent().unwrap_or(&place))?;
                fs::write(file, bytes)?;
            }
        }
        let directory = container["workingDir"].as_str().unwrap_or(HOME).to_owned();
        fs::create_dir_all(below(&root, &directory))?;
        let gone = open.entry(uid.to_owned()).or_insert_with(|| watch::channel(false).0).subscribe();
        Ok(Room { root, directory, is_sandboxed: *self.bubblewrap.get_or_init(bubblewrap_works), gone })
    }

    /// Ends what runs in pods that are gone, and removes their folders.
    pub(crate) fn close(&self, pods: &[String]) {
        for pod in pods {
            let ended = unpoisoned(self.open.lock()).remove(pod);
            if let Some(gone) = ended {
                gone.send_replace(true);
                let _ = fs::remove_dir_all(self.folder.path().join(pod));
            }
        }
    }

    pub(crate) fn close_all(&self) {
        let all: Vec<String> = unpoisoned(self.open.lock()).keys().cloned().collect();
        self.close(&all);
        let _ = fs::remove_dir_all(self.folder.path());
    }
}

impl Room {
    /// How a program is started: with what before it, in which directory, with which home. With a terminal it makes that its own
    /// where it has process ids of its own.
    pub(super) fn command(&self, argv: &[String], tty: bool) -> (Vec<String>, PathBuf, String) {
        if !self.is_sandboxed {
            let home = below(&self.root, HOME).display().to_string();
            return (argv.to_vec(), below(&self.root, &self.directory), home);
        }
        let root = self.root.display().to_string();
        let mut whole: Vec<String> = ["bwrap", "--die-with-parent", "--unshare-pid", "--bind", &root, "/"].map(str::to_owned).to_vec();
        for folder in ["/usr", "/etc", "/bin", "/sbin", "/lib", "/lib64", "/opt"] {
            if !Path::new(folder).is_symlink() {
                whole.extend(["--ro-bind-try", folder, folder].map(str::to_owned));
            }
        }
        whole.extend(["--proc", "/proc", "--dev", "/dev", "--chdir", &self.directory, "--"].map(str::to_owned));
        if tty {
            whole.extend(["setsid", "--ctty"].map(str::to_owned));
        }
        whole.extend(argv.iter().cloned());
        (whole, self.root.clone(), HOME.to_owned())
    }
}

/// A path inside of a folder, wherever it says it leads.
fn below(root: &Path, path: &str) -> PathBuf {
    let parts = Path::new(path).components().filter(|part| matches!(part, Component::Normal(_)));
    root.join(parts.collect::<PathBuf>())
}

fn bubblewrap_works() -> bool {
    let mut command = Command::new("bwrap");
    command.args(["--ro-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "--dev", "/dev", "true"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// One entry of a configuration map or a secret.
pub(super) fn entry(object: &Value, key: &str) -> Option<Vec<u8>> {
    let text = object["data"][key].as_str();
    if object["kind"] == "Secret" {
        return STANDARD.decode(text?).ok();
    }
    text.map(|text| text.as_bytes().to_vec()).or_else(|| STANDARD.decode(object["binaryData"][key].as_str()?).ok())
}

/// Files that a pod's volumes bring.
pub(crate) fn files(store: &Store, pod: &Value) -> Files {
    let namespace = pod["metadata"]["namespace"].as_str().unwrap_or_default();
    let mut found = Files::new();
    for volume in pod["spec"]["volumes"].as_array().into_iter().flatten() {
        let Some(name) = volume["name"].as_str() else { continue };
        let mut sources = vec![("configmaps", &volume["configMap"], "name"), ("secrets", &volume["secret"], "secretName")];
        for source in volume["projected"]["sources"].as_array().into_iter().flatten() {
            sources.extend([("configmaps", &source["configMap"], "name"), ("secrets", &source["secret"], "name")]);
        }
        for (kind, source, field) in sources {
            let object = source[field].as_str().and_then(|name| store.find(kind, namespace, name));
            found.entry(name.to_owned()).or_default().extend(object.into_iter().flat_map(|object| entries(object, &source["items"])));
        }
    }
    found
}

/// The chosen entries of an object under the paths they are given, or all.
fn entries(object: &Value, items: &Value) -> Vec<(String, Vec<u8>)> {
    let chosen: Vec<(String, String)> = if let Some(items) = items.as_array() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        items.iter().map(|item| (text(&item["key"]), text(&item["path"]))).collect()
    } else {
        let all = ["data", "binaryData"].into_iter().flat_map(|field| object[field].as_object().into_iter().flatten());
        all.map(|(name, _)| (name.clone(), name.clone())).collect()
    };
    chosen.into_iter().filter_map(|(key, path)| Some((path, entry(object, &key)?))).collect()
}
