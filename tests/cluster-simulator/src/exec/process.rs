//! Programs without a terminal.

use std::{
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{ChildStdin, Command},
    sync::mpsc,
    time::timeout,
};

use super::{
    Program,
    channels::{Input, Outcome, STDERR, STDOUT},
    kill,
};

const CHUNK: usize = 16 << 10;
/// How long what a program left behind may hold its output after its end.
const REST: Duration = Duration::from_secs(2);
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Kills the program if nobody waits for its end any more.
struct Leash(Option<u32>);

impl Drop for Leash {
    fn drop(&mut self) {
        kill(self.0.take());
    }
}

/// The variables of a program, the later of the same name having their way.
pub(super) fn variables(program: &Program, home: &str) -> Vec<(String, String)> {
    let mut all = vec![("PATH".to_owned(), PATH.to_owned()), ("HOME".to_owned(), home.to_owned())];
    all.extend(program.environment.iter().cloned());
    all
}

/// `None` if the client went first.
pub(super) async fn run(program: &Program, inputs: mpsc::Receiver<Input>, output: mpsc::Sender<(u8, Vec<u8>)>) -> Option<Outcome> {
    let (argv, directory, home) = program.room.command(&program.argv, false);
    let pipe = |wanted| if wanted { Stdio::piped() } else { Stdio::null() };
    let variables = variables(program, &home);
    let mut command = Command::new(located(&argv[0], &variables));
    command.args(&argv[1..]).current_dir(directory).env_clear().envs(variables).process_group(0).kill_on_drop(true);
    command.stdin(pipe(program.streams.stdin)).stdout(pipe(program.streams.stdout)).stderr(pipe(program.streams.stderr));
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return Some(Outcome::Failed(format!("exec: \"{}\": {error}", program.argv[0]))),
    };
    let leash = Leash(child.id());
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let mut outputs = tokio::spawn(async move { tokio::join!(copy(stdout, STDOUT, output.clone()), copy(stderr, STDERR, output)) });
    let mut inputs = std::pin::pin!(feed(inputs, stdin));
    let mut client_left = false;
    let status = loop {
        tokio::select! {
            status = child.wait() => break Some(status),
            left = &mut inputs, if !client_left => {
                client_left = true;
                if left {
                    break None;
                }
            }
        }
    };
    let outcome = match status {
        Some(Ok(status)) => Some(Outcome::Exit(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default()))),
        Some(Err(error)) => Some(Outcome::Failed(error.to_string())),
        None => None,
    };
    if outcome.is_some() {
        let _ = timeout(REST, &mut outputs).await;
    }
    outputs.abort();
    drop(leash);
    outcome
}

/// A program by its path, if there is one on the `PATH` it gets: found by its name it would be started by way of a copy of this
/// process, which takes the longer the larger this is.
fn located(program: &str, variables: &[(String, String)]) -> PathBuf {
    let path = variables.iter().rfind(|(name, _)| name == "PATH").map_or("", |(_, path)| path);
    let mut candidates = path.split(':').filter(|_| !program.contains('/')).map(|folder| Path::new(folder).join(program));
    candidates.find(|candidate| candidate.is_file()).unwrap_or_else(|| program.into())
}

async fn copy(source: Option<impl AsyncRead + Unpin>, channel: u8, output: mpsc::Sender<(u8, Vec<u8>)>) {
    let Some(mut source) = source else { return };
    let mut buffer = vec![0; CHUNK];
    while let Ok(length) = source.read(&mut buffer).await {
        if length == 0 || output.send((channel, buffer[..length].to_vec())).await.is_err() {
            return;
        }
    }
}

/// Until the client goes: then true.
async fn feed(mut inputs: mpsc::Receiver<Input>, mut stdin: Option<ChildStdin>) -> bool {
    while let Some(input) = inputs.recv().await {
        match input {
            Input::Bytes(bytes) => {
                let taken = match &mut stdin {
                    Some(stdin) => stdin.write_all(&bytes).await.is_ok(),
                    None => true,
                };
                if !taken {
                    stdin = None;
                }
            }
            Input::End => stdin = None,
            Input::Size(..) => {}
        }
    }
    true
}
