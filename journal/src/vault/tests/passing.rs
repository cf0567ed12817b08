//! Keeping what is taken away once.

use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use secrecy::ExposeSecret;

use super::{Opened, other_key};

pub(super) async fn what_is_kept_for_somebody_is_taken_once(vault: Opened) {
    let until = Utc::now() + TimeDelta::minutes(10);
    vault.passing_keep(b"ada", b"hers", until).await.expect("kept");
    vault.passing_keep(b"ada", b"another's", until).await.expect("kept");
    let vault = vault.again().await;
    let all = join_all((0..20).map(|_| vault.passing_take(b"ada", Utc::now()))).await;
    let taken: Vec<_> = all.into_iter().filter_map(|taken| taken.expect("looked up")).collect();
    assert_eq!(taken.iter().map(ExposeSecret::expose_secret).collect::<Vec<_>>(), [b"hers".as_slice()]);
    assert!(vault.passing_take(b"bob", Utc::now()).await.expect("looked up").is_none());
}

pub(super) async fn what_nobody_came_for_in_time_is_gone(vault: Opened) {
    let (past, later) = (Utc::now() - TimeDelta::seconds(1), Utc::now() + TimeDelta::minutes(10));
    for (key, until) in [(b"old", past), (b"odd", past), (b"new", later)] {
        vault.passing_keep(key, b"something", until).await.expect("kept");
    }
    assert!(vault.passing_take(b"old", Utc::now()).await.expect("looked up").is_none());
    assert_eq!(vault.purge_passing(Utc::now()).await.expect("purged"), 1, "the first is gone already");
    assert!(vault.passing_take(b"new", Utc::now()).await.expect("looked up").is_some());
}

pub(super) async fn what_is_kept_for_somebody_outlives_a_new_master_key(vault: Opened) {
    vault.passing_keep(b"ada", b"hers", Utc::now() + TimeDelta::minutes(10)).await.expect("kept");
    vault.rotate_master_key(other_key()).await.expect("rotated");
    assert_eq!(vault.passing_take(b"ada", Utc::now()).await.expect("looked up").expect("kept").expose_secret(), b"hers");
}
