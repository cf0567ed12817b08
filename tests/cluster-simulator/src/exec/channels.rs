//! The channels of a web socket: the first byte of each message says which.

use axum::{
    body::Bytes,
    extract::ws::{Message, WebSocket},
};
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{Program, process, terminal};

const STDIN: u8 = 0;
pub(super) const STDOUT: u8 = 1;
pub(super) const STDERR: u8 = 2;
const ERROR: u8 = 3;
const RESIZE: u8 = 4;
const CLOSE: u8 = 255;

/// Messages that wait for the client, or for the program.
const WAITING: usize = 32;

/// What the client has to say.
#[derive(Debug, PartialEq)]
pub(super) enum Input {
    Bytes(Bytes),
    /// There is no more of it.
    End,
    /// Columns and rows.
    Size(u16, u16),
}

/// How a program ended.
pub(super) enum Outcome {
    Exit(i32),
    /// It could not be started.
    Failed(String),
}

/// Runs a program until it ends, the client goes or the pod is gone.
pub(super) async fn converse(socket: WebSocket, program: Program) {
    let (mut sink, stream) = socket.split();
    let (output, outputs) = mpsc::channel(WAITING);
    let (input, inputs) = mpsc::channel(WAITING);
    // What a real server sends first, so that a client knows which channels there are.
    for channel in [STDOUT, STDERR, ERROR] {
        if sink.send(Message::Binary(vec![channel].into())).await.is_err() {
            return;
        }
    }
    let mut gone = program.room.gone.clone();
    let reading = tokio::spawn(read(stream, input));
    let running =
        async { if program.tty { terminal::run(&program, inputs, output).await } else { process::run(&program, inputs, output).await } };
    let (outcome, mut sink) = tokio::select! {
        both = async { tokio::join!(running, write(sink, outputs)) } => both,
        // Dropping the program kills it.
        _ = gone.wait_for(|gone| *gone) => return reading.abort(),
    };
    if let Some(outcome) = outcome {
        let mut message = vec![ERROR];
        message.extend(status(&outcome).to_string().into_bytes());
        let _ = sink.send(Message::Binary(message.into())).await;
        let _ = sink.send(Message::Close(None)).await;
        // The client closes its side; what it still says does not matter.
    }
    let _ = tokio::time::timeout(std::time::Duration::from_secs(1), reading).await;
}

/// Until the client goes.
async fn read(mut stream: SplitStream<WebSocket>, input: mpsc::Sender<Input>) {
    while let Some(Ok(message)) = stream.next().await {
        let bytes = match message {
            Message::Binary(bytes) => bytes,
            Message::Close(_) => return,
            _ => continue,
        };
        let Some(said) = parse(&bytes) else { continue };
        if input.send(said).await.is_err() {
            // The program has ended; the rest is read so that the closing is seen.
            while let Some(Ok(message)) = stream.next().await {
                if matches!(message, Message::Close(_)) {
                    return;
                }
            }
            return;
        }
    }
}

fn parse(bytes: &Bytes) -> Option<Input> {
    match *bytes.first()? {
        STDIN => Some(Input::Bytes(bytes.slice(1..))),
        CLOSE if bytes.get(1) == Some(&STDIN) => Some(Input::End),
        RESIZE => {
            let size: Value = serde_json::from_slice(&bytes[1..]).ok()?;
            let number = |field: &str| u16::try_from(size[field].as_u64()?).ok();
            Some(Input::Size(number("Width")?, number("Height")?))
        }
        _ => None,
    }
}

/// Until the program says no more.
async fn write(mut sink: SplitSink<WebSocket, Message>, mut outputs: mpsc::Receiver<(u8, Vec<u8>)>) -> SplitSink<WebSocket, Message> {
    while let Some((channel, bytes)) = outputs.recv().await {
        let mut message = Vec::with_capacity(bytes.len() + 1);
        message.push(channel);
        message.extend(bytes);
        if sink.send(Message::Binary(message.into())).await.is_err() {
            break;
        }
    }
    sink
}

fn status(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Exit(0) => json!({"metadata": {}, "status": "Success"}),
        Outcome::Exit(code) => json!({
            "metadata": {}, "status": "Failure", "reason": "NonZeroExitCode",
            "message": format!("command terminated with non-zero exit code: error executing command, exit code {code}"),
            "details": {"causes": [{"reason": "ExitCode", "message": code.to_string()}]},
        }),
        Outcome::Failed(why) => json!({
            "metadata": {}, "status": "Failure", "reason": "InternalError", "code": 500,
            "message": format!("Internal error occurred: error executing command in container: {why}"),
        }),
    }
}
