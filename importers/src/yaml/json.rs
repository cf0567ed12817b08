//! YAML as the JSON that Kubernetes reads it as.

use serde_json::{Map, Number, Value as Json};

use super::{Node, Value};

impl Node {
    /// Plain scalars become what they look like by YAML's core schema; quoted ones stay text.
    pub(crate) fn to_json(&self) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Scalar(text) if self.is_plain => plain(text),
            Value::Scalar(text) => Json::String(text.clone()),
            Value::Sequence(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Value::Mapping(entries) => {
                Json::Object(entries.iter().map(|entry| (entry.key.clone(), entry.node.to_json())).collect::<Map<_, _>>())
            }
        }
    }
}

fn plain(text: &str) -> Json {
    let number = || text.parse::<i64>().ok().map(Number::from);
    let is_decimal = text.contains('.') && text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    let decimal = || text.parse::<f64>().ok().filter(|_| is_decimal).and_then(Number::from_f64);
    match text {
        "true" | "True" | "TRUE" => Json::Bool(true),
        "false" | "False" | "FALSE" => Json::Bool(false),
        _ => number().or_else(decimal).map_or_else(|| Json::String(text.to_owned()), Json::Number),
    }
}
