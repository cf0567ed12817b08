//! Terminals: a pseudo-terminal of the host whose other end is a shell in the learner's level.

use std::{
    io::{Read, Write},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc, oneshot},
    time::{sleep, timeout},
};

use super::{
    launch::{Argv, alone, environment},
    live::{Live, snapshot},
    processes::ProcessKey,
};
use crate::driver::{DriverError, Terminal, TerminalInput, TerminalSize};

/// Chunks that wait for the learner's browser; when they are all taken the shell waits.
const OUTPUT_CHUNKS: usize = 32;
const CHUNK: usize = 4096;
const INPUT_CHUNKS: usize = 32;

/// How long programs may take to end after the hang-up before they are killed.
const GRACE: Duration = Duration::from_millis(500);

const ROUND: Duration = Duration::from_millis(10);

/// The first lines give the shell the terminal as its own: it was opened outside of its PID namespace.
const SHELL: &str = "umask 022; cd; exec setsid --ctty bash --login";
const PROMPT: &str = r"\[\e[1;32m\]\u@\h\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ ";

/// Opens a shell. `permit` is given back when it has ended.
///
/// # Errors
/// `Transient` if the host has no terminal or thread left.
pub(super) fn open(live: Arc<Live>, size: TerminalSize, permit: OwnedSemaphorePermit) -> Result<Terminal, DriverError> {
    let (master, child) = alone(|| spawn(&live, size)).map_err(|error| fault(&error))?;
    let reader = master.try_clone_reader().map_err(|error| fault(&error))?;
    let writer = master.take_writer().map_err(|error| fault(&error))?;
    let (output, output_receiver) = mpsc::channel(OUTPUT_CHUNKS);
    let (input, input_receiver) = mpsc::channel(INPUT_CHUNKS);
    let (reading, read) = oneshot::channel::<()>();
    let (writing, written) = oneshot::channel::<()>();
    let starter = child.process_id().unwrap_or_default();
    let watched = output.clone();
    // Kept until the session is known: with its last descriptor the kernel hangs up, and then there is no shell to find it by.
    let master = Arc::new(Mutex::new(master));
    let sized = Arc::clone(&master);
    in_thread("terminal-output", move || {
        copy(reader, &watched);
        drop(reading);
    })?;
    in_thread("terminal-input", move || {
        type_in(input_receiver, writer, &sized);
        drop(writing);
    })?;
    tokio::spawn(async move {
        tokio::select! {
            _ = read => (),
            _ = written => (),
            () = output.closed() => (),
        }
        drop(output);
        hang_up(&live, starter, child).await;
        drop((master, permit));
    });
    Ok(Terminal { output: output_receiver, input })
}

type Opened = (Box<dyn MasterPty + Send>, Box<dyn Child + Send + Sync>);

fn spawn(live: &Live, size: TerminalSize) -> Result<Opened, Box<dyn std::error::Error + Send + Sync>> {
    let pair = native_pty_system().openpty(pty_size(size))?;
    // Bash makes the terminal its own if it leads a session, and then the learner's shell could not. So something else leads.
    let leader = Argv(vec![live.outer.launch.programs.timeout.clone(), "--foreground".to_owned(), "0".to_owned()]);
    let argv = leader.then(live.learner().script("bash", SHELL, "terminal").0);
    let mut command = CommandBuilder::from_argv(argv.0.into_iter().map(Into::into).collect());
    command.env_clear();
    for (name, value) in environment().into_iter().chain([("TERM", "xterm-256color"), ("PS1", PROMPT), ("SHELL", "/bin/bash")]) {
        command.env(name, value);
    }
    command.cwd("/");
    command.set_controlling_tty(false);
    Ok((pair.master, pair.slave.spawn_command(command)?))
}

fn in_thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), DriverError> {
    thread::Builder::new().name(name.to_owned()).spawn(work).map(drop).map_err(|error| fault(&error))
}

/// Until the shell has ended or nobody reads.
fn copy(mut reader: Box<dyn Read + Send>, output: &mpsc::Sender<Vec<u8>>) {
    let mut buffer = [0; CHUNK];
    while let Ok(length) = reader.read(&mut buffer) {
        if length == 0 || output.blocking_send(buffer[..length].to_vec()).is_err() {
            return;
        }
    }
}

/// Until nobody types or the shell takes no more.
fn type_in(mut input: mpsc::Receiver<TerminalInput>, mut writer: Box<dyn Write + Send>, master: &Mutex<Box<dyn MasterPty + Send>>) {
    while let Some(typed) = input.blocking_recv() {
        let done = match typed {
            TerminalInput::Bytes(bytes) => writer.write_all(&bytes).is_ok(),
            TerminalInput::Resize(size) => master.lock().unwrap_or_else(PoisonError::into_inner).resize(pty_size(size)).is_ok(),
        };
        if !done {
            return;
        }
    }
}

/// Ends the shell's session: by a hang-up, and what does not heed it by force.
async fn hang_up(live: &Live, starter: u32, mut child: Box<dyn Child + Send + Sync>) {
    let mut belongings = known(live, starter);
    live.signal("HUP", &belongings).await;
    let heeded = timeout(GRACE, async {
        while belongings.iter().any(|process| process.is_alive()) {
            sleep(ROUND).await;
        }
    });
    let _ = heeded.await;
    live.kill(&belongings).await;
    // A shell that was still on its way into the sandbox was not seen above; it ends when it gets there.
    while live.is_whole() && matches!(child.try_wait(), Ok(None)) {
        belongings = known(live, starter);
        live.kill(&belongings).await;
        sleep(ROUND).await;
    }
    // By now its end is at hand; on a thread, because the wait blocks.
    let _ = tokio::task::spawn_blocking(move || child.wait()).await;
}

fn known(live: &Live, starter: u32) -> Vec<ProcessKey> {
    snapshot().map(|snapshot| live.stemming_from(&snapshot, starter)).unwrap_or_default()
}

fn pty_size(size: TerminalSize) -> PtySize {
    PtySize { rows: size.rows.max(1), cols: size.columns.max(1), pixel_width: 0, pixel_height: 0 }
}

fn fault(error: &dyn std::fmt::Display) -> DriverError {
    DriverError::Transient(format!("a terminal could not be opened: {error}"))
}
