//! Peers that hold connections and send little or nothing.

use std::{
    io::Write,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::{
    people::Person,
    site::{PATIENCE, Server, Site},
};

/// Fewer than there will be idle peers.
const PLACES: [(&str, &str); 1] = [("NALABO_CONNECTIONS", "600")];
/// Idle peers of one process: below the number of files that a process may usually open.
const IDLE: usize = 500;

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.address).await.expect("connected")
}

/// Reads to the end, which the server is to make.
async fn closed(stream: &mut TcpStream) -> String {
    let mut told = Vec::new();
    let end = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut told)).await.expect("it is closed");
    drop(end); // Closed in order, or reset because it was still being written to.
    String::from_utf8_lossy(&told).into_owned()
}

#[tokio::test]
async fn who_does_not_say_what_is_wanted_is_hung_up_on() {
    let site = Site::new();
    let server = site.serve();
    let mut silent = connect(&server).await;
    let mut halfway = connect(&server).await;
    halfway.write_all(b"POST /graphql HTTP/1.1\r\nhost: nalabo\r\n").await.expect("sent");
    let mut between = connect(&server).await;
    between.write_all(b"GET /healthz HTTP/1.1\r\nhost: nalabo\r\n\r\n").await.expect("sent");
    let dripping = connect(&server).await;
    let (mut heard, mut said) = dripping.into_split();
    let drips = tokio::spawn(async move {
        let mut bytes = b"GET /healthz HTTP/1.1\r\n".to_vec();
        bytes.extend("x-y: z\r\n".bytes().cycle().take(10_000));
        for byte in bytes {
            if said.write_all(&[byte]).await.is_err() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        false
    });
    let (silent, halfway, between) = tokio::join!(closed(&mut silent), closed(&mut halfway), closed(&mut between));
    assert_eq!((silent.as_str(), halfway.as_str()), ("", ""));
    assert!(between.starts_with("HTTP/1.1 200 OK") && between.ends_with("ok\n"), "{between}");
    assert!(tokio::time::timeout(PATIENCE, drips).await.expect("it is closed").expect("no panic"), "a byte now and then held it open");
    let mut rest = Vec::new();
    drop(heard.read_to_end(&mut rest).await);
    assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
}

#[tokio::test]
async fn who_asks_and_does_not_listen_is_hung_up_on() {
    let site = Site::new();
    let server = site.serve();
    let mut deaf = connect(&server).await;
    let asking = async { while deaf.write_all(b"GET /metrics HTTP/1.1\r\nhost: nalabo\r\n\r\n").await.is_ok() {} };
    tokio::time::timeout(PATIENCE, asking).await.expect("it is closed");
    assert_eq!(server.client().get("/healthz").await.expect("alive").0, 200);
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let site = Site::new();
    let server = site.serve();
    let mut endless = connect(&server).await;
    endless.write_all(b"GET /healthz HTTP/1.1\r\n").await.expect("sent");
    // It may hang up before all of it has been taken.
    let _ = endless.write_all(format!("x: {}\r\n", "y".repeat(1 << 20)).as_bytes()).await;
    let mut line = String::new();
    let _ = tokio::time::timeout(PATIENCE, BufReader::new(endless).read_line(&mut line)).await.expect("answered, or closed");
    assert!(line.is_empty() || line.starts_with("HTTP/1.1 431"), "{line}");
    assert_eq!(server.client().get("/healthz").await.expect("alive").0, 200);
}

/// Connections that say nothing, of another process: it holds them until it is dropped.
struct Idle(Child);

impl Idle {
    fn hold(server: &Server, count: usize) -> Self {
        let script = format!(
            "for _ in $(seq {count}); do exec {{peer}}<>/dev/tcp/127.0.0.1/{} || exit 1; done; echo there; read -r _",
            server.address.port()
        );
        let child = Command::new("bash").args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("bash");
        Self(child)
    }

    async fn there(&mut self) {
        let said = tokio::process::ChildStdout::from_std(self.0.stdout.take().expect("piped")).expect("a pipe");
        let mut line = String::new();
        tokio::time::timeout(PATIENCE, BufReader::new(said).read_line(&mut line)).await.expect("they connect").expect("read");
        assert_eq!(line, "there\n");
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        // It ends at the end of the line, or has ended already.
        let _ = self.0.stdin.take().map(|mut input| input.write_all(b"\n"));
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_thousand_who_say_nothing_keep_nobody_from_being_served() {
    let site = Site::new();
    let server = site.serve_with(&PLACES);
    let kit = Person::register(&server, "kit").await;
    // Whoever is a socket already stays one.
    let mut board =
        kit.client.subscribe("subscription { leaderboardChanged { totalCount } }", serde_json::Value::Null).await.expect("told");
    board.next().await.expect("told").expect("the board");
    let (mut some, mut others) = (Idle::hold(&server, IDLE), Idle::hold(&server, IDLE));
    tokio::join!(some.there(), others.there());
    // A client of its own, so that there is no connection yet.
    let late = server.client();
    let answer = tokio::time::timeout(PATIENCE, late.get("/healthz")).await.expect("served").expect("an answer");
    assert_eq!(answer.0, 200);
    let (_, metrics) = late.get("/metrics").await.expect("an answer");
    let open = metrics.lines().find_map(|line| line.strip_prefix("nalabo_connections ")?.parse::<usize>().ok());
    assert!(open.is_some_and(|open| (2..=600).contains(&open)), "{open:?} connections in {metrics}");
    drop((some, others));
    let listens = tokio::time::timeout(Duration::from_secs(1), board.next()).await;
    assert!(listens.is_err(), "the socket was closed: {listens:?}");
}

#[tokio::test]
async fn a_server_that_may_open_no_more_files_waits_and_goes_on() {
    const FILES: usize = 100;
    let site = Site::new();
    let serve = site.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut bash = Command::new("bash");
    bash.envs(serve.get_envs().filter_map(|(name, value)| Some((name, value?))));
    bash.args(["-c", &format!("ulimit -Sn {FILES}; exec \"$@\""), "bash"]).arg(serve.get_program()).args(serve.get_args());
    let server = Server::start(&mut bash);
    let mut idle = Idle::hold(&server, FILES * 2);
    idle.there().await;
    let answer = tokio::time::timeout(PATIENCE, server.client().get("/healthz")).await.expect("served").expect("an answer");
    assert_eq!(answer.0, 200);
    let printed = server.printed();
    assert!(printed.contains("ulimit -n"), "{printed}");
    let tries = printed.matches("no connection can be accepted").count();
    assert!((1..100).contains(&tries), "it tried {tries} times, which is either none or without a pause: {printed}");
    drop(idle);
    server.stop();
}
