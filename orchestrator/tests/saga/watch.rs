//! Looking at clusters.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::Utc;
use commands::{
    Request,
    environments::{AccessError, ClusterAccess, ClusterReport, Connection, Fleet, PointFailure, Taken},
};
use domain::{
    environments::cluster::{Capacity, Health, Thresholds},
    kernel::{ClusterId, Millicores},
};
use journal::{UsageHistory, UsageSpan};
use orchestrator::watch::{Watch, WatchOptions};
use tokio::sync::watch;

use crate::stage::{DEADLINE, Stage, accepted};

/// How a server behaves.
#[derive(Clone, Copy)]
enum Mood {
    Well,
    Ill,
    Silent,
    Hangs,
    /// So many thousandths of its processor are requested.
    Taken(u32),
}

/// Servers by address, each as it is told; well, if it is not.
#[derive(Default)]
struct Sky {
    moods: Mutex<HashMap<String, Mood>>,
    looks: AtomicUsize,
}

impl Sky {
    fn set(&self, name: &str, mood: Mood) {
        self.moods.lock().unwrap_or_else(PoisonError::into_inner).insert(format!("https://{name}.example.org"), mood);
    }
}

#[async_trait::async_trait]
impl Fleet for Sky {
    fn parse(&self, _access: &ClusterAccess) -> Result<Connection, AccessError> {
        Err(AccessError { at: "access".into(), problem: "nothing is registered here".into() })
    }

    async fn test(&self, connection: &Connection) -> ClusterReport {
        self.looks.fetch_add(1, Ordering::SeqCst);
        let mood = self.moods.lock().unwrap_or_else(PoisonError::into_inner).get(&connection.endpoint.server).copied();
        let well = ClusterReport { reachable: true, version: Some("v1.37.0".into()), ..ClusterReport::default() };
        match mood.unwrap_or(Mood::Well) {
            Mood::Well => well,
            Mood::Ill => {
                let failures = vec![PointFailure { point: "nodes".into(), problem: "worker-2 is not ready".into() }];
                ClusterReport { failures, ..well }
            }
            Mood::Taken(cpu) => {
                let of = |cpu, pods| Capacity { nodes: 1, cpu: Millicores(cpu), pods, ..Capacity::default() };
                let taken = Taken { requested: of(cpu, 2), used: of(cpu / 2, 2) };
                ClusterReport { capacity: of(1000, 10), taken: Some(taken), ..well }
            }
            Mood::Silent => ClusterReport::default(),
            Mood::Hangs => std::future::pending().await,
        }
    }
}

struct Watched {
    sky: Arc<Sky>,
    stop: watch::Sender<bool>,
}

fn start(stage: &Stage, node: &str) -> Watched {
    let sky = Arc::new(Sky::default());
    let patience = Duration::from_millis(200);
    let watch = Watch {
        commands: Arc::clone(&stage.commands),
        fleet: sky.clone(),
        journal: stage.ledger.clone(),
        projections: Arc::clone(&stage.projections),
        node: node.into(),
        options: WatchOptions {
            every: Duration::from_millis(20),
            soon: Duration::from_millis(5),
            patience,
            thresholds: Thresholds::default(),
        },
    };
    let (stop, stopping) = watch::channel(false);
    tokio::spawn(Arc::new(watch).run(stopping));
    Watched { sky, stop }
}

async fn until(stage: &Stage, cluster: ClusterId, health: Health) {
    let met = async {
        loop {
            let found = stage.commands.environments.cluster(cluster).await.expect("readable");
            if found.member().expect("a cluster").health == health {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(DEADLINE, met).await.unwrap_or_else(|_| panic!("not {health:?} in time"));
}

#[tokio::test]
async fn a_cluster_in_trouble_is_told_with_the_reason_and_so_is_its_recovery() {
    let stage = Stage::init().await;
    let (cluster, _) = stage.cluster("one", 1).await;
    let watched = start(&stage, "here");
    let reason = async || {
        let recorded = stage.ledger_events(cluster).await;
        recorded.last().expect("an event").1.to_string()
    };
    watched.sky.set("one", Mood::Ill);
    until(&stage, cluster, Health::Degraded).await;
    assert!(reason().await.contains("nodes: worker-2 is not ready"), "{}", reason().await);
    watched.sky.set("one", Mood::Silent);
    until(&stage, cluster, Health::Unreachable).await;
    watched.sky.set("one", Mood::Well);
    until(&stage, cluster, Health::Healthy).await;
    let named = |name: &str, events: &[(String, serde_json::Value)]| events.iter().filter(|(event, _)| event == name).count();
    let events = stage.ledger_events(cluster).await;
    let changes = ["ClusterDegraded", "ClusterUnreachable", "ClusterRecovered"].map(|name| named(name, &events));
    assert_eq!(changes, [1, 1, 1], "only what changes: {events:?}");
    let found = stage.commands.environments.cluster(cluster).await.expect("readable");
    assert_eq!(found.member().expect("a cluster").assessment.version, "v1.37.0", "what is new about it is recorded");
}

#[tokio::test]
async fn one_that_hangs_delays_no_other_and_one_that_is_removed_is_left_alone() {
    let stage = Stage::init().await;
    let ((one, _), (two, _)) = (stage.cluster("one", 1).await, stage.cluster("two", 1).await);
    let watched = start(&stage, "here");
    watched.sky.set("one", Mood::Hangs);
    watched.sky.set("two", Mood::Silent);
    until(&stage, two, Health::Unreachable).await;
    until(&stage, one, Health::Unreachable).await;
    for cluster in [one, two] {
        accepted(stage.commands.environments.remove_cluster(&Request::system("test"), cluster, false).await);
    }
    // A third that comes later is looked at as well.
    let (three, _) = stage.cluster("three", 1).await;
    watched.sky.set("three", Mood::Ill);
    until(&stage, three, Health::Degraded).await;
    assert!(watched.stop.send(true).is_ok());
}

#[tokio::test]
async fn one_node_looks_at_a_cluster() {
    let stage = Stage::init().await;
    let (cluster, _) = stage.cluster("one", 1).await;
    let north = start(&stage, "north");
    north.sky.set("one", Mood::Silent);
    until(&stage, cluster, Health::Unreachable).await;
    let south = start(&stage, "south");
    let looks = north.sky.looks.load(Ordering::SeqCst);
    let more = async {
        while north.sky.looks.load(Ordering::SeqCst) < looks + 10 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(DEADLINE, more).await.expect("it goes on looking");
    assert_eq!(south.sky.looks.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn what_is_used_is_kept_and_a_shortage_is_told_once() {
    let stage = Stage::init().await;
    let (cluster, _) = stage.cluster("one", 1).await;
    let began = Utc::now();
    let watched = start(&stage, "here");
    let told = async |name: &str| {
        let met = async {
            loop {
                let events = stage.ledger_events(cluster).await;
                let told: Vec<_> = events.iter().filter(|(event, _)| event == name).collect();
                assert!(told.len() < 2, "told again: {told:?}");
                if let [(_, payload)] = &*told {
                    return payload.clone();
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(DEADLINE, met).await.unwrap_or_else(|_| panic!("no {name}"))
    };
    let payload = |name: &str, percent: u32| serde_json::json!({ name: { "resource": "cpu", "percent": percent } });
    watched.sky.set("one", Mood::Taken(900));
    assert_eq!(told("ClusterCapacityShort").await, payload("CapacityShort", 90));
    watched.sky.set("one", Mood::Taken(800));
    let looks = watched.sky.looks.load(Ordering::SeqCst);
    let more = async {
        while watched.sky.looks.load(Ordering::SeqCst) < looks + 3 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(DEADLINE, more).await.expect("it goes on looking");
    watched.sky.set("one", Mood::Taken(500));
    assert_eq!(told("ClusterCapacityRegained").await, payload("CapacityRegained", 50));
    told("ClusterCapacityShort").await;

    let span = UsageSpan { cluster: Some(cluster.0), from: began, to: Utc::now(), step: 3600 };
    let points = stage.ledger.usage(span).await.expect("readable");
    let point = points.last().expect("it was measured");
    assert_eq!((point.cpu.allocatable, point.pods.allocatable), (1000, 10));
    assert!((500..=900).contains(&point.cpu.requested) && point.cpu.used < point.cpu.requested, "{point:?}");
    assert!(point.cluster_seconds >= 1);
}
