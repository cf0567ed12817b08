//! A data directory, what the command line does with it, and servers on it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use nalabo::{client::Client, config::Config};
use tempfile::TempDir;

use crate::engines::Engine;

/// How long anything may take that is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
/// Of the administrator that a site has from the beginning.
pub(crate) const ADMINISTRATOR: (&str, &str) = ("root@example.org", "correct horse battery staple");
/// What is before the address, in the words of a server and of the demo.
const SERVING: [&str; 3] = ["nalabo serves at http://", "nalabo serves at https://", "serving at http://"];
/// User ids for the sandboxes of one server, if it runs as root: servers on one host must not share them.
const UIDS: u32 = 100;

/// The binary under test, without the settings of whoever runs the tests.
pub(crate) fn binary() -> Command {
    assert_sandboxes();
    let mut command = Command::new(env!("CARGO_BIN_EXE_nalabo"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("NALABO_")) {
        command.env_remove(name);
    }
    let first_uid = first_uid().to_string();
    // Administrators of tests have no telephone, unless that is what is tested.
    command.env("NALABO_SECOND_FACTOR__REQUIRED_FOR", "[]");
    command.env("NALABO_SANDBOX__FIRST_UID", first_uid).env("NALABO_SANDBOX__UIDS", UIDS.to_string()).stdin(Stdio::null());
    command
}

fn first_uid() -> u32 {
    static SERVERS: AtomicU32 = AtomicU32::new(0);
    let server = SERVERS.fetch_add(1, Ordering::Relaxed);
    1_000_000 + (std::process::id() % 10_000) * 100_000 + server * UIDS
}

fn assert_sandboxes() {
    let there = Command::new("bwrap").arg("--version").output().is_ok_and(|output| output.status.success());
    assert!(there, "bwrap is missing: apt-get install bubblewrap / dnf install bubblewrap, or run scripts/test, which does it");
}

/// Standard output and error of what has ended, one after the other.
pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A database on PostgreSQL, and the key that wraps the keys in it: every server on it needs the same.
#[derive(Clone)]
struct Database {
    url: String,
    master_key: String,
}

/// A data directory, and the database that goes with it if it is not in there.
pub(crate) struct Site {
    folder: TempDir,
    database: Option<Database>,
}

impl Site {
    /// With an administrator.
    pub(crate) fn new() -> Self {
        Self::on(Engine::Sqlite)
    }

    /// With an administrator.
    pub(crate) fn on(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::made(None),
            Engine::Postgres => Self::at(&test_postgres::database()),
        }
    }

    /// In an empty database, with an administrator.
    pub(crate) fn at(url: &str) -> Self {
        Self::made(Some(Database { url: url.to_owned(), master_key: STANDARD.encode(rand::random::<[u8; 32]>()) }))
    }

    /// Another data directory on the same database.
    pub(crate) fn beside(&self) -> Self {
        assert!(self.database.is_some(), "a journal in files is one server's");
        Self { folder: tempfile::tempdir().expect("a folder"), database: self.database.clone() }
    }

    /// The same keys, with the database as it is at another address.
    pub(crate) fn moved_to(&self, url: &str) -> Self {
        let mut moved = self.beside();
        if let Some(database) = &mut moved.database {
            url.clone_into(&mut database.url);
        }
        moved
    }

    /// The address of the database, if there is one.
    pub(crate) fn database_url(&self) -> Option<&str> {
        self.database.as_ref().map(|database| database.url.as_str())
    }

    /// The master key, in base64.
    pub(crate) fn master_key(&self) -> String {
        match &self.database {
            Some(database) => database.master_key.clone(),
            None => STANDARD.encode(std::fs::read(self.path().join("secrets/master.key")).expect("a master key")),
        }
    }

    fn made(database: Option<Database>) -> Self {
        let site = Self { folder: tempfile::tempdir().expect("a folder"), database };
        let mut create = site.command(&["admin", "create", "--email", ADMINISTRATOR.0, "--password-stdin"]);
        let mut child = create.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
        writeln!(child.stdin.take().expect("piped"), "{}", ADMINISTRATOR.1).expect("written");
        let output = child.wait_with_output().expect("ended");
        assert!(output.status.success(), "{}", said(&output));
        site
    }

    /// Runs a statement in the database, past the server; what it printed.
    pub(crate) fn sql(&self, statement: &str) -> String {
        let database = self.database.as_ref().expect("a database");
        let (_, name) = database.url.rsplit_once('/').expect("an address");
        test_postgres::shared().and_then(|server| server.sql(name, statement)).expect("the statement")
    }

    /// With an administrator and the built-in workshops.
    pub(crate) fn with_workshops_on(engine: Engine) -> Self {
        let site = Self::on(engine);
        let output = site.run(&["workshops", "import", concat!(env!("CARGO_MANIFEST_DIR"), "/workshops"), "--publish"]);
        assert!(output.status.success(), "{}", said(&output));
        site
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The binary with this data directory.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = binary();
        command.args(arguments).arg("--data-dir").arg(self.path());
        if let Some(Database { url, master_key }) = &self.database {
            // The tests' server does not flush, and there are many servers on it.
            command.env("NALABO_DATABASE_URL", url).env("NALABO_MASTER_KEY", master_key).env("NALABO_JOURNAL__UNSAFE_DURABILITY", "true");
        }
        command
    }

    /// The settings under which the stores are opened from within the tests.
    pub(crate) fn config(&self) -> Config {
        let mut config = Config { data_dir: self.path(), ..Config::default() };
        if let Some(Database { url, master_key }) = &self.database {
            let file = self.folder.path().join("master.key");
            std::fs::write(&file, STANDARD.decode(master_key).expect("base64")).expect("written");
            std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).expect("it is its owner's alone");
            config.database_url = Some(url.clone().into());
            config.journal.unsafe_durability = true;
            config.journal.master_key_file = Some(file);
        }
        config
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary runs")
    }

    /// What the journal holds, each event as the command line prints it.
    pub(crate) fn events(&self) -> Vec<serde_json::Value> {
        let output = self.run(&["events", "list", "--json"]);
        assert!(output.status.success(), "{}", said(&output));
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    pub(crate) fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// With settings, as variables of the environment.
    pub(crate) fn serve_with(&self, settings: &[(&str, &str)]) -> Server {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        Server::start(command.envs(settings.iter().copied()))
    }
}

/// A running server. Dropping it kills it.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    printed: Arc<Mutex<Vec<u8>>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts a command that prints where it serves, and waits until it has.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
        let printed = Arc::new(Mutex::new(Vec::new()));
        let (sender, found) = mpsc::channel();
        keep(child.stdout.take().expect("piped"), &printed, Some(sender));
        keep(child.stderr.take().expect("piped"), &printed, None);
        let Ok(address) = found.recv_timeout(PATIENCE) else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("the server did not start: {}", String::from_utf8_lossy(&printed.lock().expect("not poisoned")));
        };
        Self { child, address, printed }
    }

    pub(crate) fn client(&self) -> Client {
        Client::try_new(self.address).expect("a client")
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything that it has printed so far.
    pub(crate) fn printed(&self) -> String {
        String::from_utf8_lossy(&self.printed.lock().expect("not poisoned")).into_owned()
    }

    /// What follows `words` on a line that it prints, once it does.
    pub(crate) async fn line_with(&self, words: &str) -> String {
        let began = Instant::now();
        loop {
            let printed = self.printed();
            if let Some(rest) = printed.lines().find_map(|line| line.trim().strip_prefix(words)) {
                return rest.trim().to_owned();
            }
            assert!(began.elapsed() < PATIENCE, "{words} is not in {printed}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Asks it to end.
    pub(crate) fn terminate(&self) {
        let kill = Command::new("bash").args(["-c", &format!("kill -TERM {}", self.id())]).status().expect("bash");
        assert!(kill.success(), "{} has ended already", self.id());
    }

    /// Ends it from one moment to the next.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it was running");
        self.child.wait().expect("it has ended");
    }

    /// How it ends by itself, and after how long.
    pub(crate) fn wait(&mut self) -> (ExitStatus, Duration) {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return (status, began.elapsed());
            }
            assert!(began.elapsed() < PATIENCE, "it does not end; it printed {}", self.printed());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks it to end, and sees that it does so well.
    pub(crate) fn stop(mut self) {
        self.terminate();
        let (status, _) = self.wait();
        assert_eq!(status.code(), Some(0), "{}", self.printed());
    }
}

/// Keeps what comes out of a pipe, and tells the address that is in it.
fn keep(pipe: impl Read + Send + 'static, printed: &Arc<Mutex<Vec<u8>>>, found: Option<mpsc::Sender<SocketAddr>>) {
    let printed = Arc::clone(printed);
    thread::spawn(move || {
        let mut lines = BufReader::new(pipe);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            printed.lock().expect("not poisoned").extend_from_slice(&line);
            let text = String::from_utf8_lossy(&line);
            let address = SERVING.iter().find_map(|words| text.trim().strip_prefix(words)?.parse().ok());
            if let (Some(sender), Some(address)) = (&found, address) {
                let _ = sender.send(address); // Nobody waits for it any more if it came too late.
            }
            line.clear();
        }
    });
}

/// A file's or a folder's files, whatever they hold.
pub(crate) fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let entry = entry.expect("an entry");
            if entry.file_type().expect("a type").is_dir() { folders.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found
}
