//! What a clickable fence does.

use domain::kernel::Seconds;
use domain::workshops::content::{ActionKind, Check};
use serde_json::Value as Json;

use crate::diagnostic::Findings;
use crate::markdown::Fence;
use crate::measure;
use crate::shortcode::{Shielded, shield};
use crate::yaml::{Entry, Fields, Node, Value, YamlError, document, nearest};

const FIRST_TERMINAL: &str = "1";
const ALL_TERMINALS: &str = "*";
/// Where a misspelt action is looked up.
const KNOWN: [&str; 16] = [
    "terminal:execute",
    "terminal:execute-all",
    "terminal:input",
    "terminal:interrupt",
    "terminal:interrupt-all",
    "terminal:clear",
    "terminal:clear-all",
    "terminal:select",
    "workshop:copy",
    "workshop:copy-and-edit",
    "dashboard:open-url",
    "dashboard:open-dashboard",
    "examiner:execute-test",
    "section:begin",
    "section:end",
    "section:heading",
];

/// What a fence means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Kind(ActionKind),
    /// Which check it runs is for the format to say.
    Test(TestCall),
}

/// An `examiner:execute-test`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TestCall {
    pub(crate) line: u32,
    pub(crate) name: String,
    pub(crate) title: Option<String>,
    pub(crate) arguments: Vec<String>,
    pub(crate) timeout: Seconds,
    /// Decided by a web service instead of a script.
    pub(crate) is_remote: bool,
    /// Asks the learner for values first.
    pub(crate) has_inputs: bool,
}

/// Reads a fence. One that cannot be read is reported and kept as unknown.
pub(crate) fn meaning(file: &str, fence: &Fence<'_>, findings: &mut Findings) -> Meaning {
    if !fence.is_closed() {
        findings.warning(file, fence.line, format!("`{}`: the fence that starts here is never closed", fence.language));
    }
    let unknown = || Meaning::Kind(ActionKind::Unknown { name: fence.language.clone() });
    let Some((namespace, verb)) = fence.language.split_once(':') else {
        return Meaning::Kind(plain(&fence.language, fence.body.trim()));
    };
    if !is_known(namespace, verb) {
        let hint = nearest(&fence.language, &KNOWN).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
        findings.warning(file, fence.line, format!("unknown action `{}`, kept as it is{hint}", fence.language));
        return unknown();
    }
    let arguments = match arguments(fence) {
        Ok(arguments) => arguments,
        Err(error) => {
            findings.error(file, error.line, format!("`{}`: {error}", fence.language));
            return unknown();
        }
    };
    let fields = Fields::of(file, &arguments, findings);
    let meaning = match namespace {
        "terminal" => terminal(verb, &fields, findings).map(Meaning::Kind),
        "examiner" => test(fence.line, &fields, findings).map(Meaning::Test),
        _ => other(namespace, verb, &fields, &arguments, findings).map(Meaning::Kind),
    };
    meaning.unwrap_or_else(unknown)
}

fn is_known(namespace: &str, verb: &str) -> bool {
    matches!(namespace, "dashboard" | "editor" | "files") || KNOWN.iter().any(|known| known.split_once(':') == Some((namespace, verb)))
}

/// The older words, whose body is no YAML.
fn plain(word: &str, body: &str) -> ActionKind {
    if let "copy" | "copy-and-edit" = word {
        return ActionKind::Copy { text: body.to_owned(), edit: word == "copy-and-edit" };
    }
    let terminal = match word.strip_prefix("execute-") {
        None => FIRST_TERMINAL,
        Some("all") => ALL_TERMINALS,
        Some(number) => number,
    };
    let terminal = terminal.to_owned();
    if body == "<ctrl+c>" { ActionKind::Interrupt { terminal } } else { ActionKind::Execute { terminal, command: body.to_owned() } }
}

fn arguments(fence: &Fence<'_>) -> Result<Node, YamlError> {
    let shielded = shield(&fence.body);
    document(&shielded.text, fence.line + 1).map(|node| restored(node, &shielded))
}

fn restored(node: Node, shielded: &Shielded) -> Node {
    let value = match node.value {
        Value::Null => Value::Null,
        Value::Scalar(text) => Value::Scalar(shielded.restore(&text)),
        Value::Sequence(items) => Value::Sequence(items.into_iter().map(|item| restored(item, shielded)).collect()),
        Value::Mapping(entries) => {
            let entry = |entry: Entry| Entry { key: shielded.restore(&entry.key), line: entry.line, node: restored(entry.node, shielded) };
            Value::Mapping(entries.into_iter().map(entry).collect())
        }
    };
    Node { line: node.line, value, is_plain: true }
}

fn terminal(verb: &str, fields: &Fields<'_>, findings: &mut Findings) -> Option<ActionKind> {
    let terminal = match fields.text("session", findings) {
        _ if verb.ends_with("-all") => ALL_TERMINALS,
        Some(session) => session,
        None => FIRST_TERMINAL,
    };
    let terminal = terminal.to_owned();
    Some(match verb {
        "input" => {
            let enter = fields.flag("endl", findings).unwrap_or(true);
            ActionKind::Input { terminal, text: fields.required("text", findings)?.to_owned(), enter }
        }
        "interrupt" | "interrupt-all" => ActionKind::Interrupt { terminal },
        "clear" | "clear-all" => ActionKind::Clear { terminal },
        "select" => ActionKind::SelectTerminal { terminal },
        _ => ActionKind::Execute { terminal, command: fields.required("command", findings)?.to_owned() },
    })
}

fn test(line: u32, fields: &Fields<'_>, findings: &mut Findings) -> Option<TestCall> {
    let timeout = fields.parsed("timeout", "a number of seconds", measure::seconds_or_bare, findings);
    Some(TestCall {
        line,
        name: fields.required("name", findings)?.to_owned(),
        title: fields.text("title", findings).map(str::to_owned),
        arguments: fields.texts("args", findings),
        timeout: timeout.filter(|timeout| timeout.0 > 0).unwrap_or(Check::default_timeout()),
        is_remote: fields.get("url").is_some(),
        has_inputs: fields.get("inputs").is_some(),
    })
}

fn other(namespace: &str, verb: &str, fields: &Fields<'_>, arguments: &Node, findings: &mut Findings) -> Option<ActionKind> {
    let text = |name: &str, findings: &mut Findings| fields.text(name, findings).map(str::to_owned);
    Some(match (namespace, verb) {
        ("workshop", _) => ActionKind::Copy { text: fields.required("text", findings)?.to_owned(), edit: verb == "copy-and-edit" },
        ("dashboard", "open-url") => ActionKind::OpenUrl { url: fields.required("url", findings)?.to_owned() },
        ("section", "begin") => ActionKind::SectionBegin { name: text("name", findings), title: text("title", findings) },
        ("section", "end") => ActionKind::SectionEnd { name: text("name", findings) },
        ("section", _) => ActionKind::SectionHeading { title: text("title", findings) },
        _ => {
            let arguments = arguments.entries().iter().map(|entry| (entry.key.clone(), flat(&entry.node))).collect();
            let verb = verb.to_owned();
            match namespace {
                "dashboard" => ActionKind::Dashboard { verb, arguments },
                "editor" => ActionKind::Editor { verb, arguments },
                _ => ActionKind::Files { verb, arguments },
            }
        }
    })
}

/// A single value as it is, anything larger as JSON.
fn flat(node: &Node) -> String {
    match &node.value {
        Value::Null => String::new(),
        Value::Scalar(text) => text.clone(),
        Value::Sequence(_) | Value::Mapping(_) => json(node).to_string(),
    }
}

fn json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Scalar(text) => Json::String(text.clone()),
        Value::Sequence(items) => items.iter().map(json).collect(),
        Value::Mapping(entries) => entries.iter().map(|entry| (entry.key.clone(), json(&entry.node))).collect(),
    }
}

#[cfg(test)]
mod tests;
