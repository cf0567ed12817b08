//! Reading objects: one, or lists of them.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    failure::{Answer, Failure},
    selectors::Selectors,
    store::{Key, Store},
    target::Target,
};

/// # Errors
/// 404.
pub(crate) fn get(store: &Store, target: &Target) -> Answer<Arc<Value>> {
    store.get(&target.key()).cloned().ok_or_else(|| Failure::not_found(target.kind, &target.name))
}

/// A list as it is sent.
pub(crate) struct Listed {
    pub(crate) items: Vec<Arc<Value>>,
    pub(crate) metadata: Value,
}

/// A list, or a page of one: further pages start after the last name and tell the version of the first.
///
/// # Errors
/// 400 for selectors that cannot be read, 410 for a page of a list whose version is forgotten.
pub(crate) fn list(store: &Store, target: &Target) -> Answer<Listed> {
    let query = &target.query;
    let selectors = Selectors::parse(query.get("labelSelector"), query.get("fieldSelector"))?;
    let (version, after) = match query.get("continue") {
        "" => (store.version(), None),
        token => {
            let (version, key) = resume(target, token)?;
            if store.changes(target.kind.plural, version).is_none() {
                return Err(Failure::expired("The provided continue parameter is too old to display a consistent list result."));
            }
            (version, Some(key))
        }
    };
    let most = query.get("limit").parse::<usize>().ok().filter(|most| *most > 0).unwrap_or(usize::MAX);
    let chosen = store.list(target.kind.plural, &target.namespace);
    let mut chosen = chosen.filter(|(key, object)| after.as_ref().is_none_or(|after| *key > after) && selectors.match_object(object));
    let page: Vec<(&Key, &Arc<Value>)> = chosen.by_ref().take(most).collect();
    let left = chosen.count();
    let mut metadata = json!({"resourceVersion": version.to_string()});
    if let Some((last, _)) = page.last().filter(|_| left > 0) {
        metadata["continue"] = json!(URL_SAFE_NO_PAD.encode(json!([version, last.namespace, last.name]).to_string()));
        if selectors.is_empty() {
            metadata["remainingItemCount"] = json!(left);
        }
    }
    Ok(Listed { items: page.into_iter().map(|(_, object)| Arc::clone(object)).collect(), metadata })
}

fn resume(target: &Target, token: &str) -> Answer<(u64, Key)> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let parts: Option<(u64, String, String)> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let (version, namespace, name) = parts.ok_or_else(|| Failure::bad_request("continue key is not valid"))?;
    Ok((version, Key::new(target.kind.plural, &namespace, &name)))
}
