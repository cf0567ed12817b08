//! Who owns which field, and server-side apply.

use serde_json::{Value, json};

use crate::{
    failure::{Answer, Failure},
    fields::{self, Fields},
    kinds::Kind,
    schema::{self, List},
};

/// On whose behalf fields are written.
#[derive(Clone, Debug)]
pub(crate) struct Manager<'a> {
    pub(crate) name: &'a str,
    /// Empty for the object itself.
    pub(crate) subresource: &'a str,
    pub(crate) now: &'a str,
}

/// One entry of `metadata.managedFields`.
struct Entry {
    manager: String,
    operation: String,
    subresource: String,
    time: String,
    fields: Fields,
}

impl Entry {
    fn is(&self, manager: &Manager<'_>, operation: &str) -> bool {
        self.manager == manager.name && self.operation == operation && self.subresource == manager.subresource
    }
}

fn entries(object: &Value) -> Vec<Entry> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = object["metadata"]["managedFields"].as_array().into_iter().flatten();
    all.map(|entry| Entry {
        manager: text(&entry["manager"]),
        operation: text(&entry["operation"]),
        subresource: text(&entry["subresource"]),
        time: text(&entry["time"]),
        fields: fields::decode(&entry["fieldsV1"]),
    })
    .collect()
}

fn store(object: &mut Value, kind: &Kind, entries: &[Entry]) {
    let kept = entries.iter().filter(|entry| !entry.fields.is_empty());
    let all: Vec<Value> = kept
        .map(|entry| {
            let mut stored = json!({
                "manager": entry.manager, "operation": entry.operation, "apiVersion": kind.api_version(),
                "time": entry.time, "fieldsType": "FieldsV1", "fieldsV1": fields::encode(&entry.fields),
            });
            if !entry.subresource.is_empty() {
                stored["subresource"] = json!(entry.subresource);
            }
            stored
        })
        .collect();
    object["metadata"]["managedFields"] = json!(all);
}

/// Notes who wrote what differs between two states of an object. The owners are taken from the old one.
pub(crate) fn track(kind: &Kind, old: Option<&Value>, new: &mut Value, manager: &Manager<'_>) {
    let status = manager.subresource == "status";
    let mut entries = old.map(entries).unwrap_or_default();
    let (before, after) = (old.map(|old| fields::of(old, status)).unwrap_or_default(), fields::of(new, status));
    let differs = |path: &&fields::Path| old.and_then(|old| fields::resolve(old, path)) != fields::resolve(new, path);
    let changed: Fields = after.iter().filter(|path| !before.contains(*path) || differs(path)).cloned().collect();
    let gone: Fields = before.difference(&after).cloned().collect();
    for entry in &mut entries {
        let own = entry.is(manager, "Update");
        entry.fields.retain(|path| !gone.contains(path) && (own || path.last().is_some_and(|last| last == ".") || !changed.contains(path)));
    }
    if !changed.is_empty() {
        own(&mut entries, manager, "Update").fields.extend(changed);
    }
    store(new, kind, &entries);
}

/// The manager's entry, with its time set.
fn own<'a>(entries: &'a mut Vec<Entry>, manager: &Manager<'_>, operation: &str) -> &'a mut Entry {
    let at = entries.iter().position(|entry| entry.is(manager, operation)).unwrap_or_else(|| {
        entries.push(Entry {
            manager: manager.name.to_owned(),
            operation: operation.to_owned(),
            subresource: manager.subresource.to_owned(),
            time: String::new(),
            fields: Fields::new(),
        });
        entries.len() - 1
    });
    manager.now.clone_into(&mut entries[at].time);
    &mut entries[at]
}

/// What an object becomes by applying a configuration: its fields are set, and those that the manager applied before and
/// names no more are dropped unless somebody else owns them.
///
/// # Errors
/// 409 with all conflicts if another manager owns a field under another value and `force` is not set.
pub(crate) fn apply(kind: &Kind, live: Option<&Value>, applied: &Value, manager: &Manager<'_>, force: bool) -> Answer<Value> {
    let status = manager.subresource == "status";
    let wanted = fields::of(applied, status);
    let empty = json!({"metadata": {}});
    let live = live.unwrap_or(&empty);
    let mut entries = entries(live);
    let differs = |path: &fields::Path| fields::resolve(live, path) != fields::resolve(applied, path);
    let mut conflicts = Vec::new();
    for entry in entries.iter_mut().filter(|entry| !entry.is(manager, "Apply")) {
        let contested: Vec<_> = entry.fields.intersection(&wanted).filter(|path| path.last().is_none_or(|l| l != ".")).cloned().collect();
        for path in contested.into_iter().filter(differs) {
            if force {
                entry.fields.remove(&path);
            } else {
                conflicts.push((entry.manager.clone(), fields::shown(&path)));
            }
        }
    }
    if !conflicts.is_empty() {
        return Err(conflict(&conflicts));
    }
    let mut merged = live.clone();
    merge(&mut merged, applied, &mut Vec::new(), status);
    let before = own(&mut entries, manager, "Apply").fields.clone();
    let belongs = |path: &fields::Path| {
        let stem = path.strip_suffix(&[".".to_owned()][..]).unwrap_or(path);
        entries.iter().any(|entry| !entry.is(manager, "Apply") && entry.fields.iter().any(|other| other.starts_with(stem)))
            || wanted.iter().any(|other| other.starts_with(stem))
    };
    // Items before their fields: what is in them goes with them.
    for path in before.difference(&wanted).filter(|path| !belongs(path)) {
        fields::remove(&mut merged, path);
    }
    own(&mut entries, manager, "Apply").fields = wanted;
    store(&mut merged, kind, &entries);
    Ok(merged)
}

fn conflict(conflicts: &[(String, String)]) -> Failure {
    let plural = if conflicts.len() == 1 { "" } else { "s" };
    let told: Vec<String> = conflicts.iter().map(|(manager, field)| format!("conflict with \"{manager}\": {field}")).collect();
    let mut failure = Failure::new(409, "Conflict", format!("Apply failed with {} conflict{plural}: {}", conflicts.len(), told.join(", ")));
    let cause = |(manager, field): &(String, String)| {
        let message = format!("conflict with \"{manager}\"");
        json!({"reason": "FieldManagerConflict", "message": message, "field": field})
    };
    failure.details = Some(json!({"causes": conflicts.iter().map(cause).collect::<Vec<_>>()}));
    failure
}

/// Sets what a configuration names.
fn merge<'a>(target: &mut Value, applied: &'a Value, path: &mut Vec<&'a str>, status: bool) {
    match (&mut *target, applied) {
        (_, Value::Object(fields)) if !schema::is_atomic(path) => {
            if !target.is_object() {
                *target = json!({});
            }
            for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                let skipped = path.is_empty() && (status && name == "spec" || !status && name == "status");
                if skipped || path == &["metadata"] && name == "managedFields" {
                    continue;
                }
                path.push(name);
                merge(&mut target[name.as_str()], value, path, status);
                path.pop();
            }
        }
        (Value::Array(items), Value::Array(wanted)) => match schema::list(path) {
            List::Atomic => *target = applied.clone(),
            List::Set => items.extend(wanted.iter().filter(|item| !items.contains(item)).cloned().collect::<Vec<_>>()),
            List::Map(keys) => {
                for item in wanted {
                    let key = schema::key(item, keys);
                    match items.iter_mut().find(|other| schema::key(other, keys) == key) {
                        Some(other) => merge(other, item, path, status),
                        None => items.push(item.clone()),
                    }
                }
            }
        },
        _ => *target = applied.clone(),
    }
}
