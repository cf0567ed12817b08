//! What a program prints, for a key that is kept elsewhere.

use std::{
    io::{ErrorKind, Read},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

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
    let spawned = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = spawned.map_err(|error| format!("cannot be run: {error}"))?;
    let output = child.stdout.take().map(read);
    let status = match ended(&mut child, deadline) {
        Ok(Some(status)) => status,
        Ok(None) => return Err(late()),
        Err(error) => return Err(format!("cannot be waited for: {error}")),
    };
    if !status.success() {
        return Err(status.code().map_or_else(|| "was ended by a signal".to_owned(), |code| format!("failed with exit code {code}")));
    }
    let output = output.ok_or("has no output")?;
    // Something that it left running may hold its output.
    match output.recv_timeout(deadline.saturating_duration_since(Instant::now()).max(LOOK)) {
        Ok(Ok(printed)) => Ok(printed),
        Ok(Err(error)) => Err(format!("cannot be read: {error}")),
        Err(_) => Err(late()),
    }
}

/// How it ended; `None`, if it did not in time and was killed.
fn ended(child: &mut Child, deadline: Instant) -> std::io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(LOOK);
    }
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
