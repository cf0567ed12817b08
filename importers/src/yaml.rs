//! YAML as a tree that knows its lines, read under bounds.

mod fields;
mod json;

use std::collections::HashMap;

pub(crate) use fields::{Fields, nearest};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};

/// Nesting of sequences and mappings.
const MAX_DEPTH: usize = 32;
/// Uses of an anchor (`*name`).
const MAX_ALIASES: usize = 16;
/// Values, those that aliases repeat included.
const MAX_NODES: usize = 10_000;

/// A value and the line it starts on, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) line: u32,
    pub(crate) value: Value,
    /// Written without quotes, so that it may be a number or a flag.
    pub(crate) is_plain: bool,
}

/// Scalars stay text: what a number or a flag is depends on the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Scalar(String),
    Sequence(Vec<Node>),
    Mapping(Vec<Entry>),
}

/// A key, the line it stands on, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) line: u32,
    pub(crate) node: Node,
}

/// Why a text is not YAML that we take.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct YamlError {
    pub(crate) line: u32,
    pub(crate) message: String,
}

impl Node {
    /// What an empty document is.
    pub(crate) const fn null(line: u32) -> Self {
        Self { line, value: Value::Null, is_plain: true }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn items(&self) -> &[Self] {
        match &self.value {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The value under a key of a mapping.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// The value under keys of nested mappings.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }
}

/// The only document of a text; null when it is empty.
pub(crate) fn document(text: &str, first_line: u32) -> Result<Node, YamlError> {
    let mut documents = documents(text, first_line)?;
    match documents.len() {
        0 => Ok(Node::null(first_line)),
        1 => Ok(documents.remove(0)),
        _ => Err(YamlError { line: documents[1].line, message: "expected a single YAML document".into() }),
    }
}

/// Every document of a text. `first_line` is the line of its file on which the text starts.
pub(crate) fn documents(text: &str, first_line: u32) -> Result<Vec<Node>, YamlError> {
    let mut loader = Loader { parser: Parser::new_from_str(text), first_line, anchors: HashMap::new(), aliases: 0, nodes: 0 };
    let mut documents = Vec::new();
    loop {
        match loader.next()? {
            (Event::StreamEnd, _) => return Ok(documents),
            (Event::DocumentStart(_), _) => {
                let start = loader.next()?;
                documents.push(loader.node(start, 0)?);
            }
            _ => {}
        }
    }
}

struct Loader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    first_line: u32,
    /// Anchored values and how many values each consists of.
    anchors: HashMap<usize, (Node, usize)>,
    aliases: usize,
    nodes: usize,
}

impl<'a> Loader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, u32), YamlError> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, self.line(span))),
            Some(Err(error)) => Err(self.invalid(&error)),
            None => Ok((Event::StreamEnd, self.first_line)),
        }
    }

    fn line(&self, span: Span) -> u32 {
        let line = u32::try_from(span.start.line()).unwrap_or(u32::MAX);
        self.first_line.saturating_add(line.saturating_sub(1))
    }

    fn invalid(&self, error: &ScanError) -> YamlError {
        YamlError { line: self.line(Span::empty(*error.marker())), message: format!("not valid YAML: {}", error.info()) }
    }

    fn node(&mut self, (event, line): (Event<'a>, u32), depth: usize) -> Result<Node, YamlError> {
        if depth > MAX_DEPTH {
            return Err(YamlError { line, message: format!("values may be nested at most {MAX_DEPTH} deep") });
        }
        self.count(1, line)?;
        let before = self.nodes;
        let is_plain = matches!(event, Event::Scalar(_, ScalarStyle::Plain, ..));
        let (anchor, value) = match event {
            Event::Alias(anchor) => return self.alias(anchor, line),
            Event::Scalar(text, style, anchor, _) => (anchor, scalar(text.into_owned(), style)),
            Event::SequenceStart(anchor, _) => (anchor, self.sequence(depth)?),
            Event::MappingStart(anchor, _) => (anchor, self.mapping(depth)?),
            _ => (0, Value::Null),
        };
        let node = Node { line, value, is_plain };
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), self.nodes - before));
        }
        Ok(node)
    }

    fn count(&mut self, nodes: usize, line: u32) -> Result<(), YamlError> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            return Err(YamlError { line, message: format!("expected at most {MAX_NODES} values, those repeated by aliases included") });
        }
        Ok(())
    }

    fn alias(&mut self, anchor: usize, line: u32) -> Result<Node, YamlError> {
        self.aliases += 1;
        if self.aliases > MAX_ALIASES {
            return Err(YamlError { line, message: format!("expected at most {MAX_ALIASES} aliases (*name); write the values out") });
        }
        let Some((node, nodes)) = self.anchors.get(&anchor) else {
            return Err(YamlError { line, message: "an alias inside of what it stands for".into() });
        };
        let (node, nodes) = (Node { line, ..node.clone() }, *nodes);
        self.count(nodes, line)?;
        Ok(node)
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, YamlError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::Sequence(items)),
                start => items.push(self.node(start, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, YamlError> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let (key, line) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(Value::Mapping(entries)),
                (Event::Scalar(key, ..), line) => (key.into_owned(), line),
                (_, line) => return Err(YamlError { line, message: "expected a word as the key".into() }),
            };
            if entries.iter().any(|entry| entry.key == key) {
                return Err(YamlError { line, message: format!("`{key}` is given twice") });
            }
            let start = self.next()?;
            let node = self.node(start, depth + 1)?;
            entries.push(Entry { key, line, node });
        }
    }
}

fn scalar(text: String, style: ScalarStyle) -> Value {
    let is_null = style == ScalarStyle::Plain && matches!(text.as_str(), "" | "~" | "null");
    if is_null { Value::Null } else { Value::Scalar(text) }
}

#[cfg(test)]
mod tests;
