//! What an event changed: the states before and after it, leaf by leaf.

use std::collections::BTreeMap;

use serde_json::Value;

/// What was under a path, and what is.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Names and numbers with dots between them, such as `Open.roles.0`; empty for the whole.
    pub path: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// Where two states differ, by path. Of personal values it can be told that they changed, and they stay sealed.
#[must_use]
pub fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let (mut old, mut new) = (BTreeMap::new(), BTreeMap::new());
    leaves(String::new(), before, &mut old);
    leaves(String::new(), after, &mut new);
    let paths: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let changed = paths.into_iter().filter(|path| old.get(*path) != new.get(*path));
    let value = |all: &BTreeMap<String, &Value>, path: &String| all.get(path).map(|value| (*value).clone());
    changed.map(|path| Difference { path: path.clone(), before: value(&old, path), after: value(&new, path) }).collect()
}

fn leaves<'v>(path: String, value: &'v Value, all: &mut BTreeMap<String, &'v Value>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Object(fields) if !fields.is_empty() && !fields.contains_key("$personal") => {
            fields.iter().for_each(|(name, value)| leaves(below(name), value, all));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(index, value)| leaves(below(&index.to_string()), value, all));
        }
        leaf => drop(all.insert(path, leaf)),
    }
}

#[cfg(test)]
mod tests;
