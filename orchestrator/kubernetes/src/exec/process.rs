//! One program in a container.

use std::{pin::pin, time::Duration};

use k8s_openapi::{api::core::v1::Pod, apimachinery::pkg::apis::meta::v1::Status};
use kube::{
    Api,
    api::{AttachParams, AttachedProcess},
};
use orchestrator::driver::DriverError;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};
use uuid::Uuid;

use super::SWEEP;
use crate::{
    desired::{EXAMINER, POD},
    failure::failure,
};

/// What lies between the connection and whoever reads.
const BUFFER: usize = 16 << 10;
/// For what is in the pipes when the connection has ended.
const REST: Duration = Duration::from_secs(2);
/// For the server's last word after the output has ended.
const LAST_WORD: Duration = Duration::from_secs(10);

/// The variables of every program, and its name for bash.
pub(super) fn bash(variables: &[(&str, &str)]) -> Vec<String> {
    let ours = [("HOME", "/home/learner"), ("PATH", "/usr/local/bin:/usr/bin:/bin"), ("LANG", "C.UTF-8")];
    let set = ours.iter().chain(variables).map(|(name, value)| format!("{name}={value}"));
    std::iter::once("env".to_owned()).chain(set).chain(["bash", "--norc", "--noprofile"].map(str::to_owned)).collect()
}

/// Starts a program.
pub(super) async fn start(
    pods: &Api<Pod>,
    container: &str,
    command: Vec<String>,
    is_terminal: bool,
) -> Result<AttachedProcess, DriverError> {
    let parameters = AttachParams::default().container(container).stdin(true).stdout(true).stderr(!is_terminal).tty(is_terminal);
    let parameters = parameters.max_stdin_buf_size(BUFFER).max_stdout_buf_size(BUFFER).max_stderr_buf_size(BUFFER);
    pods.exec(POD, command, &parameters).await.map_err(|error| failure("a program could not be started in the workbench", &error))
}

/// How a program ended, from the server's last word.
pub(super) fn status(last: Option<Status>) -> Result<i32, DriverError> {
    let Some(last) = last else { return Err(DriverError::Transient("the connection to the workbench broke off".to_owned())) };
    if last.status.as_deref() == Some("Success") {
        return Ok(0);
    }
    let causes = last.details.and_then(|details| details.causes).unwrap_or_default();
    let code = causes.into_iter().find(|cause| cause.reason.as_deref() == Some("ExitCode")).and_then(|cause| cause.message?.parse().ok());
    code.ok_or_else(|| {
        let message: String = last.message.unwrap_or_default().chars().filter(|c| !c.is_control()).take(500).collect();
        DriverError::Transient(format!("a program could not be run in the workbench: {message}"))
    })
}

/// A program that is run to its end: its status and what it printed, up to 1 KiB of each.
pub(super) async fn finish(pods: &Api<Pod>, container: &str, command: Vec<String>, input: &[u8]) -> Result<(i32, String), DriverError> {
    let mut process = start(pods, container, command, false).await?;
    let ended = process.take_status();
    let (stdin, stdout, stderr) = (process.stdin(), process.stdout(), process.stderr());
    let (mut said, mut complained) = (Vec::new(), Vec::new());
    let write = async {
        if let Some(mut stdin) = stdin {
            // A program that ends early takes no more; its status says why.
            let _ = stdin.write_all(input).await;
            let _ = stdin.shutdown().await;
        }
    };
    let last = attended(ended, async { tokio::join!(write, read(stdout, &mut said), read(stderr, &mut complained)) }).await;
    let printed = [said, complained].concat();
    status(last).map(|status| (status, String::from_utf8_lossy(&printed).trim().to_owned()))
}

/// Works with a program's pipes until it has ended, and gives the server's last word; none if the connection broke off. A pipe of a
/// broken connection neither ends nor fails, so the work is not waited for much longer than the connection.
pub(super) async fn attended<T>(ended: Option<impl Future<Output = Option<Status>>>, work: impl Future<Output = T>) -> Option<Status> {
    let ended = ended?;
    let mut work = pin!(work);
    let mut ended = pin!(ended);
    tokio::select! {
        last = &mut ended => {
            let _ = timeout(REST, work).await;
            last
        }
        _ = &mut work => timeout(LAST_WORD, ended).await.ok().flatten(),
    }
}

/// Everything, of which the beginning is kept.
async fn read(stream: Option<impl AsyncReadExt + Unpin>, kept: &mut Vec<u8>) {
    let Some(mut stream) = stream else { return };
    let mut buffer = vec![0; 4096];
    while let Ok(length) = stream.read(&mut buffer).await {
        if length == 0 {
            break;
        }
        kept.extend_from_slice(&buffer[..length.min(1024_usize.saturating_sub(kept.len()))]);
    }
}

/// Ends all that carries a mark, in both containers: they see each other's processes, and each signals its own.
pub(super) async fn sweep(pods: &Api<Pod>, container: &str, mark: Uuid, manner: &str) {
    let mut command = bash(&[]);
    command.extend(["-c".to_owned(), SWEEP.to_owned(), "sweep".to_owned(), mark.simple().to_string(), manner.to_owned()]);
    if let Err(error) = finish(pods, container, command, &[]).await {
        tracing::warn!(%error, container, is_check = container == EXAMINER, "what a program left behind could not be ended");
    }
}
