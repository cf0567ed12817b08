//! That kill -9 loses nothing does not prove that a loss of power would not. So the server's calls to the kernel are looked
//! at: before an acknowledgement leaves, what it acknowledges was written to the journal's log and flushed.

use std::{path::Path, process::Command};

use crate::{
    authoring::reading,
    people::Person,
    site::{PATIENCE, Server, Site, said},
};

const COMMANDS: usize = 10;
/// Calls that write, flush or send, under all their names.
const CALLS: &str = "trace=write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,fsync,fdatasync,sync_file_range";

/// What a line of the trace says.
#[derive(Debug, PartialEq, Eq)]
enum Call {
    /// Something was written to the journal's log; which drafts are in it is looked up in the line itself.
    Log,
    /// The log was flushed, successfully.
    Flushed,
    /// Something was sent over the network.
    Sent,
}

/// Reads `strace -f -yy`. A call that is interrupted by another thread's is in two lines: it has happened at the second.
fn calls(trace: &str) -> Vec<(Call, &str)> {
    let mut unfinished: Vec<(&str, &str)> = Vec::new();
    let mut found = Vec::new();
    for line in trace.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        let (begun, end) = if rest.starts_with("<... ") {
            let Some(at) = unfinished.iter().position(|(waiting, _)| *waiting == thread) else { continue };
            (unfinished.swap_remove(at).1, rest)
        } else if rest.ends_with("<unfinished ...>") {
            unfinished.push((thread, rest));
            continue;
        } else {
            (rest, rest)
        };
        let Some((name, arguments)) = begun.split_once('(') else { continue };
        let file = arguments.split(['>', ',']).next().unwrap_or_default();
        let is_log = file.ends_with("journal.db-wal");
        if is_log && name.starts_with("pwrite") {
            found.push((Call::Log, begun));
        } else if is_log && ["fsync", "fdatasync"].contains(&name) && end.trim_end().ends_with("= 0") {
            found.push((Call::Flushed, begun));
        } else if file.contains("<TCP") {
            found.push((Call::Sent, begun));
        }
    }
    found
}

/// Whether the log was flushed after a draft was first written to it, and before it was first told of.
fn is_flushed_before_it_is_told(calls: &[(Call, &str)], draft: &str) -> bool {
    let first = |wanted: Call| calls.iter().position(|(call, line)| *call == wanted && line.contains(draft));
    let (Some(written), Some(told)) = (first(Call::Log), first(Call::Sent)) else {
        panic!("{draft} was not seen to be written and told");
    };
    written < told && calls[written..told].iter().any(|(call, _)| *call == Call::Flushed)
}

#[test]
fn a_trace_is_understood() {
    let write = "7 pwrite64(9</d/journal.db-wal>, \"one\", 4096, 0) = 4096";
    let sent = "8 sendto(4<TCP:[127.0.0.1:1->127.0.0.1:2]>, \"HTTP/1.1 200 one\", 9, 0, NULL, 0) = 9";
    let (begun, ended) = ("7 fdatasync(9</d/journal.db-wal> <unfinished ...>", "7 <... fdatasync resumed>) = 0");
    let other = "7 fdatasync(9</d/vault.db-wal>) = 0";
    let holds = |lines: &[&str]| is_flushed_before_it_is_told(&calls(&lines.join("\n")), "one");
    assert!(holds(&[write, begun, ended, sent]));
    assert!(!holds(&[write, begun, sent, ended]), "it was still on its way");
    assert!(!holds(&[write, other, sent]), "it was another file");
    assert!(!holds(&[begun, ended, write, sent]), "it was before");
    assert!(!holds(&[write, "7 fdatasync(9</d/journal.db-wal>) = -1 EIO (Input/output error)", sent]), "it failed");
}

#[tokio::test]
async fn nothing_is_acknowledged_before_it_is_flushed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("trace");
    if let Some(reason) = why_not() {
        println!("skipped: {reason}");
        return;
    }
    let site = Site::new();
    let server = traced(&site, &file);
    let author = Person::with_role(&server, "author", "author").await;
    for number in 0..COMMANDS {
        let input = serde_json::json!({ "slug": draft(number), "content": reading(1, 1) });
        author.mutate("workshopDraft", input, "workshop { slug }").await;
    }
    end(server);
    let trace = std::fs::read(&file).expect("a trace");
    let trace = String::from_utf8_lossy(&trace);
    let calls = calls(&trace);
    for number in 0..COMMANDS {
        assert!(is_flushed_before_it_is_told(&calls, &draft(number)), "{} was told before it was flushed", draft(number));
    }
}

fn draft(number: usize) -> String {
    format!("durable-draft-{number}-end")
}

fn why_not() -> Option<String> {
    match Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).output() {
        Err(_) => Some("strace is missing: apt-get install strace / dnf install strace".into()),
        Ok(output) if !output.status.success() => Some(format!("strace may not trace here: {}", said(&output))),
        Ok(_) => None,
    }
}

fn traced(site: &Site, file: &Path) -> Server {
    let serve = site.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-yy", "-s", "8192", "-e", CALLS, "-e", "signal=none", "-o"]).arg(file);
    strace.envs(serve.get_envs().filter_map(|(name, value)| Some((name, value?))));
    strace.arg(serve.get_program()).args(serve.get_args());
    Server::start(&mut strace)
}

/// Ends the server, upon which what traces it ends.
fn end(mut server: Server) {
    let children = format!("/proc/{0}/task/{0}/children", server.id());
    let children = std::fs::read_to_string(children).expect("strace has a child");
    let traced = children.split_whitespace().next().expect("the server");
    let kill = Command::new("bash").args(["-c", &format!("kill -TERM {traced}")]).status().expect("bash");
    assert!(kill.success());
    let (status, took) = server.wait();
    assert!(status.success() && took < PATIENCE, "{}", server.printed());
}
