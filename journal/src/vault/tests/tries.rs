//! Counting what is tried.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;

use super::Opened;
use crate::vault::Tries;

fn tries(count: i64) -> Tries {
    let now = DateTime::from_timestamp_micros(Utc::now().timestamp_micros()).expect("a time");
    Tries { count, blocked_until: now, known_until: (count > 1).then_some(now), expires_at: now + TimeDelta::days(1) }
}

pub(super) async fn what_is_tried_is_counted_once(vault: Opened) {
    assert_eq!(vault.tries(b"ada").await.expect("read"), None);
    let (first, second) = (tries(1), tries(2));
    let all = join_all((0..20).map(|_| vault.set_tries(b"ada", None, first))).await;
    assert_eq!(all.into_iter().filter(|set| *set.as_ref().expect("set")).count(), 1);
    let all = join_all((0..20).map(|_| vault.set_tries(b"ada", Some(1), second))).await;
    assert_eq!(all.into_iter().filter(|set| *set.as_ref().expect("set")).count(), 1);
    assert!(!vault.set_tries(b"bob", Some(1), first).await.expect("set"), "there is nothing to change");
    let vault = vault.again().await;
    assert_eq!(vault.tries(b"ada").await.expect("read"), Some((2, second)));
}

pub(super) async fn what_was_tried_long_ago_is_forgotten(vault: Opened) {
    let (old, new) = (Tries { expires_at: Utc::now() - TimeDelta::seconds(1), ..tries(3) }, tries(1));
    vault.set_tries(b"old", None, old).await.expect("set");
    vault.set_tries(b"new", None, new).await.expect("set");
    assert_eq!(vault.purge_tries(Utc::now()).await.expect("purged"), 1);
    assert_eq!((vault.tries(b"old").await.expect("read"), vault.tries(b"new").await.expect("read")), (None, Some((1, new))));
}
