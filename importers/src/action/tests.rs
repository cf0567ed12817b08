use std::collections::BTreeMap;

use domain::kernel::Seconds;
use domain::workshops::content::ActionKind::{
    self, Clear, Copy, Dashboard, Editor, Execute, Files, Input, Interrupt, OpenUrl, SectionBegin, SectionEnd, SectionHeading,
    SelectTerminal, Unknown,
};

use super::{Meaning, TestCall, meaning};
use crate::diagnostic::Findings;
use crate::markdown::Fence;

/// What a fence on line 10 means, and what is reported about it.
fn read(language: &str, body: &str) -> (Meaning, Vec<String>) {
    let raw = format!("```{language}\n{body}```");
    let fence = Fence { raw: &raw, language: language.into(), body: body.into(), line: 10 };
    let mut findings = Findings::default();
    let meaning = meaning("p.md", &fence, &mut findings);
    (meaning, findings.into_diagnostics().iter().map(ToString::to_string).collect())
}

fn kind(language: &str, body: &str) -> ActionKind {
    match read(language, body) {
        (Meaning::Kind(kind), reported) if reported.is_empty() => kind,
        other => panic!("{other:?}"),
    }
}

fn execute(terminal: &str, command: &str) -> ActionKind {
    Execute { terminal: terminal.into(), command: command.into() }
}

#[test]
fn the_older_words_take_their_body_as_it_is() {
    assert_eq!(kind("execute", "ls: -l\n"), execute("1", "ls: -l"));
    assert_eq!(kind("execute-2", "ls\n"), execute("2", "ls"));
    assert_eq!(kind("execute-all", "clear\n"), execute("*", "clear"));
    assert_eq!(kind("execute", "<ctrl+c>\n"), Interrupt { terminal: "1".into() });
    assert_eq!(kind("copy", "{{< x >}}\n"), Copy { text: "{{< x >}}".into(), edit: false });
    assert_eq!(kind("copy-and-edit", "a\n"), Copy { text: "a".into(), edit: true });
}

#[test]
fn terminal_actions_name_their_terminal() {
    assert_eq!(kind("terminal:execute", "command: |-\n  a\n  b\nsession: 3\nclear: true\n"), execute("3", "a\nb"));
    assert_eq!(kind("terminal:execute", "command: ls\n"), execute("1", "ls"));
    assert_eq!(kind("terminal:execute-all", "command: ls\n"), execute("*", "ls"));
    assert_eq!(kind("terminal:input", "text: yes\n"), Input { terminal: "1".into(), text: "yes".into(), enter: true });
    assert_eq!(kind("terminal:input", "text: y\nendl: false\n"), Input { terminal: "1".into(), text: "y".into(), enter: false });
    assert_eq!(kind("terminal:interrupt", ""), Interrupt { terminal: "1".into() });
    assert_eq!(kind("terminal:interrupt", "session: \"*\"\n"), Interrupt { terminal: "*".into() });
    assert_eq!(kind("terminal:interrupt-all", ""), Interrupt { terminal: "*".into() });
    assert_eq!(kind("terminal:clear-all", ""), Clear { terminal: "*".into() });
    assert_eq!(kind("terminal:select", "session: logs\n"), SelectTerminal { terminal: "logs".into() });
}

#[test]
fn the_other_actions_keep_their_arguments() {
    let arguments =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<BTreeMap<_, _>>();
    assert_eq!(kind("workshop:copy-and-edit", "text: a\n"), Copy { text: "a".into(), edit: true });
    assert_eq!(kind("dashboard:open-url", "url: https://example.org/\n"), OpenUrl { url: "https://example.org/".into() });
    assert_eq!(
        kind("dashboard:create-dashboard", "name: A\nurl: terminal:a\n"),
        Dashboard { verb: "create-dashboard".into(), arguments: arguments(&[("name", "A"), ("url", "terminal:a")]) }
    );
    assert_eq!(
        kind("editor:yaml-add-item", "file: ~/a.yaml\nvalue:\n- name: x\n  n:\n"),
        Editor { verb: "yaml-add-item".into(), arguments: arguments(&[("file", "~/a.yaml"), ("value", r#"[{"n":null,"name":"x"}]"#)]) }
    );
    assert_eq!(kind("files:upload-files", ""), Files { verb: "upload-files".into(), arguments: BTreeMap::new() });
    assert_eq!(kind("section:begin", "name: q\ntitle: 1\n"), SectionBegin { name: Some("q".into()), title: Some("1".into()) });
    assert_eq!(kind("section:end", ""), SectionEnd { name: None });
    assert_eq!(kind("section:heading", "title: T\n"), SectionHeading { title: Some("T".into()) });
}

#[test]
fn shortcodes_survive_where_yaml_would_not_take_them() {
    assert_eq!(
        kind("dashboard:open-url", "url: {{< param protocol >}}://{{< param host >}}/\n"),
        OpenUrl { url: "{{< param protocol >}}://{{< param host >}}/".into() }
    );
}

#[test]
fn a_test_call_has_everything_its_check_needs() {
    let (meaning, reported) = read("examiner:execute-test", "name: t\ntitle: T\nargs:\n- one\n- 2\ntimeout: 5\nretries: .INF\n");
    let expected = TestCall {
        line: 10,
        name: "t".into(),
        title: Some("T".into()),
        arguments: vec!["one".into(), "2".into()],
        timeout: Seconds(5),
        is_remote: false,
        has_inputs: false,
    };
    assert_eq!((meaning, reported), (Meaning::Test(expected), vec![]));
    let (Meaning::Test(call), _) = read("examiner:execute-test", "name: t\ntimeout: 0\nurl: https://example.org/\ninputs: {schema: {}}\n")
    else {
        panic!("a test")
    };
    assert_eq!((call.timeout, call.is_remote, call.has_inputs), (Seconds(15), true, true));
}

#[test]
fn unknown_actions_are_kept_and_reported() {
    let unknown = |name: &str| Meaning::Kind(Unknown { name: name.into() });
    assert_eq!(
        read("robot:dance", "not: [yaml\n"),
        (unknown("robot:dance"), vec!["warning: p.md:10: unknown action `robot:dance`, kept as it is".into()])
    );
    let (meaning, reported) = read("terminal:exceute", "command: ls\n");
    assert_eq!(meaning, unknown("terminal:exceute"));
    assert_eq!(reported, ["warning: p.md:10: unknown action `terminal:exceute`, kept as it is; did you mean `terminal:execute`?"]);
}

#[test]
fn broken_bodies_are_reported_where_they_break() {
    let reported = |body: &str| read("terminal:execute", body).1;
    assert_eq!(reported("session: 1\n"), ["error: p.md:11: `command` is missing"]);
    assert_eq!(reported(""), ["error: p.md:11: `command` is missing"]);
    assert_eq!(reported("ls -l\n"), ["error: p.md:11: expected fields of the form `name: value`", "error: p.md:11: `command` is missing"]);
    let broken = reported("session: 1\ncommand: echo a: b\n");
    assert!(broken[0].starts_with("error: p.md:12: `terminal:execute`: not valid YAML"), "{broken:?}");
}
