//! Programs with a terminal.

use std::{
    io::{Read, Write},
    thread,
};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use tokio::sync::{mpsc, oneshot};

use super::{
    Program,
    channels::{Input, Outcome, STDOUT},
    kill,
    process::variables,
};

const CHUNK: usize = 4096;
const COLUMNS: u16 = 80;
const ROWS: u16 = 24;

/// Kills the program if nobody waits for its end any more.
struct Leash(Option<u32>);

impl Drop for Leash {
    fn drop(&mut self) {
        kill(self.0.take());
    }
}

/// `None` if the client went first.
pub(super) async fn run(program: &Program, inputs: mpsc::Receiver<Input>, output: mpsc::Sender<(u8, Vec<u8>)>) -> Option<Outcome> {
    match open(program) {
        Err(error) => Some(Outcome::Failed(format!("exec: \"{}\": {error}", program.argv[0]))),
        Ok(Opened { master, mut child, reader, writer }) => {
            let leash = Leash(child.process_id());
            let (ended, end) = oneshot::channel();
            thread::spawn(move || copy(reader, &output));
            thread::spawn(move || {
                let code = child.wait().map(|status| i32::try_from(status.exit_code()).unwrap_or(1));
                drop(ended.send(code));
            });
            tokio::select! {
                code = end => {
                    // With the last descriptor of the terminal the reader comes to its end.
                    drop(leash);
                    Some(code.map_or_else(|error| Outcome::Failed(error.to_string()), |code| {
                        code.map_or_else(|error| Outcome::Failed(error.to_string()), Outcome::Exit)
                    }))
                }
                () = type_in(inputs, master, writer) => None,
            }
        }
    }
}

struct Opened {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    reader: Box<dyn Read + Send>,
    writer: Box<dyn Write + Send>,
}

fn open(program: &Program) -> Result<Opened, Box<dyn std::error::Error + Send + Sync>> {
    let pair = native_pty_system().openpty(size(COLUMNS, ROWS))?;
    let (argv, directory, home) = program.room.command(&program.argv, true);
    let mut command = CommandBuilder::from_argv(argv.into_iter().map(Into::into).collect());
    command.env_clear();
    command.env("TERM", "xterm");
    for (name, value) in variables(program, &home) {
        command.env(name, value);
    }
    command.cwd(directory);
    // In the sandbox the program takes it, because process groups from outside have no numbers there.
    command.set_controlling_tty(!program.room.is_sandboxed);
    let child = pair.slave.spawn_command(command)?;
    Ok(Opened { reader: pair.master.try_clone_reader()?, writer: pair.master.take_writer()?, master: pair.master, child })
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows: rows.max(1), cols: columns.max(1), pixel_width: 0, pixel_height: 0 }
}

/// Until the terminal is closed or nobody reads.
fn copy(mut reader: Box<dyn Read + Send>, output: &mpsc::Sender<(u8, Vec<u8>)>) {
    let mut buffer = [0; CHUNK];
    while let Ok(length) = reader.read(&mut buffer) {
        if length == 0 || output.blocking_send((STDOUT, buffer[..length].to_vec())).is_err() {
            return;
        }
    }
}

/// Until the client goes.
async fn type_in(mut inputs: mpsc::Receiver<Input>, master: Box<dyn MasterPty + Send>, mut writer: Box<dyn Write + Send>) {
    while let Some(input) = inputs.recv().await {
        match input {
            Input::Bytes(bytes) => {
                // A program that reads nothing makes this wait, so it is done aside.
                let typed = tokio::task::spawn_blocking(move || {
                    let done = writer.write_all(&bytes).and_then(|()| writer.flush());
                    (writer, done)
                });
                let Ok((back, Ok(()))) = typed.await else { return };
                writer = back;
            }
            Input::Size(columns, rows) => drop(master.resize(size(columns, rows))),
            Input::End => {
                let Ok((back, Ok(()))) = tokio::task::spawn_blocking(move || {
                    // End of transmission, as a keyboard sends it.
                    let done = writer.write_all(&[4]).and_then(|()| writer.flush());
                    (writer, done)
                })
                .await
                else {
                    return;
                };
                writer = back;
            }
        }
    }
}
