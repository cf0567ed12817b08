//! A mapping read field by field, with each fault reported where it stands.

use super::{Entry, Node, Value};
use crate::diagnostic::Findings;

/// The fields of a mapping in a file.
pub(crate) struct Fields<'a> {
    file: &'a str,
    line: u32,
    entries: &'a [Entry],
}

impl<'a> Fields<'a> {
    /// The fields of `node`; none if it is empty, or no mapping, which is reported.
    pub(crate) fn of(file: &'a str, node: &'a Node, findings: &mut Findings) -> Self {
        if !matches!(node.value, Value::Null | Value::Mapping(_)) {
            findings.error(file, node.line, "expected fields of the form `name: value`");
        }
        Self { file, line: node.line, entries: node.entries() }
    }

    /// Where the mapping starts.
    pub(crate) const fn line(&self) -> u32 {
        self.line
    }

    /// Reports every field that is not among `known`.
    pub(crate) fn refuse_unknown(&self, known: &[&str], findings: &mut Findings) {
        for entry in self.entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let hint = match nearest(&entry.key, known) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("expected one of {}", known.join(", ")),
            };
            findings.error(self.file, entry.line, format!("unknown field `{}`; {hint}", entry.key));
        }
    }

    /// A field's value; an empty one counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Node> {
        let entry = self.entries.iter().find(|entry| entry.key == name)?;
        (entry.node.value != Value::Null).then_some(&entry.node)
    }

    /// Where a field stands.
    pub(crate) fn line_of(&self, name: &str) -> Option<u32> {
        self.entries.iter().find(|entry| entry.key == name).map(|entry| entry.line)
    }

    /// A field that is one value.
    pub(crate) fn text(&self, name: &str, findings: &mut Findings) -> Option<&'a str> {
        let node = self.get(name)?;
        if node.as_text().is_none() {
            findings.error(self.file, node.line, format!("`{name}`: expected a single value"));
        }
        node.as_text()
    }

    /// A field that must be there.
    pub(crate) fn required(&self, name: &str, findings: &mut Findings) -> Option<&'a str> {
        if self.get(name).is_none() {
            findings.error(self.file, self.line, format!("`{name}` is missing"));
        }
        self.text(name, findings)
    }

    /// A field that is read as something else; `expected` says what.
    pub(crate) fn parsed<T>(
        &self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
        findings: &mut Findings,
    ) -> Option<T> {
        let text = self.text(name, findings)?;
        let value = parse(text);
        if value.is_none() {
            findings.error(self.file, self.line_of(name), format!("`{name}`: expected {expected}, not `{text}`"));
        }
        value
    }

    /// A field that is `true` or `false`.
    pub(crate) fn flag(&self, name: &str, findings: &mut Findings) -> Option<bool> {
        self.parsed(name, "true or false", |text| text.parse().ok(), findings)
    }

    /// A field that is a list.
    pub(crate) fn items(&self, name: &str, findings: &mut Findings) -> &'a [Node] {
        match self.get(name) {
            None => &[],
            Some(node) => {
                if !matches!(node.value, Value::Sequence(_)) {
                    findings.error(self.file, node.line, format!("`{name}`: expected a list"));
                }
                node.items()
            }
        }
    }

    /// A field that is a list of single values.
    pub(crate) fn texts(&self, name: &str, findings: &mut Findings) -> Vec<String> {
        let mut texts = Vec::new();
        for item in self.items(name, findings) {
            match item.as_text() {
                Some(text) => texts.push(text.to_owned()),
                None => findings.error(self.file, item.line, format!("`{name}`: expected a list of single values")),
            }
        }
        texts
    }
}

/// The known name a misspelt one probably stands for. A long text is no misspelling, and slow to compare.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    if name.len() > 40 {
        return None;
    }
    known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), *known))
        .min()
        .filter(|(distance, _)| *distance <= 2)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests;
