//! Writing objects: what all ways of it share, and creation.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    access, admission,
    apply::{self, Manager},
    defaults,
    failure::{Answer, Failure},
    identity::User,
    store::{Key, Store},
    target::Target,
    validation,
};

mod change;
mod removal;

pub(crate) use change::{patch, replace};
pub(crate) use removal::{delete, delete_all, finish, terminate};

/// The object as it is now, and whether that is new.
pub(crate) struct Written {
    pub(crate) object: Arc<Value>,
    pub(crate) created: bool,
}

/// Who writes, and how.
#[derive(Clone, Debug)]
pub(crate) struct Author {
    pub(crate) user: User,
    /// The field manager.
    pub(crate) manager: String,
    pub(crate) force: bool,
    pub(crate) dry_run: bool,
}

impl Author {
    /// A controller of the cluster.
    pub(crate) fn controller(name: &str) -> Self {
        Self { user: User::new(name, &["system:masters"]), manager: name.to_owned(), force: false, dry_run: false }
    }
}

/// The body of a request as an object of the target's kind.
pub(crate) fn object(target: &Target, mut body: Value) -> Answer<Value> {
    let kind = target.kind;
    if !body.is_object() {
        return Err(Failure::bad_request("the body of the request was in an unknown format: expected an object"));
    }
    for (field, expected) in [("apiVersion", kind.api_version()), ("kind", kind.kind.to_owned())] {
        match body[field].as_str() {
            None => body[field] = json!(expected),
            Some(given) if given == expected => {}
            Some(given) => {
                let why = format!(
                    "{kind} in version \"{}\" cannot be handled as a {}: {field} is {given}",
                    kind.version,
                    kind.kind,
                    kind = kind.kind
                );
                return Err(Failure::bad_request(why));
            }
        }
    }
    if body["metadata"].is_null() {
        body["metadata"] = json!({});
    }
    if !body["metadata"].is_object() {
        return Err(Failure::bad_request("metadata: expected an object"));
    }
    let namespace = body["metadata"]["namespace"].as_str().unwrap_or(&target.namespace);
    if namespace != target.namespace {
        let why = "the namespace of the provided object does not match the namespace sent on the request";
        return Err(Failure::bad_request(why));
    }
    if kind.namespaced {
        body["metadata"]["namespace"] = json!(target.namespace);
    }
    let name = body["metadata"]["name"].as_str().unwrap_or(&target.name);
    if !target.name.is_empty() && name != target.name {
        let why = format!("the name of the object ({name}) does not match the name on the URL ({})", target.name);
        return Err(Failure::bad_request(why));
    }
    if !target.name.is_empty() {
        body["metadata"]["name"] = json!(target.name);
    }
    Ok(body)
}

/// # Errors
/// What admission, validation or a collision says.
pub(crate) fn create(store: &mut Store, author: &Author, target: &Target, body: Value) -> Answer<Arc<Value>> {
    let mut object = object(target, body)?;
    let kind = target.kind;
    if target.name.is_empty() && object["metadata"]["name"].as_str().is_none_or(str::is_empty) {
        let Some(stem) = object["metadata"]["generateName"].as_str().filter(|stem| !stem.is_empty()) else {
            return Err(Failure::invalid(kind, "", "metadata.name", "Required value: name or generateName is required"));
        };
        let id = uuid::Uuid::new_v4().simple().to_string();
        object["metadata"]["name"] = json!(format!("{stem}{}", &id[..5]));
    }
    let key = Key::new(kind.plural, &target.namespace, object["metadata"]["name"].as_str().unwrap_or_default());
    if object["metadata"]["resourceVersion"].as_str().is_some_and(|version| !version.is_empty()) {
        return Err(Failure::new(500, "InternalError", "resourceVersion should not be set on objects to be created"));
    }
    let now = store.clock.stamp();
    let manager = Manager { name: &author.manager, subresource: "", now: &now };
    apply::track(kind, None, &mut object, &manager);
    insert(store, author, &key, object)
}

/// Stores a new object whose owners are known.
fn insert(store: &mut Store, author: &Author, key: &Key, mut object: Value) -> Answer<Arc<Value>> {
    let kind = key.kind();
    if let Some(metadata) = object["metadata"].as_object_mut() {
        for field in ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "resourceVersion"] {
            metadata.remove(field);
        }
    }
    object["metadata"]["uid"] = json!(uuid::Uuid::new_v4());
    object["metadata"]["creationTimestamp"] = json!(store.clock.stamp());
    if kind.has_generation() {
        object["metadata"]["generation"] = json!(1);
    }
    if let Some(fields) = object.as_object_mut().filter(|_| kind.has_status() && kind.plural != "nodes") {
        fields.remove("status");
    }
    validation::check(key, &object)?;
    defaults::fill_in(key, &mut object, store.version());
    admission::admit(store, key, &mut object)?;
    access::refuse_escalation(store, &author.user, key, &object)?;
    if store.get(key).is_some() {
        return Err(Failure::already_exists(kind, &key.name));
    }
    if author.dry_run {
        return Ok(Arc::new(object));
    }
    Ok(store.put(key.clone(), object))
}
