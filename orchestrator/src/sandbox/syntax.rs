//! Telling authors whether a script parses, without running it.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use super::{
    launch::{self, Launch},
    options::SandboxOptions,
};

/// The largest script that is looked at, in bytes.
pub const LONGEST_SCRIPT: usize = 256 * 1024;

const DEADLINE: Duration = Duration::from_secs(10);
const MESSAGE: u64 = 2048;

/// Bash's opinion of `script`, from a throw-away level without network, home or a single file of the host's.
pub(super) async fn parses(launch: &Launch, options: &SandboxOptions, script: &str) -> Result<(), String> {
    if script.len() > LONGEST_SCRIPT {
        return Err(format!("the script has {} bytes; at most {LONGEST_SCRIPT} are looked at", script.len()));
    }
    if script.contains('\0') {
        return Err("the script holds a NUL character".to_owned());
    }
    let limits = ["--data=268435456", "--cpu=5", "--fsize=0", "--nofile=64", "--core=0"];
    let argv = launch.host().then([launch.programs.prlimit.as_str()]).then(limits).then(["bwrap", "--unshare-all", "--die-with-parent"]);
    let argv = argv.then(launch::base(options)).then(["--remount-ro", "/", "--", "bash", "--norc", "--noprofile", "-n"]);
    let mut command = argv.command();
    command.kill_on_drop(true);
    let spawned = {
        let _guard = launch::starting();
        command.spawn()
    };
    let mut child = spawned.map_err(|error| format!("the script could not be looked at: {error}"))?;
    let (Some(mut stdin), Some(stderr)) = (child.stdin.take(), child.stderr.take()) else {
        return Err("the script could not be looked at".to_owned());
    };
    let mut message = Vec::new();
    let write = async move {
        let _ = stdin.write_all(script.as_bytes()).await;
    };
    let mut stderr = stderr.take(MESSAGE);
    let finished = timeout(DEADLINE, async {
        let ((), _) = tokio::join!(write, stderr.read_to_end(&mut message));
        child.wait().await
    });
    match finished.await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(_)) => Err(String::from_utf8_lossy(&message).trim().to_owned()),
        Ok(Err(error)) => Err(format!("the script could not be looked at: {error}")),
        Err(_) => Err("the script took too long to parse".to_owned()),
    }
}
