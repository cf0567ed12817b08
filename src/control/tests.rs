use std::{collections::BTreeSet, time::Duration};

use journal::vault::MasterKey;
use projections::{ProjectionOptions, Projections};
use tempfile::TempDir;

use super::*;
use crate::{config::Config, node::Stores, offline::Offline};

const PATIENCE: Duration = Duration::from_secs(30);

/// Stores in a folder whose name is too long for the address of a socket.
struct Laboratory {
    _folder: TempDir,
    directory: PathBuf,
    parts: Parts,
    stop: watch::Sender<bool>,
}

impl Laboratory {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let directory = folder.path().join("long".repeat(40));
        let config = Config { data_dir: directory.clone(), ..Config::default() };
        let stores = Stores::open(&config).await.expect("the stores open");
        let options = ProjectionOptions::new(projections::Place::Directory(directory.join("read-models")));
        let projections = Arc::new(Projections::init(Arc::clone(&stores.journal), &options).await.expect("the read models open"));
        let offline = Arc::new(Offline);
        let commands = Arc::new(stores.commands(&config, offline.clone(), offline).await.expect("commands"));
        Self { _folder: folder, directory, parts: Parts { stores, projections, commands }, stop: watch::Sender::new(false) }
    }

    fn open(&self) -> std::io::Result<Control> {
        Control::open(&self.directory, self.parts.clone(), self.stop.subscribe())
    }

    async fn ask(&self) -> Option<Answer> {
        ask(&self.directory, &Operation::ProjectionsStatus).await.expect("answered, or nobody there")
    }

    async fn close(self, control: Control) {
        self.stop.send_replace(true);
        control.close(PATIENCE).await;
        assert!(!self.directory.join(SOCKET).exists(), "it is removed");
        self.parts.close().await;
    }
}

#[tokio::test]
async fn operators_are_answered_until_the_server_stops() {
    let laboratory = Laboratory::new().await;
    assert_eq!(laboratory.ask().await, None, "nobody listens yet");
    let control = laboratory.open().expect("it listens");
    let Some(Answer::Projections { head, models }) = laboratory.ask().await else { panic!("no answer") };
    assert!(head == 0 && !models.is_empty(), "{head} {models:?}");
    let mode = std::fs::metadata(laboratory.directory.join(SOCKET)).expect("a socket").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    laboratory.close(control).await;
}

#[tokio::test]
async fn what_a_killed_server_left_is_replaced_and_a_living_one_is_not() {
    let laboratory = Laboratory::new().await;
    let path = laboratory.directory.join(SOCKET);
    let place = Place::open(&laboratory.directory).expect("a directory");
    drop(std::os::unix::net::UnixListener::bind(place.path(SOCKET)).expect("bound"));
    assert!(path.exists());
    assert_eq!(laboratory.ask().await, None, "nobody listens any more");
    let control = laboratory.open().expect("it listens");
    assert!(laboratory.ask().await.is_some());
    let second = laboratory.open().err().expect("one is enough");
    assert_eq!(second.kind(), ErrorKind::AddrInUse, "{second}");
    let names = std::fs::read_dir(&laboratory.directory).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let sockets: BTreeSet<_> = names.filter(|name| name.to_string_lossy().starts_with(SOCKET)).collect();
    assert_eq!(sockets.len(), 1, "{sockets:?}");
    laboratory.close(control).await;
}

#[tokio::test]
async fn a_socket_that_another_server_has_made_since_is_left_alone() {
    let laboratory = Laboratory::new().await;
    let control = laboratory.open().expect("it listens");
    let path = laboratory.directory.join(SOCKET);
    std::fs::remove_file(&path).expect("removed");
    std::fs::write(&path, "another one's").expect("written");
    laboratory.stop.send_replace(true);
    control.close(PATIENCE).await;
    assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "another one's");
    laboratory.parts.close().await;
}

#[tokio::test]
async fn what_is_no_operation_is_refused() {
    let laboratory = Laboratory::new().await;
    let control = laboratory.open().expect("it listens");
    let place = Place::open(&laboratory.directory).expect("a directory");
    let client = reqwest::Client::builder().unix_socket(place.path(SOCKET)).build().expect("a client");
    for body in ["", "{}", "\"surprise\"", "{\"surprise\": {}}"] {
        let request = client.post(format!("http://localhost{OPERATIONS}")).header("content-type", "application/json").body(body);
        let status = request.send().await.expect("an answer").status();
        assert!(status.is_client_error(), "{body} was answered with {status}");
    }
    assert!(laboratory.ask().await.is_some(), "it goes on");
    laboratory.close(control).await;
}

#[tokio::test]
async fn a_master_key_is_taken_only_from_a_file_that_is_there_and_has_it() {
    let laboratory = Laboratory::new().await;
    let control = laboratory.open().expect("it listens");
    let file = laboratory.directory.join("new.key");
    let rotate = |id: &str| Operation::MasterKeyRotate { file: file.clone(), id: id.to_owned() };
    ask(&laboratory.directory, &rotate("0123456789abcdef")).await.expect_err("there is no file");
    assert!(!file.exists(), "a server makes none");
    let id = MasterKey::generate_file(&file).expect("made").id();
    let refused = ask(&laboratory.directory, &rotate("0123456789abcdef")).await.expect_err("another key").to_string();
    assert!(refused.contains("finds another key"), "{refused}");
    let rotated = ask(&laboratory.directory, &rotate(&id)).await.expect("answered");
    let Some(Answer::MasterKey { id: rotated, .. }) = rotated else { panic!("no answer") };
    assert_eq!(rotated, id);
    laboratory.close(control).await;
}
