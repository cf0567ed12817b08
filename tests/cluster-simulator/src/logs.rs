//! What pods print: the text of an annotation, and while it is followed what is added to that.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
};

use axum::body::{Body, Bytes};
use futures_util::stream;
use serde_json::Value;

use crate::{
    failure::{Answer, Failure},
    options::LOG_ANNOTATION,
    read,
    store::Store,
    target::Target,
};

/// # Errors
/// 404; 400 for a pod that has not begun.
pub(crate) fn read(store: &Arc<Mutex<Store>>, target: &Target) -> Answer<Body> {
    let locked = store.lock().unwrap_or_else(PoisonError::into_inner);
    let pod = read::get(&locked, target)?;
    if pod["status"]["containerStatuses"][0]["state"]["waiting"].is_object() || pod["status"]["phase"] == "Pending" {
        let why = format!("container in pod \"{}\" is waiting to start: ContainerCreating", target.name);
        return Err(Failure::bad_request(why));
    }
    let text = printed(&pod);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let last = target.query.get("tailLines").parse().unwrap_or(usize::MAX);
    let shown = Bytes::from(lines[lines.len().saturating_sub(last)..].concat());
    if !target.query.is("follow") {
        return Ok(Body::from(shown));
    }
    let following = (Arc::clone(store), target.clone(), locked.subscribe(), text.len(), Some(shown));
    Ok(Body::from_stream(stream::unfold(following, |(store, target, mut changes, mut sent, shown)| async move {
        let part = match shown {
            Some(shown) => shown,
            None => loop {
                changes.borrow_and_update();
                // It ends with the pod.
                let text = printed(&*read::get(&store.lock().unwrap_or_else(PoisonError::into_inner), &target).ok()?).to_owned();
                if let Some(added) = text.get(sent..).filter(|added| !added.is_empty()) {
                    sent = text.len();
                    break Bytes::copy_from_slice(added.as_bytes());
                }
                changes.changed().await.ok()?;
            },
        };
        Some((Ok::<_, Infallible>(part), (store, target, changes, sent, None)))
    })))
}

fn printed(pod: &Value) -> &str {
    pod["metadata"]["annotations"][LOG_ANNOTATION].as_str().unwrap_or("started\n")
}
