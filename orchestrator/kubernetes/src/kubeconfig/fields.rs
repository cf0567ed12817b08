//! A mapping read field by field; what is not allowed is refused by its path.

use super::{
    REFUSED, WAY_OUT,
    yaml::{Node, Value},
};
use crate::connection::ConnectionError;

/// A single value, and where it stands.
pub(super) struct Text<'a>(pub(super) &'a str, pub(super) String);

/// The fields of a mapping.
pub(super) struct Fields<'a> {
    path: String,
    entries: &'a [(String, Node)],
}

impl<'a> Fields<'a> {
    pub(super) fn of(path: &str, node: &'a Node) -> Result<Self, ConnectionError> {
        match &node.0 {
            Value::Mapping(entries) => Ok(Self { path: path.to_owned(), entries }),
            _ => Err(ConnectionError::new(path, "expected fields of the form `name: value`")),
        }
    }

    fn at(&self, name: &str) -> String {
        if self.path == "kubeconfig" { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    pub(super) fn error(&self, name: &str, reason: impl Into<String>) -> ConnectionError {
        ConnectionError::new(self.at(name), reason)
    }

    /// Refuses every field that is not among `known`, and says why.
    pub(super) fn allow(&self, known: &[&str]) -> Result<(), ConnectionError> {
        let Some((name, _)) = self.entries.iter().find(|(name, _)| !known.contains(&name.as_str())) else { return Ok(()) };
        let shown: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
        let reason = REFUSED.iter().find(|(refused, _)| refused == name).map(|(_, reason)| *reason);
        let reason = reason.map_or_else(|| format!("expected one of {}", known.join(", ")), str::to_owned);
        Err(self.error(&shown, format!("refused: {reason}; {WAY_OUT}")))
    }

    /// A field's value; an empty one counts as absent.
    fn get(&self, name: &str) -> Option<&'a Node> {
        self.entries.iter().find(|(key, _)| key == name).map(|(_, node)| node).filter(|node| !matches!(node.0, Value::Null))
    }

    pub(super) fn node(&self, name: &str) -> Result<&'a Node, ConnectionError> {
        self.get(name).ok_or_else(|| self.error(name, "is missing"))
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<Text<'a>>, ConnectionError> {
        match self.get(name).map(|node| &node.0) {
            None => Ok(None),
            Some(Value::Scalar(text)) => Ok(Some(Text(text, self.at(name)))),
            Some(_) => Err(self.error(name, "expected a single value")),
        }
    }

    pub(super) fn required(&self, name: &str) -> Result<Text<'a>, ConnectionError> {
        self.text(name)?.ok_or_else(|| self.error(name, "is missing"))
    }

    pub(super) fn items(&self, name: &str) -> Result<&'a [Node], ConnectionError> {
        match self.get(name).map(|node| &node.0) {
            Some(Value::Sequence(items)) if !items.is_empty() => Ok(items),
            _ => Err(self.error(name, "expected a list with at least one entry")),
        }
    }
}
