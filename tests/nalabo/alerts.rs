//! A cluster that goes away, told to a receiver outside: also after the server was killed.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
};

use serde_json::{Value, json};
use test_cluster_simulator::{Options, Simulator};

use crate::{
    people::Person,
    site::{ADMINISTRATOR, PATIENCE, Server, Site},
    waiting::until,
};

const SECRET: &str = "whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5";

/// Hands on each body, with whether it took it: it does not while it is told to refuse.
fn listen(refuses: &Arc<AtomicBool>) -> (u16, Receiver<(bool, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let ((sender, bodies), refuses) = (channel(), Arc::clone(refuses));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A caller that is killed says no more.
            let _ = answer(stream, refuses.load(Ordering::SeqCst), &sender);
        }
    });
    (port, bodies)
}

fn answer(stream: TcpStream, refuses: bool, bodies: &Sender<(bool, Value)>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length, mut signed) = (String::new(), 0, false);
    while reader.read_line(&mut line).ok()? > 2 {
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        signed |= lower.starts_with("webhook-signature: v1,");
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let status = if refuses || !signed { "503 Not Now" } else { "200 OK" };
    write!(reader.get_mut(), "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").ok()?;
    bodies.send((signed && !refuses, serde_json::from_slice(&body).ok()?)).ok()
}

fn serve(site: &Site, port: u16) -> Server {
    let mail_to = format!("[\"{}\"]", ADMINISTRATOR.0);
    let webhooks = format!("[{{url=\"http://127.0.0.1:{port}/\",secret=\"{SECRET}\"}}]");
    site.serve_with(&[
        ("NALABO_CLUSTERS__ALLOW_LOOPBACK", "true"),
        ("NALABO_CLUSTERS__HEALTH_SECONDS", "1"),
        ("NALABO_ALERTS__ALLOW_LOOPBACK", "true"),
        ("NALABO_ALERTS__WEBHOOKS", &webhooks),
        ("NALABO_ALERTS__MAIL_TO", &mail_to),
        ("NALABO_TELEMETRY__LOG", "debug"),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_is_told_of_what_it_missed_while_it_and_the_server_were_away() {
    let (site, simulator) = (Site::new(), Simulator::start(&Options::default()).expect("a simulator"));
    let refuses = Arc::new(AtomicBool::new(false));
    let (port, bodies) = listen(&refuses);
    let server = serve(&site, port);
    let administrator = Person::administrator(&server).await;
    let access = json!({ "server": simulator.url(), "token": simulator.admin_token(), "certificateAuthority": simulator.ca_pem() });
    let input = json!({ "profile": { "name": "first" }, "access": { "token": access } });
    administrator.mutate("clusterRegister", input, "stale").await;
    let hear = |wanted: &str, taken: bool| loop {
        let (took, message) = bodies.recv_timeout(PATIENCE).expect("a message");
        assert_eq!((&message["type"], &message["data"]["cluster"]["name"]), (&json!(wanted), &json!("first")), "{message}");
        assert!(!message.to_string().contains(simulator.admin_token()), "{message}");
        if took == taken {
            return;
        }
    };
    simulator.set_reachable(false);
    hear("cluster.unreachable", true);
    refuses.store(true, Ordering::SeqCst);
    simulator.set_reachable(true);
    hear("cluster.recovered", false);
    // The receiver may hear of it before the list has it.
    let both = json!([{ "kind": "RECOVERED" }, { "kind": "UNREACHABLE" }]);
    administrator.until("{ alerts { nodes { kind } } }", Value::Null, |data| data["alerts"]["nodes"] == both).await;
    assert!(!server.printed().contains(&SECRET[6..]), "{}", server.printed());
    server.kill();

    refuses.store(false, Ordering::SeqCst);
    let server = serve(&site, port);
    // It may have been asked once more before.
    hear("cluster.recovered", true);
    let administrator = Person::administrator(&server).await;
    let query = "query($from: DateTime!) { resourceUsage(from: $from) { cpuAllocatable pods } }";
    let from = chrono::Utc::now() - chrono::TimeDelta::hours(1);
    let usage = administrator.query(query, json!({ "from": from })).await;
    assert!(usage["resourceUsage"][0]["cpuAllocatable"].as_i64().is_some_and(|cpu| cpu > 0), "{usage}");
    until("both mails", async || told(&site), |told: &Vec<String>| told.len() >= 2).await;
    server.stop();
    let mut told = told(&site);
    told.sort_unstable();
    assert_eq!(told, ["A cluster cannot be reached", "A cluster is well again"], "each once, by mail");
}

/// The subjects of mails about clusters.
fn told(site: &Site) -> Vec<String> {
    let mails = std::fs::read_dir(site.path().join("outbox")).into_iter().flatten().flatten();
    let texts = mails.filter_map(|mail| std::fs::read_to_string(mail.path()).ok());
    let subject = |text: String| text.lines().find_map(|line| line.strip_prefix("Subject: ").map(|subject| subject.trim().to_owned()));
    texts.filter_map(subject).filter(|subject| subject.starts_with("A cluster")).collect()
}
