//! A server that lives as long as its owner.

use std::{
    io::ErrorKind,
    net::TcpListener,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_mins(1);
/// Where distributions put the server's programs, beside the search path.
const PLACES: [&str; 3] = ["/usr/lib/postgresql", "/usr/pgsql-", "/usr/libexec/postgresql"];

/// How a server is set up.
#[derive(Clone, Debug, Default)]
pub struct ServerOptions {
    /// More lines of `postgresql.conf`, such as `wal_level=replica`.
    pub settings: Vec<String>,
    /// Flushes to disk as in production. Tests that do not pull the plug are faster without.
    pub durable: bool,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    address: String,
    process: Option<Process>,
}

#[derive(Debug)]
struct Process {
    /// A shell that ends the server when its standard input closes, as it does whenever its owner ends, and then clears up if
    /// the owner did not live to do so.
    keeper: Child,
    folder: TempDir,
    programs: PathBuf,
    port: u16,
    settings: Vec<String>,
}

impl Server {
    /// One that runs already.
    ///
    /// # Errors
    /// It does not answer.
    pub fn at(url: &str) -> Result<Self, String> {
        let server = Self { address: url.trim_end_matches('/').to_owned(), process: None };
        server.sql("postgres", "SELECT 1")?;
        Ok(server)
    }

    /// A new one, in a folder of its own.
    ///
    /// # Errors
    /// What is missing, in one line.
    pub fn start(options: &ServerOptions) -> Result<Self, String> {
        Self::start_on(options, |data| {
            let init = Self::command("initdb")?
                .args(["--auth=trust", "--username=nalabo", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata"])
                .arg(data)
                .output();
            succeed("initdb", init).map(drop)
        })
    }

    /// A new one that follows this one as its physical standby, under the name `standby`. Only for one that was started here.
    ///
    /// # Errors
    /// What is missing, in one line.
    pub fn standby(&self, options: &ServerOptions) -> Result<Self, String> {
        let port = self.port().ok_or("a standby is of a server that was started here")?;
        Self::start_on(options, |data| {
            let copied = Self::command("pg_basebackup")?
                .args(["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync", "--pgdata"])
                .arg(data)
                .args(["--dbname", &format!("host=127.0.0.1 port={port} user=nalabo application_name=standby")])
                .output();
            succeed("pg_basebackup", copied).map(drop)
        })
    }

    /// A new one, on a data directory that `fill` makes of an empty folder, such as by a base backup of another.
    ///
    /// # Errors
    /// What is missing, in one line, or what `fill` says.
    pub fn start_on(options: &ServerOptions, fill: impl FnOnce(&Path) -> Result<(), String>) -> Result<Self, String> {
        let (programs, folder) = (programs()?, empty_folder()?);
        let data = folder.path().join("data");
        fill(&data)?;
        let port = free_port()?;
        let mut settings = vec![
            format!("port={port}"),
            "listen_addresses=127.0.0.1".to_owned(),
            "unix_socket_directories=".to_owned(),
            "max_connections=200".to_owned(),
            "shared_buffers=128MB".to_owned(),
            "min_wal_size=32MB".to_owned(),
        ];
        if !options.durable {
            settings.push("fsync=off".to_owned());
        }
        settings.extend(options.settings.iter().cloned());
        let keeper = keep(&programs, &data, &settings)?;
        let process = Process { keeper, folder, programs, port, settings };
        let server = Self { address: format!("postgres://nalabo@127.0.0.1:{port}"), process: Some(process) };
        server.wait()?;
        Ok(server)
    }

    /// One of the programs that come with a server, or any other, run as the user that servers run as: what it writes, they
    /// can read.
    ///
    /// # Errors
    /// There are none.
    pub fn command(program: &str) -> Result<Command, String> {
        let path = programs()?.join(program);
        server_command(if path.exists() { &path } else { Path::new(program) })
    }

    /// The folder of the programs that come with a server, such as `pg_dump`.
    ///
    /// # Errors
    /// There is none.
    pub fn programs() -> Result<PathBuf, String> {
        programs()
    }

    /// The address of one of its databases.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.address)
    }

    /// A new, empty database: its address.
    ///
    /// # Errors
    /// What the server said.
    pub fn create_database(&self) -> Result<String, String> {
        self.copy_database("template0")
    }

    /// A new database with what there is in another, which nobody is connected to: its address.
    ///
    /// # Errors
    /// What the server said.
    pub fn copy_database(&self, template: &str) -> Result<String, String> {
        let name = format!("test_{}", Uuid::new_v4().simple());
        self.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE {template}"))?;
        Ok(self.url(&name))
    }

    /// Runs a statement by `psql`, and returns what it printed, without headers.
    ///
    /// # Errors
    /// What the server said.
    pub fn sql(&self, database: &str, statement: &str) -> Result<String, String> {
        let psql = programs().map_or_else(|_| PathBuf::from("psql"), |programs| programs.join("psql"));
        let output =
            Command::new(psql).args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement, &self.url(database)]).output();
        succeed("psql", output).map(|text| text.trim_end().to_owned())
    }

    /// Kills every process of the server at once, as a loss of power would, and leaves it down. Only for one that was started here.
    ///
    /// # Panics
    /// If it was not started here.
    pub fn kill(&mut self) {
        let process = self.process.as_mut().expect("a server that was started here");
        let pid = std::fs::read_to_string(process.folder.path().join("data/postmaster.pid")).expect("the server's process id");
        let pid = pid.lines().next().expect("a process id").to_owned();
        let children = Command::new("pgrep").args(["-P", &pid]).output().expect("pgrep");
        let children = String::from_utf8_lossy(&children.stdout).into_owned();
        let all: Vec<&str> = std::iter::once(pid.as_str()).chain(children.split_whitespace()).collect();
        let _ = Command::new("kill").arg("-9").args(&all).stderr(Stdio::null()).status();
        let _ = process.keeper.wait();
    }

    /// Starts it again after [`Server::kill`] or [`Server::stop`], at the same address, and waits until it answers.
    ///
    /// # Panics
    /// If it was not started here, or does not start.
    pub fn restart(&mut self) {
        let process = self.process.as_mut().expect("a server that was started here");
        let data = process.folder.path().join("data");
        let begun = Instant::now();
        loop {
            // Processes of the killed one may hold its memory for a moment.
            process.keeper = keep(&process.programs, &data, &process.settings).expect("a server");
            std::thread::sleep(Duration::from_millis(300));
            if process.keeper.try_wait().expect("its state").is_none() || begun.elapsed() > PATIENCE {
                break;
            }
        }
        self.wait().expect("a server that answers");
    }

    /// Ends it in order, and leaves it down. Only for one that was started here.
    ///
    /// # Panics
    /// If it was not started here.
    pub fn stop(&mut self) {
        let process = self.process.as_mut().expect("a server that was started here");
        drop(process.keeper.stdin.take());
        let _ = process.keeper.wait();
    }

    /// The port it listens at, if it was started here.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.process.as_ref().map(|process| process.port)
    }

    /// Its data directory, if it was started here.
    #[must_use]
    pub fn data(&self) -> Option<PathBuf> {
        self.process.as_ref().map(|process| process.folder.path().join("data"))
    }

    fn wait(&self) -> Result<(), String> {
        let begun = Instant::now();
        loop {
            match self.sql("postgres", "SELECT 1") {
                Ok(_) => return Ok(()),
                Err(why) if begun.elapsed() > PATIENCE => {
                    return Err(format!("the server does not answer: {why}; it says: {}", self.log()));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    fn log(&self) -> String {
        let log = self.process.as_ref().map(|process| process.folder.path().join("data/log"));
        log.and_then(|log| std::fs::read_to_string(log).ok()).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.stop();
        }
    }
}

/// A folder with an empty one in it, `data`, which is the server's alone.
fn empty_folder() -> Result<TempDir, String> {
    let folder = tempfile::Builder::new().prefix("nalabo-postgres-").tempdir().map_err(|error| error.to_string())?;
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).map_err(|error| error.to_string())?;
    let data = folder.path().join("data");
    std::fs::create_dir(&data).map_err(|error| error.to_string())?;
    std::fs::set_permissions(&data, PermissionsExt::from_mode(0o700)).map_err(|error| error.to_string())?;
    if let Some((uid, gid)) = unprivileged()? {
        for path in [folder.path(), &data] {
            std::os::unix::fs::chown(path, Some(uid), Some(gid)).map_err(|error| error.to_string())?;
        }
    }
    Ok(folder)
}

/// Starts the server under a shell that waits for its standard input to end, and then ends the server.
fn keep(programs: &Path, data: &Path, settings: &[String]) -> Result<Child, String> {
    // What a shell runs in the background reads nothing, hence the third descriptor.
    const SCRIPT: &str = r#"exec 3<&0; data=$1; shift; "$@" </dev/null >"$data/log" 2>&1 3<&- & server=$!
        (read -r _ <&3; while kill -INT $server 2>/dev/null; do sleep 0.2; done) & watch=$!
        exec 3<&-; wait $server; kill $watch 2>/dev/null
        if [ ! -d "/proc/$PPID" ]; then cd / && rm -rf "${data%/data}"; fi"#;
    let mut command = server_command(Path::new("sh"))?;
    command.args(["-c", SCRIPT, "sh"]).arg(data).arg(programs.join("postgres")).arg("-D").arg(data);
    for setting in settings {
        command.arg("-c").arg(setting);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.current_dir(data).spawn().map_err(|error| format!("cannot start postgres: {error}"))
}

/// A command that is never run as root: `setpriv` drops to an ordinary user first.
fn server_command(program: &Path) -> Result<Command, String> {
    Ok(match unprivileged()? {
        None => Command::new(program),
        Some((uid, gid)) => {
            let mut command = Command::new("setpriv");
            command.arg(format!("--reuid={uid}")).arg(format!("--regid={gid}")).args(["--clear-groups", "--"]).arg(program);
            command
        }
    })
}

/// As root: the user the server runs as.
fn unprivileged() -> Result<Option<(u32, u32)>, String> {
    if std::fs::metadata("/proc/self").map_err(|error| error.to_string())?.uid() != 0 {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd").map_err(|error| error.to_string())?;
    let ids = |name: &str| {
        let mut fields = users.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?.split(':').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    ids("postgres").or_else(|| ids("nobody")).map(Some).ok_or_else(|| "neither a user postgres nor nobody to run the server as".into())
}

/// The folder of the newest server's programs.
fn programs() -> Result<PathBuf, String> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for place in PLACES {
        let (folder, prefix) = if place.ends_with('-') { ("/usr", "pgsql-") } else { (place, "") };
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let version = entry.file_name().to_str().and_then(|name| name.strip_prefix(prefix)).and_then(|name| name.parse().ok());
            if let Some(version) = version.filter(|_| entry.path().join("bin/initdb").exists()) {
                found.push((version, entry.path().join("bin")));
            }
        }
    }
    let on_path = || std::env::split_paths(&std::env::var_os("PATH")?).find(|folder| folder.join("initdb").exists());
    let newest = found.into_iter().max_by_key(|(version, _)| *version).map(|(_, folder)| folder);
    newest.or_else(on_path).ok_or_else(|| "initdb is not installed (package postgresql)".into())
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
    Ok(listener.local_addr().map_err(|error| error.to_string())?.port())
}

fn succeed(program: &str, output: std::io::Result<std::process::Output>) -> Result<String, String> {
    match output {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim())),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(format!("{program} is not installed (package postgresql)")),
        Err(error) => Err(format!("{program}: {error}")),
    }
}

#[cfg(test)]
mod tests;
