//! Terminals: a shell in the learner's container.

use futures_util::SinkExt;
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api,
    api::{AttachedProcess, TerminalSize as Size},
};
use orchestrator::driver::{DriverError, Terminal, TerminalInput, TerminalSize};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::{OwnedSemaphorePermit, mpsc},
};
use uuid::Uuid;

use super::process::{attended, bash, start, sweep};
use crate::desired::LEARNER;

/// Chunks that wait for the learner's browser; when they are all taken the shell waits.
const OUTPUT_CHUNKS: usize = 32;
const CHUNK: usize = 4096;
const INPUT_CHUNKS: usize = 32;

const PROMPT: &str = r"\[\e[1;32m\]\u@\h\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ ";
/// The size comes over the connection as well, but maybe after the first command.
const SHELL: &str = r#"umask 022; cd; stty cols "$1" rows "$2" 2>/dev/null; exec bash --login"#;

/// Opens a shell. `permit` is given back when it has ended.
///
/// # Errors
/// As the server says.
pub(crate) async fn open(pods: Api<Pod>, size: TerminalSize, permit: OwnedSemaphorePermit) -> Result<Terminal, DriverError> {
    let mark = Uuid::new_v4();
    let marked = mark.simple().to_string();
    let variables = [("TERM", "xterm-256color"), ("PS1", PROMPT), ("SHELL", "/bin/bash"), ("NALABO_MARK", &marked)];
    let mut command = bash(&variables);
    command.extend(["-c", SHELL, "terminal"].map(str::to_owned));
    command.extend([size.columns.max(1).to_string(), size.rows.max(1).to_string()]);
    let mut process = start(&pods, LEARNER, command, true).await?;
    let (output, output_receiver) = mpsc::channel(OUTPUT_CHUNKS);
    let (input, input_receiver) = mpsc::channel(INPUT_CHUNKS);
    let (stdout, ended) = (process.stdout(), process.take_status());
    let watched = output.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = attended(ended, copy(stdout, output)) => (),
            () = type_in(&mut process, input_receiver, size) => (),
            () = watched.closed() => (),
        }
        drop(watched);
        process.abort();
        sweep(&pods, LEARNER, mark, "hang-up").await;
        drop(permit);
    });
    Ok(Terminal { output: output_receiver, input })
}

/// Until the shell has ended or nobody reads.
async fn copy(stdout: Option<impl AsyncReadExt + Unpin>, output: mpsc::Sender<Vec<u8>>) {
    let Some(mut stdout) = stdout else { return };
    let mut buffer = vec![0; CHUNK];
    while let Ok(length) = stdout.read(&mut buffer).await {
        if length == 0 || output.send(buffer[..length].to_vec()).await.is_err() {
            return;
        }
    }
}

/// Until nobody types or the shell takes no more.
async fn type_in(process: &mut AttachedProcess, mut input: mpsc::Receiver<TerminalInput>, size: TerminalSize) {
    let (Some(mut stdin), Some(mut sizes)) = (process.stdin(), process.terminal_size()) else { return };
    let fitted = |size: TerminalSize| Size { width: size.columns.max(1), height: size.rows.max(1) };
    if sizes.send(fitted(size)).await.is_err() {
        return;
    }
    while let Some(typed) = input.recv().await {
        let is_done = match typed {
            TerminalInput::Bytes(bytes) => stdin.write_all(&bytes).await.is_ok() && stdin.flush().await.is_ok(),
            TerminalInput::Resize(size) => sizes.send(fitted(size)).await.is_ok(),
        };
        if !is_done {
            return;
        }
    }
}
