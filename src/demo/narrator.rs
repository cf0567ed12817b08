//! What the demo tells whoever watches, and the events between the lines.

use std::{
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;

/// How much of what happened fits into a line.
const SUMMARY: usize = 84;

/// Writes lines, whoever of several tasks they come from.
#[derive(Clone)]
pub(super) struct Narrator(Arc<Mutex<dyn Write + Send>>);

impl Narrator {
    pub(super) fn new(out: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(out)))
    }

    pub(super) fn chapter(&self, title: &str) {
        self.write(&format!("\n== {title}"));
    }

    pub(super) fn say(&self, line: impl AsRef<str>) {
        self.write(&format!("   {}", line.as_ref()));
    }

    /// Text of several lines, such as what a terminal shows.
    pub(super) fn quote(&self, text: &str) {
        for line in printable(text).lines().filter(|line| !line.trim().is_empty()) {
            self.write(&format!("   | {line}"));
        }
    }

    /// An event as the API gives it.
    pub(super) fn event(&self, event: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (position, name) = (event["position"].to_string(), text(&event["type"]));
        let stream = format!("{}/{}", text(&event["stream"]["kind"]), short(&text(&event["stream"]["id"])));
        self.write(&format!("{position:>7} · {name:<26} {stream:<22} {}", summary(&event["payload"])));
    }

    fn write(&self, line: &str) {
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody may be watching any more; the demo goes on.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
}

/// What a terminal would show of it in plain text.
fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            // A control sequence ends with a letter.
            '\u{1b}' => drop(characters.by_ref().find(char::is_ascii_alphabetic)),
            '\n' | '\t' => shown.push(character),
            character if character.is_control() => {}
            character => shown.push(character),
        }
    }
    shown
}

/// The plain values of an event's payload, which is an object under the variant's name.
fn summary(payload: &Value) -> String {
    let fields = payload.as_object().and_then(|variant| variant.values().next());
    let fields = fields.and_then(Value::as_object).into_iter().flatten();
    let line = fields.filter_map(|(name, value)| Some(format!("{name}={}", plain(value)?))).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SUMMARY) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        // Digests and instants tell those who watch nothing.
        Value::String(text) if text.len() == 64 || chrono::DateTime::parse_from_rfc3339(text).is_ok() => None,
        Value::String(text) => Some(short(text)),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Object(fields) if fields.contains_key("$personal") => Some("(sealed)".into()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The end of an id, which tells it from others; other text as it is.
fn short(text: &str) -> String {
    let is_id = text.len() >= 32 && text.chars().all(|character| character.is_ascii_hexdigit() || character == '-');
    if is_id { format!("…{}", &text[text.len() - 6..]) } else { text.to_owned() }
}

#[cfg(test)]
mod tests;
