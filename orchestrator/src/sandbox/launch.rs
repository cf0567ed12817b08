//! The commands that lead from the server into a level of a sandbox.
//!
//! Each is a chain of programs that replace one another: give up rights on the host, join the outer level's namespaces
//! as their owner, set limits, and for the learner's level join that as well.

use std::{
    path::PathBuf,
    process::Stdio,
    sync::{PoisonError, RwLock, RwLockReadGuard},
};

use super::{limits::Limits, options::SandboxOptions, programs::Programs};
use crate::driver::DriverError;

pub(super) const HOME: &str = "/home/learner";
const INSIDE_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Held for reading while a process is started, for writing while a descriptor exists that would be inherited.
static INHERITANCE: RwLock<()> = RwLock::new(());

/// No stray descriptor is inherited by what is started while this is held.
pub(super) fn starting() -> RwLockReadGuard<'static, ()> {
    INHERITANCE.read().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `open`, which makes descriptors that a process started meanwhile would inherit.
pub(super) fn alone<T>(open: impl FnOnce() -> T) -> T {
    let _guard = INHERITANCE.write().unwrap_or_else(PoisonError::into_inner);
    open()
}

/// A program and its arguments.
#[derive(Clone, Debug)]
pub(super) struct Argv(pub(super) Vec<String>);

impl Argv {
    pub(super) fn then<S: Into<String>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.0.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// A shell script of ours. `name` is what the shell calls itself in messages.
    pub(super) fn script(self, bash: &str, text: &str, name: &str) -> Self {
        self.then([bash, "--norc", "--noprofile", "-c", text, name])
    }

    /// The same for tokio, with pipes on all three and nothing of the server's environment.
    pub(super) fn command(&self) -> tokio::process::Command {
        let mut command = tokio::process::Command::from(self.blocking());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The same for the standard library, with nothing of the server's environment.
    pub(super) fn blocking(&self) -> std::process::Command {
        let mut command = std::process::Command::new(&self.0[0]);
        command.args(&self.0[1..]).env_clear().envs(environment()).current_dir("/");
        command
    }

    /// Starts it.
    ///
    /// # Errors
    /// `Transient`, naming the program.
    pub(super) fn spawn(&self) -> Result<tokio::process::Child, DriverError> {
        let _guard = starting();
        self.command().spawn().map_err(|error| DriverError::Transient(format!("{} could not be started: {error}", self.0[0])))
    }
}

/// Whoever started the server may have left descriptors open in it. `$1`: a cgroup to join, or nothing.
const HOST: &str = r#"
for open in /proc/self/fd/*; do fd=${open##*/}; ((fd > 2)) && exec {fd}>&-; done
[[ -z $1 ]] || echo $$ >"$1/cgroup.procs" || exit
shift
exec "$@"
"#;

/// The whole environment of every process inside.
pub(super) fn environment() -> [(&'static str, &'static str); 3] {
    [("PATH", INSIDE_PATH), ("HOME", HOME), ("LANG", "C.UTF-8")]
}

/// Makes the chains for one sandbox.
#[derive(Clone, Debug)]
pub(super) struct Launch {
    pub(super) programs: Programs,
    /// To change to, if the server is root.
    pub(super) uid: Option<u32>,
    /// To join first, if the operator delegated one.
    pub(super) cgroup: Option<PathBuf>,
}

impl Launch {
    /// On the host, with nothing but the sandbox's user id.
    pub(super) fn host(&self) -> Argv {
        let cgroup = self.cgroup.as_ref().map(|cgroup| cgroup.to_string_lossy()).unwrap_or_default();
        let mut argv = Argv(Vec::new()).script(&self.programs.bash, HOST, "host").then([cgroup]);
        argv = argv.then([self.programs.setpriv.as_str(), "--no-new-privs", "--inh-caps=-all"]);
        if let Some(uid) = self.uid {
            argv = argv.then([format!("--reuid={uid}"), format!("--regid={uid}"), "--clear-groups".to_owned()]);
        }
        argv.then([self.programs.nice.as_str(), "-n", "10"])
    }

    /// In the outer level, with all rights over it.
    pub(super) fn outer(&self, outer: u32) -> Argv {
        let namespaces = ["-U", "-m", "-p", "-n", "-i", "-u", "--preserve-credentials", "--"];
        self.host().then([self.programs.nsenter.as_str(), "-t", &outer.to_string()]).then(namespaces)
    }

    /// In the outer level, limited: where checks run. The one capability left, over that level only, is what the kernel wants of a
    /// user 0 who makes a user namespace (`learner COMMAND`); files with capabilities give none here.
    pub(super) fn check(&self, outer: u32, limits: &Limits) -> Argv {
        let limited = self.outer(outer).then(["prlimit"]).then(limits.prlimit(limits.all_processes()));
        limited.then(["setpriv", "--bounding-set=-all,+setfcap", "--inh-caps=-all", "--ambient-caps=-all"])
    }

    /// In the learner's level, limited. `inner` is the number its first process has in the outer level.
    pub(super) fn learner(&self, outer: u32, inner: u32, limits: &Limits) -> Argv {
        let limited = self.outer(outer).then(["prlimit"]).then(limits.prlimit(limits.processes));
        limited.then(["nsenter", "-t", &inner.to_string(), "-U", "-m", "-p", "--preserve-credentials", "--"])
    }

    /// In the PID namespace of process `target` and the outer user namespace, with no limit on processes: to kill.
    pub(super) fn killer(&self, outer: u32, target: u32) -> Argv {
        let user = format!("--user=/proc/{outer}/ns/user");
        let pid = format!("--pid=/proc/{target}/ns/pid");
        let enter = [self.programs.nsenter.as_str(), &user, &pid, "--preserve-credentials", "--"];
        self.host().then(enter).script(&self.programs.bash, "kill -9 -1", "kill")
    }
}

/// What every level shows of the host: programs and libraries, read-only.
pub(super) fn base(options: &SandboxOptions) -> Vec<String> {
    let mut arguments: Vec<String> = ["--ro-bind", "/usr", "/usr"].map(str::to_owned).into();
    for name in ["bin", "sbin", "lib", "lib32", "lib64", "libx32"] {
        let path = format!("/{name}");
        match std::fs::read_link(&path) {
            Ok(target) => arguments.extend(["--symlink".to_owned(), target.to_string_lossy().into_owned(), path]),
            Err(_) => arguments.extend(["--ro-bind-try".to_owned(), path.clone(), path]),
        }
    }
    for path in &options.read_only {
        let path = path.to_string_lossy().into_owned();
        arguments.extend(["--ro-bind".to_owned(), path.clone(), path]);
    }
    arguments
}

/// Parts of `/etc` that programs need and that tell nothing.
const ETC: [&str; 7] = ["alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "ssl/certs", "ssl/openssl.cnf"];

fn directories(paths: &[&str]) -> Vec<String> {
    paths.iter().flat_map(|path| ["--perms", "0755", "--dir", path]).map(str::to_owned).collect()
}

fn tmpfs(path: &str, mode: &str, size: u64) -> Vec<String> {
    ["--perms", mode, "--size", &size.to_string(), "--tmpfs", path].map(str::to_owned).into()
}

fn strings<const N: usize>(arguments: [&str; N]) -> Vec<String> {
    arguments.map(str::to_owned).into()
}

/// bwrap's arguments for the outer level. Inside it is user 0, without capabilities, so that it may join what is nested in it.
pub(super) fn outer_arguments(options: &SandboxOptions, limits: &Limits) -> Vec<String> {
    let mut arguments = strings(["--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]);
    arguments.extend(strings(["--unshare-cgroup-try", "--uid", "0", "--gid", "0", "--cap-drop", "ALL", "--as-pid-1", "--new-session"]));
    arguments.extend(strings(["--hostname", "workshop", "--clearenv"]));
    arguments.extend(environment().into_iter().flat_map(|(name, value)| ["--setenv", name, value]).map(str::to_owned));
    arguments.extend(base(options));
    arguments.extend(directories(&["/etc", "/etc/ssl", "/home", "/run", "/run/learner", "/run/learner/etc", "/run/learner/etc/ssl"]));
    for etc in ["/etc", "/run/learner/etc"] {
        arguments.extend(ETC.iter().flat_map(|name| ["--ro-bind-try".to_owned(), format!("/etc/{name}"), format!("{etc}/{name}")]));
    }
    arguments.extend(strings(["--proc", "/proc", "--dev", "/dev"]));
    arguments.extend(tmpfs("/dev/shm", "1777", limits.shared_memory()));
    arguments.extend(strings(["--remount-ro", "/dev"]));
    arguments.extend(tmpfs(HOME, "0755", limits.home));
    arguments.extend(tmpfs("/tmp", "1777", limits.temporary()));
    arguments.extend(tmpfs("/run/check", "0700", limits.temporary()));
    arguments.extend(strings(["--chdir", "/"]));
    arguments
}

/// bwrap's arguments for a learner's level, as seen from the outer one.
pub(super) fn learner_arguments(options: &SandboxOptions) -> Vec<String> {
    let mut arguments = strings(["--unshare-user", "--unshare-pid", "--disable-userns", "--uid", "1000", "--gid", "1000"]);
    arguments.extend(strings(["--cap-drop", "ALL", "--new-session"]));
    arguments.extend(base(options));
    arguments.extend(directories(&["/home"]));
    arguments.extend(strings(["--ro-bind", "/run/learner/etc", "/etc", "--proc", "/proc", "--dev", "/dev"]));
    for place in ["/dev/shm", HOME, "/tmp"] {
        arguments.extend(strings(["--bind", place, place]));
    }
    arguments.extend(strings(["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", HOME]));
    arguments
}
