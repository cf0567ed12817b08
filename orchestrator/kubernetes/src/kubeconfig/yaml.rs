//! YAML as a tree, read under bounds. Messages carry lines, never values.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};

use crate::connection::ConnectionError;

/// Nesting of sequences and mappings.
const MAX_DEPTH: usize = 16;
/// Uses of an anchor (`*name`).
const MAX_ALIASES: usize = 16;
/// Values, those that aliases repeat included.
const MAX_NODES: usize = 4000;

#[derive(Clone, Debug)]
pub(super) struct Node(pub(super) Value);

#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Scalar(String),
    Sequence(Vec<Node>),
    Mapping(Vec<(String, Node)>),
}

/// The only document of a text.
pub(super) fn document(text: &str) -> Result<Node, ConnectionError> {
    let mut loader = Loader { parser: Parser::new_from_str(text), anchors: HashMap::new(), aliases: 0, nodes: 0 };
    let mut document = None;
    loop {
        match loader.next()? {
            (Event::StreamEnd, line) => return document.ok_or_else(|| refused(line, "expected a kubeconfig, found nothing")),
            (Event::DocumentStart(_), line) if document.is_some() => return Err(refused(line, "expected a single YAML document")),
            (Event::DocumentStart(_), _) => {
                let start = loader.next()?;
                document = Some(loader.node(start, 0)?);
            }
            _ => {}
        }
    }
}

fn refused(line: usize, reason: &str) -> ConnectionError {
    ConnectionError::new(format!("kubeconfig, line {line}"), reason)
}

struct Loader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// Anchored values and how many values each consists of.
    anchors: HashMap<usize, (Node, usize)>,
    aliases: usize,
    nodes: usize,
}

impl<'a> Loader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, usize), ConnectionError> {
        let line = |span: Span| span.start.line();
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, line(span))),
            // The parser's own message may quote what it met.
            Some(Err(error)) => Err(refused(error.marker().line(), "not valid YAML")),
            None => Ok((Event::StreamEnd, 1)),
        }
    }

    fn count(&mut self, nodes: usize, line: usize) -> Result<(), ConnectionError> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES { Err(refused(line, &format!("expected at most {MAX_NODES} values"))) } else { Ok(()) }
    }

    fn node(&mut self, (event, line): (Event<'a>, usize), depth: usize) -> Result<Node, ConnectionError> {
        if depth > MAX_DEPTH {
            return Err(refused(line, &format!("expected values nested at most {MAX_DEPTH} deep")));
        }
        self.count(1, line)?;
        let before = self.nodes;
        let (anchor, value) = match event {
            Event::Alias(anchor) => return self.alias(anchor, line),
            Event::Scalar(text, style, anchor, _) => (anchor, scalar(text.into_owned(), style)),
            Event::SequenceStart(anchor, _) => (anchor, self.sequence(depth)?),
            Event::MappingStart(anchor, _) => (anchor, self.mapping(depth)?),
            _ => (0, Value::Null),
        };
        let node = Node(value);
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), self.nodes - before));
        }
        Ok(node)
    }

    fn alias(&mut self, anchor: usize, line: usize) -> Result<Node, ConnectionError> {
        self.aliases += 1;
        if self.aliases > MAX_ALIASES {
            return Err(refused(line, &format!("expected at most {MAX_ALIASES} aliases (*name); write the values out")));
        }
        let Some((node, nodes)) = self.anchors.get(&anchor).cloned() else {
            return Err(refused(line, "an alias inside of what it stands for"));
        };
        self.count(nodes, line)?;
        Ok(node)
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, ConnectionError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::Sequence(items)),
                (Event::StreamEnd, line) => return Err(refused(line, "not valid YAML")),
                start => items.push(self.node(start, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, ConnectionError> {
        let mut entries: Vec<(String, Node)> = Vec::new();
        loop {
            let (key, line) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(Value::Mapping(entries)),
                (Event::Scalar(key, ..), line) => (key.into_owned(), line),
                (_, line) => return Err(refused(line, "expected a word as the key")),
            };
            if entries.iter().any(|(known, _)| *known == key) {
                return Err(refused(line, "a field is given twice"));
            }
            let start = self.next()?;
            entries.push((key, self.node(start, depth + 1)?));
        }
    }
}

fn scalar(text: String, style: ScalarStyle) -> Value {
    let is_null = style == ScalarStyle::Plain && matches!(text.as_str(), "" | "~" | "null");
    if is_null { Value::Null } else { Value::Scalar(text) }
}
