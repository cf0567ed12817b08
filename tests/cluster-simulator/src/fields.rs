//! Sets of fields of an object, in the notation of `FieldsV1`.

use std::{collections::BTreeSet, fmt::Write};

use serde_json::{Map, Value, json};

use crate::schema::{self, List};

/// Elements such as `f:spec`, `k:{"name":"a"}`, `v:"x"`, and `.` for an item itself.
pub(crate) type Path = Vec<String>;
pub(crate) type Fields = BTreeSet<Path>;

/// What the server sets, so that nobody owns it.
const UNOWNED: [&str; 10] = [
    "name",
    "generateName",
    "namespace",
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "generation",
    "managedFields",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
];

/// The fields that an object has; those of `status` only if `status` is asked for, and then no others.
pub(crate) fn of(object: &Value, status: bool) -> Fields {
    let mut found = Fields::new();
    for (name, value) in object.as_object().into_iter().flatten() {
        match name.as_str() {
            "apiVersion" | "kind" => {}
            "metadata" if !status => {
                let owned = value.as_object().into_iter().flatten().filter(|(name, _)| !UNOWNED.contains(&name.as_str()));
                for (name, value) in owned {
                    collect(value, &mut vec!["metadata", name], &mut vec!["f:metadata".to_owned(), format!("f:{name}")], &mut found);
                }
            }
            "status" if !status => {}
            name if !status || name == "status" => collect(value, &mut vec![name], &mut vec![format!("f:{name}")], &mut found),
            _ => {}
        }
    }
    found
}

fn collect<'a>(value: &'a Value, names: &mut Vec<&'a str>, path: &mut Path, found: &mut Fields) {
    match value {
        Value::Null => {}
        Value::Object(fields) if !fields.is_empty() && !schema::is_atomic(names) => {
            for (name, value) in fields {
                names.push(name);
                path.push(format!("f:{name}"));
                collect(value, names, path, found);
                path.pop();
                names.pop();
            }
        }
        Value::Array(items) => match schema::list(names) {
            List::Atomic => drop(found.insert(path.clone())),
            List::Set => found.extend(items.iter().map(|item| with(path, format!("v:{item}")))),
            List::Map(keys) => {
                for item in items {
                    path.push(element(item, keys));
                    found.insert(with(path, ".".to_owned()));
                    let whole = names.len();
                    for (name, value) in item.as_object().into_iter().flatten() {
                        names.push(name);
                        path.push(format!("f:{name}"));
                        collect(value, names, path, found);
                        path.pop();
                        names.truncate(whole);
                    }
                    path.pop();
                }
            }
        },
        _ => drop(found.insert(path.clone())),
    }
}

fn with(path: &Path, element: String) -> Path {
    let mut longer = path.clone();
    longer.push(element);
    longer
}

/// `k:{"name":"a"}`, with its keys in order.
fn element(item: &Value, keys: &[&str]) -> String {
    let fields: Map<String, Value> = keys.iter().map(|key| (*key).to_owned()).zip(schema::key(item, keys)).collect();
    format!("k:{}", Value::Object(fields))
}

/// Where an item stands in its list.
fn position(items: &[Value], element: &str) -> Option<usize> {
    if let Some(value) = element.strip_prefix("v:") {
        let value: Value = serde_json::from_str(value).ok()?;
        return items.iter().position(|item| *item == value);
    }
    let key: Map<String, Value> = serde_json::from_str(element.strip_prefix("k:")?).ok()?;
    let names: Vec<&str> = key.keys().map(String::as_str).collect();
    let values: Vec<Value> = key.values().cloned().collect();
    items.iter().position(|item| schema::key(item, &names) == values)
}

/// The value at a path.
pub(crate) fn resolve<'a>(object: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(object, |value, element| match value {
        Value::Object(fields) => match element.strip_prefix("f:") {
            Some(name) => fields.get(name),
            None => (element == ".").then_some(value),
        },
        Value::Array(items) => items.get(position(items, element)?),
        _ => None,
    })
}

/// Takes what is at a path out of an object, and maps and lists that are empty then.
pub(crate) fn remove(object: &mut Value, path: &[String]) {
    let Some((element, rest)) = path.split_first() else { return };
    let is_last = rest.is_empty() || rest == ["."];
    match object {
        Value::Object(fields) => {
            let Some(name) = element.strip_prefix("f:") else { return };
            if is_last {
                fields.remove(name);
            } else if let Some(value) = fields.get_mut(name) {
                remove(value, rest);
                if is_empty(value) {
                    fields.remove(name);
                }
            }
        }
        Value::Array(items) => {
            let Some(at) = position(items, element) else { return };
            if is_last {
                items.remove(at);
            } else {
                remove(&mut items[at], rest);
            }
        }
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}

/// The stored form.
pub(crate) fn encode(fields: &Fields) -> Value {
    let mut tree = json!({});
    for path in fields {
        let mut node = &mut tree;
        for element in path {
            node = &mut node[element.as_str()];
            if node.is_null() {
                *node = json!({});
            }
        }
    }
    tree
}

/// From the stored form.
pub(crate) fn decode(tree: &Value) -> Fields {
    let mut found = Fields::new();
    walk(tree, &mut Path::new(), &mut found);
    found
}

fn walk(tree: &Value, path: &mut Path, found: &mut Fields) {
    for (element, below) in tree.as_object().into_iter().flatten() {
        path.push(element.clone());
        if is_empty(below) {
            found.insert(path.clone());
        } else {
            walk(below, path, found);
        }
        path.pop();
    }
}

/// As messages show it: `.spec.containers[name="a"].image`.
pub(crate) fn shown(path: &[String]) -> String {
    let mut text = String::new();
    for element in path {
        if let Some(name) = element.strip_prefix("f:") {
            text.push('.');
            text.push_str(name);
        } else if let Some(key) = element.strip_prefix("k:") {
            let key: Map<String, Value> = serde_json::from_str(key).unwrap_or_default();
            let parts: Vec<String> = key.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let _ = write!(text, "[{}]", parts.join(","));
        } else if let Some(value) = element.strip_prefix("v:") {
            let _ = write!(text, "[={value}]");
        }
    }
    text
}
