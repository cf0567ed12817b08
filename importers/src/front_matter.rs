//! The header of a page: YAML between `---` lines or TOML between `+++` lines.

use crate::yaml::{Entry, Node, Value, YamlError, document};

/// A page in its two parts.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    /// Null when there is no header.
    pub(crate) header: Node,
    /// Everything after the header, unchanged.
    pub(crate) body: &'a str,
    /// The line of the file on which the body starts.
    pub(crate) body_line: u32,
}

/// Splits a page and reads its header.
pub(crate) fn split(text: &str) -> Result<Page<'_>, YamlError> {
    let mut lines = text.split_inclusive('\n');
    let fence = lines.next().map_or("", str::trim_end);
    if !matches!(fence, "---" | "+++") {
        return Ok(Page { header: Node::null(1), body: text, body_line: 1 });
    }
    let start = text.len() - lines.clone().map(str::len).sum::<usize>();
    let mut end = start;
    for (line, number) in lines.zip(2_u32..) {
        if line.trim_end() == fence {
            let source = &text[start..end];
            let header = if fence == "---" { document(source, 2)? } else { toml_document(source, 2)? };
            return Ok(Page { header, body: &text[end + line.len()..], body_line: number + 1 });
        }
        end += line.len();
    }
    Err(YamlError { line: 1, message: format!("the header that starts here has no closing `{fence}` line") })
}

fn toml_document(text: &str, first_line: u32) -> Result<Node, YamlError> {
    let table = text.parse::<toml::Table>().map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = first_line.saturating_add(u32::try_from(before.matches('\n').count()).unwrap_or(u32::MAX));
        YamlError { line, message: format!("not valid TOML: {}", error.message()) }
    })?;
    Ok(from_toml(toml::Value::Table(table), first_line))
}

/// TOML values do not keep their lines; they get the header's.
fn from_toml(value: toml::Value, line: u32) -> Node {
    let value = match value {
        toml::Value::String(text) => Value::Scalar(text),
        toml::Value::Array(items) => Value::Sequence(items.into_iter().map(|item| from_toml(item, line)).collect()),
        toml::Value::Table(table) => {
            Value::Mapping(table.into_iter().map(|(key, value)| Entry { key, line, node: from_toml(value, line) }).collect())
        }
        other => Value::Scalar(other.to_string()),
    };
    Node { line, value, is_plain: true }
}

#[cfg(test)]
mod tests;
