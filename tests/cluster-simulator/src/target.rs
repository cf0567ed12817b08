//! What a request is about, read from its address and method.

use std::collections::BTreeMap;

use axum::http::{Method, Uri};

use crate::{
    failure::{Answer, Failure},
    kinds::{self, Kind},
    store::Key,
};

/// A request as authorization and faults see it.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) kind: &'static Kind,
    /// Empty for the whole cluster.
    pub(crate) namespace: String,
    /// Empty for all of a kind.
    pub(crate) name: String,
    /// Empty for the object itself.
    pub(crate) subresource: String,
    /// As RBAC names it.
    pub(crate) verb: &'static str,
    pub(crate) query: Query,
}

impl Target {
    /// `None` for what is not about objects, such as discovery.
    pub(crate) fn parse(method: &Method, uri: &Uri, metrics: bool) -> Answer<Option<Self>> {
        let segments: Vec<&str> = uri.path().split('/').filter(|segment| !segment.is_empty()).collect();
        let (group, version, rest) = match &segments[..] {
            ["api", version, rest @ ..] if !rest.is_empty() => ("", *version, rest),
            ["apis", group, version, rest @ ..] if !rest.is_empty() => (*group, *version, rest),
            _ => return Ok(None),
        };
        let (namespace, plural, name, subresource) = match rest {
            ["namespaces", name] => ("", "namespaces", *name, ""),
            ["namespaces", name, sub @ ("status" | "finalize")] => ("", "namespaces", *name, *sub),
            ["namespaces", namespace, plural] => (*namespace, *plural, "", ""),
            ["namespaces", namespace, plural, name] => (*namespace, *plural, *name, ""),
            ["namespaces", namespace, plural, name, sub] => (*namespace, *plural, *name, *sub),
            [plural] => ("", *plural, "", ""),
            [plural, name] => ("", *plural, *name, ""),
            [plural, name, sub] => ("", *plural, *name, *sub),
            _ => return Err(Failure::no_resource()),
        };
        let kind = kinds::find(group, version, plural, metrics).ok_or_else(Failure::no_resource)?;
        let known = subresource.is_empty() || kind.subresources.contains(&subresource);
        let placed = kind.namespaced || namespace.is_empty();
        let named = !kind.namespaced || !namespace.is_empty() || name.is_empty();
        if !known || !placed || !named {
            return Err(Failure::no_resource());
        }
        let query = Query::parse(uri.query().unwrap_or_default());
        let verb = verb(method, name, &query)?;
        let owned = |text: &str| text.to_owned();
        Ok(Some(Self { kind, namespace: owned(namespace), name: owned(name), subresource: owned(subresource), verb, query }))
    }

    /// `pods` or `pods/exec`.
    pub(crate) fn resource(&self) -> String {
        if self.subresource.is_empty() { self.kind.plural.to_owned() } else { format!("{}/{}", self.kind.plural, self.subresource) }
    }

    pub(crate) fn key(&self) -> Key {
        Key::new(self.kind.plural, &self.namespace, &self.name)
    }
}

fn verb(method: &Method, name: &str, query: &Query) -> Answer<&'static str> {
    Ok(match (method.as_str(), name.is_empty()) {
        ("GET", true) if query.is("watch") => "watch",
        ("GET", true) => "list",
        ("GET", false) => "get",
        ("POST", _) => "create",
        ("PUT", false) => "update",
        ("PATCH", false) => "patch",
        ("DELETE", false) => "delete",
        ("DELETE", true) => "deletecollection",
        _ => return Err(Failure::method_not_allowed()),
    })
}

/// The parameters of an address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query(BTreeMap<String, Vec<String>>);

impl Query {
    pub(crate) fn parse(text: &str) -> Self {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            all.entry(decoded(name)).or_default().push(decoded(value));
        }
        Self(all)
    }

    /// Empty if it is not there.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).and_then(|values| values.first()).map_or("", String::as_str)
    }

    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.0.get(name).cloned().unwrap_or_default()
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        matches!(self.get(name), "true" | "1")
    }
}

/// Percent-decoding, as of forms.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut found = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            found.push(byte);
            at += 3;
        } else {
            found.push(if bytes[at] == b'+' { b' ' } else { bytes[at] });
            at += 1;
        }
    }
    String::from_utf8_lossy(&found).into_owned()
}
