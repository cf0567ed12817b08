//! What attackers are known to send, as data: each case of `tests/corpus` with the answer that it must get from the built binary.
//! Whatever it is, nothing answers that something went wrong inside, and afterwards the server is as it was.

mod conversations;
mod graphql;
mod jwt;
mod sockets;
mod unicode;
mod uploads;

pub(crate) use conversations::forge::code;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::site::Server;

/// The cases of a corpus: at least so many.
fn cases<T: DeserializeOwned>(name: &str, at_least: usize) -> Vec<T> {
    let file = format!("{}/tests/corpus/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let cases: Vec<T> =
        serde_json::from_str(&std::fs::read_to_string(&file).expect("a corpus")).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert!(cases.len() >= at_least, "{name} has {} cases", cases.len());
    cases
}

/// Fails with every case that was answered otherwise.
#[track_caller]
fn none_differs(findings: &[String]) {
    assert!(findings.is_empty(), "{} differ:\n{}", findings.len(), findings.join("\n"));
}

/// Writes out what is repeated: `<<text*3>>` stands for `texttexttext`.
fn expanded(text: &str) -> String {
    let mut all = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<<") {
        let (inner, behind) = after.split_once(">>").expect("an end of what is repeated");
        let (part, times) = inner.rsplit_once('*').expect("how often it is repeated");
        all.push_str(before);
        all.push_str(&part.repeat(times.parse().expect("a number")));
        rest = behind;
    }
    all + rest
}

/// The same in all texts of a value.
fn expanded_in(value: &Value) -> Value {
    match value {
        Value::String(text) => expanded(text).into(),
        Value::Array(all) => all.iter().map(expanded_in).collect(),
        Value::Object(all) => all.iter().map(|(name, value)| (name.clone(), expanded_in(value))).collect(),
        other => other.clone(),
    }
}

/// The server is there, logged no panic, and did not keep what it was sent.
async fn is_well(server: &Server) {
    assert_eq!(server.client().get("/readyz").await.expect("alive").0, 200);
    let printed = server.printed();
    for word in ["panicked", "could not be answered"] {
        assert!(!printed.contains(word), "{printed}");
    }
}

/// How much memory a server has in use, in KiB.
fn memory(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}
