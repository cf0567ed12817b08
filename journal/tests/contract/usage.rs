//! What clusters had to give and what of it was taken.

use chrono::{DateTime, TimeDelta, Utc};
use journal::{Amounts, Journal, UsagePoint, UsageSample, UsageSpan};
use uuid::Uuid;

use crate::Store;

const ONE: Uuid = Uuid::from_u128(1);
const TWO: Uuid = Uuid::from_u128(2);

/// The beginning of an hour.
fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + second, 0).expect("a time")
}

/// One that stands for five minutes.
fn sample(cluster: Uuid, second: i64, used: i64, allocatable: i64) -> UsageSample {
    let amounts = Amounts { used, requested: used * 2, allocatable };
    UsageSample {
        cluster,
        at: at(second),
        seconds: 300,
        cpu: amounts,
        memory: Amounts { allocatable: allocatable * 10, ..amounts },
        storage: amounts,
        pods: amounts,
        environments: used,
    }
}

async fn keep(journal: &dyn Journal, samples: impl IntoIterator<Item = UsageSample>) {
    for sample in samples {
        journal.keep_usage(sample).await.expect("kept");
    }
}

async fn ask(journal: &dyn Journal, cluster: Option<Uuid>, from: i64, to: i64, step: u32) -> Vec<UsagePoint> {
    journal.usage(UsageSpan { cluster, from: at(from), to: at(to), step }).await.expect("readable")
}

async fn thin(journal: &dyn Journal, now: DateTime<Utc>) {
    while journal.thin_usage(now).await.expect("thinned") > 0 {}
}

pub(crate) async fn a_measurement_is_kept_once(store: &impl Store) {
    let journal = store.open().await;
    keep(&*journal, [sample(ONE, 10, 5, 100), sample(ONE, 10, 7, 200), sample(TWO, 10, 9, 300)]).await;
    journal.close().await;
    let journal = store.open().await;
    let points = ask(&*journal, Some(ONE), 0, 300, 300).await;
    assert_eq!(points.len(), 1, "{points:?}");
    let point = points[0];
    assert_eq!((point.at, point.environments, point.cluster_seconds), (at(0), 5, 300));
    assert_eq!(point.cpu, Amounts { used: 5, requested: 10, allocatable: 100 });
    assert_eq!((point.cpu_seconds, point.memory_seconds), (30_000, 300_000));
    assert_eq!(ask(&*journal, Some(Uuid::from_u128(3)), 0, 300, 300).await, []);
    assert_eq!(ask(&*journal, Some(ONE), 11, 300, 300).await, [], "what is before is not asked for");
    assert_eq!(ask(&*journal, Some(ONE), 0, 10, 300).await, [], "nor what is at the end");
}

pub(crate) async fn steps_are_means_over_time_and_what_is_there_last(store: &impl Store) {
    let journal = store.open().await;
    let short = UsageSample { seconds: 100, ..sample(ONE, 600, 50, 300) };
    keep(&*journal, [sample(ONE, 0, 10, 100), sample(ONE, 300, 20, 200), short, sample(ONE, 3600, 70, 400)]).await;
    let points = ask(&*journal, Some(ONE), 0, 7200, 3600).await;
    let shown: Vec<_> = points.iter().map(|point| (point.at, point.cpu, point.cluster_seconds)).collect();
    // (10 · 300 + 20 · 300 + 50 · 100) / 700 = 20.
    let first = Amounts { used: 20, requested: 40, allocatable: 300 };
    let second = Amounts { used: 70, requested: 140, allocatable: 400 };
    assert_eq!(shown, [(at(0), first, 700), (at(3600), second, 300)]);
}

pub(crate) async fn clusters_are_summed_up(store: &impl Store) {
    let journal = store.open().await;
    keep(&*journal, [sample(ONE, 0, 10, 100), sample(ONE, 100, 30, 100), sample(TWO, 50, 5, 1000)]).await;
    let points = ask(&*journal, None, 0, 300, 300).await;
    let shown: Vec<_> = points.iter().map(|point| (point.cpu, point.environments, point.cluster_seconds, point.cpu_seconds)).collect();
    assert_eq!(shown, [(Amounts { used: 25, requested: 50, allocatable: 1100 }, 25, 900, 600 * 100 + 300 * 1000)]);
}

pub(crate) async fn what_is_old_is_thinned_and_says_the_same(store: &impl Store) {
    const HOURS: i64 = 3;
    let journal = store.open().await;
    // Every minute, for three hours: the value is the number of the minute.
    let minutes = (0..HOURS * 60).map(|minute| UsageSample { seconds: 60, ..sample(ONE, minute * 60, minute, 100 + minute) });
    keep(&*journal, minutes).await;
    let hourly = ask(&*journal, None, 0, HOURS * 3600, 3600).await;
    assert_eq!(hourly.len(), 3);
    let rows = async |step| ask(&*journal, Some(ONE), 0, HOURS * 3600, step).await.len();

    thin(&*journal, at(HOURS * 3600)).await;
    assert_eq!(rows(60).await, 180, "younger than a day");
    // The first hour and 23 minutes are older than a day, which are 16 whole steps of five minutes.
    thin(&*journal, at(83 * 60) + TimeDelta::days(1)).await;
    assert_eq!(rows(60).await, 16 + (180 - 80));
    assert_eq!(ask(&*journal, None, 0, HOURS * 3600, 3600).await, hourly);
    thin(&*journal, at(HOURS * 3600) + TimeDelta::days(1)).await;
    assert_eq!((rows(60).await, rows(300).await), (36, 36));
    assert_eq!(ask(&*journal, None, 0, HOURS * 3600, 3600).await, hourly);

    thin(&*journal, at(HOURS * 3600) + TimeDelta::days(7)).await;
    assert_eq!(rows(60).await, 3);
    assert_eq!(ask(&*journal, None, 0, HOURS * 3600, 3600).await, hourly);
    // What comes late to a step that is summed up already is dropped, and takes nothing with it.
    keep(&*journal, [sample(ONE, 30, 1_000_000, 1)]).await;
    thin(&*journal, at(HOURS * 3600) + TimeDelta::days(8)).await;
    assert_eq!(ask(&*journal, None, 0, HOURS * 3600, 3600).await, hourly);
    thin(&*journal, at(HOURS * 3600) + TimeDelta::days(366)).await;
    assert_eq!(rows(3600).await, 0);
}
