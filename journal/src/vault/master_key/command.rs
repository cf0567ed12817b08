//! What a program prints, for a key that is kept elsewhere.

use std::{
    io::{ErrorKind, Read},
    os::unix::process::CommandExt,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};
use zeroize::Zeroizing;

/// How much of what it prints is read. Two keys have 90 characters.
const LONGEST: usize = 1024;
/// How often it is looked at whether it has ended.
const LOOK: Duration = Duration::from_millis(5);

/// Runs a program, without a shell, and reads what it prints, if it ends well within the limit; otherwise what is wrong with it.
/// What it says on standard error goes nowhere: it may be the key.
pub(super) fn printed(program: &str, arguments: &[String], limit: Duration) -> Result<Zeroizing<Vec<u8>>, String> {
    let deadline = Instant::now() + limit;
    let late = || format!("did not end within {limit:?}");
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    // A group of its own, which ends with it if it hangs.
    let mut child = command.process_group(0).spawn().map_err(|error| format!("cannot be run: {error}"))?;
    let failed = |error: std::io::Error| format!("cannot be waited for: {error}");
    // Its output comes first: something that it left running may hold that, and its group has its number until it is waited for.
    let output = child.stdout.take().map(read);
    let printed = output.and_then(|output| output.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok());
    let Some(printed) = printed else {
        kill(&mut child).map_err(failed)?;
        return Err(late());
    };
    let Some(status) = ended(&mut child, deadline).map_err(failed)? else { return Err(late()) };
    if !status.success() {
        return Err(status.code().map_or_else(|| "was ended by a signal".to_owned(), |code| format!("failed with exit code {code}")));
    }
    printed.map_err(|error| format!("cannot be read: {error}"))
}

/// How it ended; `None`, if it did not in time and was killed.
fn ended(child: &mut Child, deadline: Instant) -> std::io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            kill(child)?;
            return Ok(None);
        }
        thread::sleep(LOOK);
    }
}

/// Together with all that it has started and that is in its group yet: that would hold its output, and whoever reads it here.
fn kill(child: &mut Child) -> std::io::Result<()> {
    kill_process_group(Pid::from_child(child), Signal::KILL)?;
    child.wait().map(drop)
}

/// Reads beside, since a program that prints more than a pipe holds does not end before somebody does.
fn read(mut output: ChildStdout) -> mpsc::Receiver<std::io::Result<Zeroizing<Vec<u8>>>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        // As long as it ever gets: growing would leave a copy behind.
        let (mut printed, mut length) = (Zeroizing::new(vec![0; LONGEST]), 0);
        let read = loop {
            match output.read(&mut printed[length..]) {
                Ok(0) => break Ok(()),
                Ok(more) => length += more,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
        };
        printed.truncate(length);
        let _ = sender.send(read.map(|()| printed)); // Nobody waits for it any more if it came too late.
    });
    receiver
}
