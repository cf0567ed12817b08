//! Patches of three kinds: JSON, merge, and strategic merge.

use serde_json::{Map, Value, json};

use crate::{
    failure::{Answer, Failure},
    schema::{self, List},
};

/// RFC 7396.
pub(crate) fn merge(target: &mut Value, patch: &Value) {
    let Some(fields) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (name, value) in fields {
        if value.is_null() {
            remove(target, name);
        } else {
            merge(&mut target[name.as_str()], value);
        }
    }
}

fn remove(target: &mut Value, name: &str) {
    if let Some(map) = target.as_object_mut() {
        map.remove(name);
    }
}

/// Kubernetes' own: lists whose items have keys are merged by them, and `$patch` replaces or deletes.
pub(crate) fn strategic<'a>(target: &mut Value, patch: &'a Value, place: &mut Vec<&'a str>) {
    match (&mut *target, patch) {
        (Value::Object(_), Value::Object(fields)) => fold_fields(target, fields, place),
        (Value::Array(items), Value::Array(patches)) => match schema::list(place) {
            List::Map(keys) => fold_items(items, patches, keys, place),
            List::Set => items.extend(patches.iter().filter(|patch| !items.contains(patch)).cloned().collect::<Vec<_>>()),
            List::Atomic => *target = patch.clone(),
        },
        (_, Value::Object(fields)) => {
            *target = json!({});
            fold_fields(target, fields, place);
        }
        _ => *target = without_directives(patch),
    }
}

fn fold_fields<'a>(target: &mut Value, fields: &'a Map<String, Value>, path: &mut Vec<&'a str>) {
    if fields.get("$patch").is_some_and(|directive| directive == "replace") {
        *target = without_directives(&Value::Object(fields.clone()));
        return;
    }
    for (name, value) in fields {
        if let Some(list) = name.strip_prefix("$deleteFromPrimitiveList/") {
            let gone = value.as_array().cloned().unwrap_or_default();
            if let Some(items) = target[list].as_array_mut() {
                items.retain(|item| !gone.contains(item));
            }
        } else if name.starts_with('$') {
        } else if value.is_null() {
            remove(target, name);
        } else {
            path.push(name);
            strategic(&mut target[name.as_str()], value, path);
            path.pop();
        }
    }
}

fn fold_items<'a>(items: &mut Vec<Value>, patches: &'a [Value], keys: &[&str], path: &mut Vec<&'a str>) {
    for patch in patches {
        let key = schema::key(patch, keys);
        let position = items.iter().position(|item| schema::key(item, keys) == key);
        match (position, patch["$patch"].as_str()) {
            (Some(at), Some("delete")) => drop(items.remove(at)),
            (None, Some("delete")) => {}
            (Some(at), _) => strategic(&mut items[at], patch, path),
            (None, _) => items.push(without_directives(patch)),
        }
    }
}

fn without_directives(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(name, value)| !name.starts_with('$') && !value.is_null());
            Value::Object(kept.map(|(name, value)| (name.clone(), without_directives(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_directives).collect()),
        other => other.clone(),
    }
}

/// RFC 6902.
pub(crate) fn operations(target: &mut Value, operations: &Value) -> Answer<()> {
    let Some(all) = operations.as_array() else { return Err(Failure::bad_request("a JSON patch is a list of operations")) };
    for operation in all {
        operate(target, operation).ok_or_else(|| {
            Failure::new(422, "Invalid", format!("the server rejected our request due to an error in our request: {operation}"))
        })?;
    }
    Ok(())
}

fn operate(target: &mut Value, operation: &Value) -> Option<()> {
    let path = operation["path"].as_str()?;
    match operation["op"].as_str()? {
        "test" => (target.pointer(path)? == &operation["value"]).then_some(()),
        "remove" => take(target, path).map(drop),
        "add" => add(target, path, operation["value"].clone()),
        "replace" => {
            *target.pointer_mut(path)? = operation["value"].clone();
            Some(())
        }
        "copy" => {
            let value = target.pointer(operation["from"].as_str()?)?.clone();
            add(target, path, value)
        }
        "move" => {
            let value = take(target, operation["from"].as_str()?)?;
            add(target, path, value)
        }
        _ => None,
    }
}

fn split(path: &str) -> Option<(&str, String)> {
    let (parent, name) = path.rsplit_once('/')?;
    Some((parent, name.replace("~1", "/").replace("~0", "~")))
}

fn take(target: &mut Value, path: &str) -> Option<Value> {
    let (parent, name) = split(path)?;
    match target.pointer_mut(parent)? {
        Value::Object(fields) => fields.remove(&name),
        Value::Array(items) => {
            let at = name.parse().ok().filter(|at| *at < items.len())?;
            Some(items.remove(at))
        }
        _ => None,
    }
}

fn add(target: &mut Value, path: &str, value: Value) -> Option<()> {
    if path.is_empty() {
        *target = value;
        return Some(());
    }
    let (parent, name) = split(path)?;
    match target.pointer_mut(parent)? {
        Value::Object(fields) => drop(fields.insert(name, value)),
        Value::Array(items) if name == "-" => items.push(value),
        Value::Array(items) => items.insert(name.parse().ok().filter(|at| *at <= items.len())?, value),
        _ => return None,
    }
    Some(())
}
