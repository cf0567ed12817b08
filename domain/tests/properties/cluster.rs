use std::collections::{BTreeMap, BTreeSet};

use domain::{
    environments::cluster::{
        Assessment, Capacity, Cluster, ClusterCommand as Do, ClusterEvent as Did, Credentials, CredentialsKind, Endpoint, Health,
        Observation, Profile, Registration, Streak,
    },
    kernel::{CredentialsId, EnvironmentId},
};
use proptest::{collection::vec, prelude::*, sample::select};
use uuid::Uuid;

use super::{Checked, at, events, play};

const ALL: [Health; 3] = [Health::Healthy, Health::Degraded, Health::Unreachable];

fn profile(limit: Option<u32>) -> Profile {
    Profile::try_new("frankfurt", BTreeMap::new(), 100, limit).expect("a profile")
}

fn credentials(version: u32) -> Credentials {
    let id = CredentialsId(Uuid::from_u128(version.into()));
    Credentials { id, version, kind: CredentialsKind::Token, fingerprint: version.to_string(), expires_at: None }
}

fn endpoint() -> Endpoint {
    Endpoint { server: "https://frankfurt.example.org".to_owned(), context: None }
}

fn assessment() -> Assessment {
    Assessment { version: "v1.36.0".to_owned(), capacity: Capacity::default(), has_metrics: false, warnings: vec![] }
}

fn register(limit: Option<u32>) -> Do {
    let (profile, endpoint, credentials) = (profile(limit), endpoint(), credentials(1));
    Do::Register(Box::new(Registration { profile, endpoint, credentials, assessment: assessment() }))
}

fn seen(all: impl IntoIterator<Item = Health>) -> Vec<Streak> {
    let mut streaks: Vec<Streak> = Vec::new();
    for (second, health) in (0..).zip(all) {
        let observation = Observation { health, reason: String::new(), at: at(second) };
        streaks.push(Streak::after(streaks.last().cloned(), observation));
    }
    streaks
}

/// A command by its number, for one of a few environments.
fn command((number, environment, of): (u8, u128, u32)) -> Do {
    let environment = EnvironmentId(Uuid::from_u128(environment));
    match number {
        0..6 => Do::Reserve { environment },
        6..9 => Do::Release { environment },
        9 => Do::Revise { profile: profile((of > 0).then_some(of)) },
        10 => Do::RotateCredentials { endpoint: endpoint(), credentials: credentials(of + 1), assessment: assessment() },
        11 => Do::Cordon,
        12 | 13 => Do::Uncordon,
        14 => Do::Drain,
        15 => Do::Remove { force: of > 4 },
        16 => Do::FinishRemoval,
        _ => Do::Observe(seen([ALL[of as usize % 3]; 3]).pop().expect("three")),
    }
}

/// No limit is exceeded, nobody has two places, nobody comes to a cluster that is closed, and none is removed with somebody there.
fn holds(limit: Option<u32>, all: Vec<(u8, u128, u32)>) -> Checked {
    let commands = [register(limit)].into_iter().chain(all.into_iter().map(command));
    let (mut limit, mut places, mut open, mut version, mut removed) = (limit, BTreeSet::new(), true, 1, false);
    for event in events(play::<Cluster>(commands.map(|command| (command, at(0))))) {
        prop_assert!(!removed, "{event:?} after the end");
        match event {
            Did::PlaceReserved { environment, taken } => {
                prop_assert!(open && places.insert(environment));
                prop_assert_eq!(usize::try_from(taken).expect("few"), places.len());
                prop_assert!(limit.is_none_or(|limit| taken <= limit), "{taken} of {limit:?}");
            }
            Did::PlaceReleased { environment, taken } => {
                prop_assert!(places.remove(&environment));
                prop_assert_eq!(usize::try_from(taken).expect("few"), places.len());
            }
            Did::Revised { profile } => limit = profile.limit,
            Did::CredentialsRotated { credentials, .. } => {
                prop_assert_eq!(credentials.version, version + 1);
                version += 1;
            }
            Did::Uncordoned => open = true,
            Did::Cordoned | Did::DrainStarted { .. } | Did::RemovalStarted { .. } => open = false,
            Did::Drained => prop_assert!(places.is_empty()),
            Did::Removed => {
                prop_assert!(places.is_empty());
                removed = true;
            }
            Did::Registered(_)
            | Did::Assessed { .. }
            | Did::LeftoversRemoved { .. }
            | Did::Unreachable { .. }
            | Did::Degraded { .. }
            | Did::Recovered { .. }
            | Did::CapacityShort { .. }
            | Did::CapacityRegained { .. } => {}
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_cluster_keeps_to_its_limit_and_is_removed_empty(
        limit in prop::option::of(1..4_u32),
        all in vec((0..20_u8, 0..6_u128, 0..6_u32), 0..80),
    ) {
        holds(limit, all)?;
    }

    #[test]
    fn what_is_recorded_of_its_health_changes_each_time_and_never_while_it_flaps(all in vec(select(&ALL[..]), 1..60)) {
        let commands = [register(None)].into_iter().chain(seen(all.iter().copied()).into_iter().map(Do::Observe));
        let mut recorded = Health::Healthy;
        for (number, decided) in (0..).zip(play::<Cluster>(commands.map(|command| (command, at(0))))) {
            for event in decided.expect("an observation is never refused") {
                let (health, often) = match event {
                    Did::Unreachable { .. } => (Health::Unreachable, 3),
                    Did::Degraded { .. } => (Health::Degraded, 3),
                    Did::Recovered { .. } => (Health::Healthy, 2),
                    _ => continue,
                };
                prop_assert_ne!(std::mem::replace(&mut recorded, health), health);
                prop_assert!(all[number - often..number].iter().all(|seen| *seen == health));
            }
        }
    }
}
