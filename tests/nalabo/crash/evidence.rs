//! What a data directory holds after its server is gone.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use nalabo::{config::Config, node::Stores};
use projections::{Place, ProjectionOptions, Projections, RebuildOptions, Until, digest_of_rows, rebuild_into};
use serde_json::{Value, json};

use super::writers::Ledger;
use crate::{
    people::text,
    site::{PATIENCE, Site},
};

/// The events, in order.
pub(crate) struct Evidence {
    pub(crate) events: Vec<Value>,
}

impl Evidence {
    /// Reads the events, and sees that the read models say the same as ones that are made anew from them.
    pub(crate) async fn of(site: &Site) -> Self {
        let events = site.events();
        read_models_agree(site).await;
        Self { events }
    }

    pub(crate) fn holds(&self, ledger: &Ledger) {
        let positions: Vec<_> = self.events.iter().map(|event| event["position"].as_u64().expect("a position")).collect();
        assert!(positions.iter().copied().eq(1..=self.events.len() as u64), "positions have no gaps: {positions:?}");
        self.streams_are_whole();
        let traces = self.traces();
        for command in &ledger.acknowledged {
            let times = traces.get(&command.trace.to_string()).copied().unwrap_or_default();
            assert_eq!(times, 1, "{command:?} was acknowledged");
        }
        for command in &ledger.in_doubt {
            let times = traces.get(&command.trace.to_string()).copied().unwrap_or_default();
            assert!(times <= 1, "{command:?} happened {times} times");
        }
    }

    /// Each stream counts from 1 without gaps, and what is written to two streams at once is in both.
    fn streams_are_whole(&self) {
        let mut lengths = BTreeMap::<String, u64>::new();
        let mut names = BTreeMap::<String, usize>::new();
        for event in &self.events {
            let length = lengths.entry(text(&event["stream"])).or_default();
            *length += 1;
            assert_eq!(event["sequence"], *length, "{event}");
            *names.entry(text(&event["type"])).or_default() += 1;
        }
        assert_eq!(names["SlugClaimed"], names["WorkshopDrafted"]);
        assert_eq!(names["EmailClaimed"], names["AccountRegistered"]);
        assert_eq!(names.get("DeskTaken"), names.get("SessionStarted"));
    }

    /// How often each thing happened that a command can be known by.
    fn traces(&self) -> BTreeMap<String, usize> {
        let mut learners = BTreeMap::new();
        let mut traces = BTreeMap::new();
        for event in &self.events {
            let (stream, payload) = (text(&event["stream"]), &event["payload"]);
            let trace = match event["type"].as_str() {
                Some("WorkshopDrafted") => json!(["Drafted", payload["Drafted"]["slug"]]),
                Some("SessionStarted") => {
                    let learner = format!("acc_{}", text(&payload["Started"]["learner"]).replace('-', ""));
                    learners.insert(stream, learner.clone());
                    json!(["Started", learner])
                }
                Some("StepCompleted") => json!(["StepCompleted", learners[&stream], payload["StepCompleted"]["step"]]),
                _ => continue,
            };
            *traces.entry(trace.to_string()).or_default() += 1;
        }
        traces
    }
}

/// Waits until there are points for each step that was completed, and sees that they were given once and for nothing else.
pub(crate) async fn points_are_awarded_once(site: &Site) {
    let began = Instant::now();
    loop {
        let (completed, awarded) = completed_and_awarded(&site.events());
        let unique: BTreeSet<_> = awarded.iter().cloned().collect();
        assert_eq!(unique.len(), awarded.len(), "points were given twice: {awarded:?}");
        assert!(unique.is_subset(&completed), "points were given for nothing: {awarded:?}");
        if unique == completed {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "{} steps, but points for {} only", completed.len(), awarded.len());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A learner and a step.
type Deed = (String, String);

fn completed_and_awarded(events: &[Value]) -> (BTreeSet<Deed>, Vec<Deed>) {
    let mut learners = BTreeMap::new();
    let (mut completed, mut awarded) = (BTreeSet::new(), Vec::new());
    for event in events {
        let (stream, payload) = (text(&event["stream"]), &event["payload"]);
        match event["type"].as_str() {
            Some("SessionStarted") => drop(learners.insert(stream, text(&payload["Started"]["learner"]))),
            Some("StepCompleted") => drop(completed.insert((learners[&stream].clone(), text(&payload["StepCompleted"]["step"])))),
            Some("PointsAwarded") => {
                let award = &payload["Awarded"];
                awarded.push((text(&award["learner"]), text(&award["source"]["step"]["step"])));
            }
            _ => {}
        }
    }
    (completed, awarded)
}

/// Lets the read models, as the killed server left them, take what they had not taken yet, and makes them anew beside.
async fn read_models_agree(site: &Site) {
    let config = Config { data_dir: site.path(), ..Config::default() };
    let stores = Stores::open(&config).await.expect("the stores open");
    let head = stores.journal.head().await.expect("a head");
    let options = ProjectionOptions::new(Place::Directory(site.path().join("read-models")));
    let kept = Arc::new(Projections::init(Arc::clone(&stores.journal), &options).await.expect("the read models open"));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let runner = tokio::spawn(Arc::clone(&kept).run(async move { drop(stopped.await) }));
    assert!(kept.reached(head, PATIENCE).await, "the read models do not get level: {:?}", kept.status());
    let folder = tempfile::tempdir().expect("a folder");
    let rebuild = RebuildOptions { until: Until::Position(head), ..RebuildOptions::default() };
    let anew = rebuild_into(&folder.path().join("anew.db"), stores.journal.clone(), rebuild).await.expect("rebuilt");
    let (left, right) = (digest_of_rows(kept.db()).await.expect("read"), digest_of_rows(anew.db()).await.expect("read"));
    assert_eq!(left, right);
    drop(stop);
    runner.await.expect("no panic");
    kept.close().await;
    anew.close().await;
    stores.close().await;
}
