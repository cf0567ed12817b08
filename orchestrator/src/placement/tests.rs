use domain::{
    environments::cluster::{Capacity, Health, Labels, Schedule},
    kernel::{ClusterId, Mebibytes, Millicores},
};
use proptest::{collection::vec, prelude::*, sample::select};
use uuid::Uuid;

use super::{Candidate, Need, RESERVE, Unfit, rank};

fn capacity(share: u32) -> Capacity {
    let (memory, storage) = (Mebibytes(16 * share), Mebibytes(100 * share));
    Capacity { nodes: 1, cpu: Millicores(8 * share), memory, storage, pods: share / 10 }
}

/// Half full, without a limit.
fn candidate(number: u128) -> Candidate {
    Candidate {
        cluster: ClusterId(Uuid::from_u128(number)),
        name: format!("cluster-{number}"),
        labels: Labels::new(),
        weight: 100,
        limit: Some(10),
        taken: 5,
        is_default: false,
        schedule: Schedule::Open,
        health: Health::Healthy,
        capacity: capacity(1000),
        used: capacity(500),
    }
}

fn need() -> Need {
    Need { cpu: Millicores(800), memory: Mebibytes(1600), storage: Mebibytes(1000), pods: 1, ..Need::default() }
}

/// The numbers of the choices, best first.
fn ranked(need: &Need, candidates: &[Candidate]) -> Vec<u128> {
    rank(need, candidates).choices.iter().map(|choice| choice.cluster.0.as_u128()).collect()
}

fn unfit(need: &Need, candidate: Candidate) -> Unfit {
    let ranking = rank(need, &[candidate]);
    assert!(ranking.choices.is_empty());
    ranking.unfit.into_iter().next().expect("one").1
}

fn gpu() -> Labels {
    [("gpu".to_owned(), "a100".to_owned())].into()
}

#[test]
fn who_is_closed_ill_full_too_small_or_of_another_kind_is_told_why_not() {
    for schedule in [Schedule::Cordoned, Schedule::Draining, Schedule::Removing] {
        assert_eq!(unfit(&need(), Candidate { schedule, ..candidate(1) }), Unfit::NotOpen(schedule));
    }
    for health in [Health::Degraded, Health::Unreachable] {
        assert_eq!(unfit(&need(), Candidate { health, ..candidate(1) }), Unfit::NotHealthy(health));
    }
    assert_eq!(unfit(&need(), Candidate { taken: 10, ..candidate(1) }), Unfit::Full { limit: 10 });
    let label = Unfit::Label { key: "gpu".into(), value: "a100".into() };
    assert_eq!(unfit(&Need { labels: gpu(), ..need() }, candidate(1)), label);
    assert_eq!(ranked(&Need { labels: gpu(), ..need() }, &[candidate(1), Candidate { labels: gpu(), ..candidate(2) }]), [2]);
    let too_small = Unfit::TooSmall { resource: "memory", unit: "MiB", free: 7200, needed: 7201 };
    assert_eq!(unfit(&Need { memory: Mebibytes(7201), ..need() }, candidate(1)), too_small, "half, and the reserve is not given");
    assert_eq!(ranked(&Need { memory: Mebibytes(7200), ..need() }, &[candidate(1)]), [1]);
}

#[test]
fn more_room_fewer_taken_and_more_weight_come_first() {
    let roomy = Candidate { used: capacity(100), ..candidate(2) };
    assert_eq!(ranked(&need(), &[candidate(1), roomy]), [2, 1]);
    let empty = Candidate { taken: 0, ..candidate(2) };
    assert_eq!(ranked(&need(), &[candidate(1), empty]), [2, 1]);
    let heavy = Candidate { weight: 200, ..candidate(2) };
    assert_eq!(ranked(&need(), &[candidate(1), heavy]), [2, 1]);
}

#[test]
fn of_equals_the_default_comes_first_and_then_the_name() {
    assert_eq!(ranked(&need(), &[candidate(3), candidate(2), candidate(1)]), [1, 2, 3]);
    let default = Candidate { is_default: true, ..candidate(3) };
    assert_eq!(ranked(&need(), &[candidate(1), candidate(2), default]), [3, 1, 2]);
}

#[test]
fn a_learner_goes_where_they_are_already_if_they_can() {
    let roomy = Candidate { used: capacity(0), ..candidate(2) };
    let sticky = Need { sticky: Some(candidate(1).cluster), ..need() };
    assert_eq!(ranked(&sticky, &[roomy.clone(), candidate(1)]), [1, 2]);
    assert_eq!(ranked(&sticky, &[roomy, Candidate { taken: 10, ..candidate(1) }]), [2]);
}

#[test]
fn the_reason_says_what_decided_it() {
    let reason = |need: &Need| rank(need, &[candidate(1)]).choices.remove(0).reason;
    assert_eq!(reason(&need()), "cluster-1: 35 % free afterwards, 5 of 10 places taken, weight 100");
    let sticky = Need { sticky: Some(candidate(1).cluster), ..need() };
    assert!(reason(&sticky).starts_with("cluster-1: the learner is there already, "));
    let refusal = rank(&need(), &[Candidate { schedule: Schedule::Cordoned, ..candidate(2) }, Candidate { taken: 10, ..candidate(1) }]);
    assert_eq!(refusal.refusal(), "cluster-1: its 10 places are taken; cluster-2: it is cordoned");
    assert_eq!(rank(&need(), &[]).refusal(), "there is no cluster");
}

prop_compose! {
    fn any_candidate()(
        number in 0..1000_u128,
        (labelled, is_default) in any::<(bool, bool)>(),
        weight in 1..1000_u32,
        limit in prop::option::of(1..20_u32),
        taken in 0..20_u32,
        schedule in select(&[Schedule::Open, Schedule::Open, Schedule::Open, Schedule::Cordoned, Schedule::Draining][..]),
        health in select(&[Health::Healthy, Health::Healthy, Health::Degraded, Health::Unreachable][..]),
        (total, used) in (0..2000_u32, 0..2000_u32),
    ) -> Candidate {
        let labels = if labelled { gpu() } else { Labels::new() };
        let (capacity, used) = (capacity(total), capacity(used));
        Candidate { labels, weight, limit, taken, is_default, schedule, health, capacity, used, ..candidate(number) }
    }
}

/// Different clusters.
fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
    vec(any_candidate(), 0..12).prop_map(|mut all| {
        all.sort_by_key(|candidate| candidate.cluster);
        all.dedup_by_key(|candidate| candidate.cluster);
        all
    })
}

proptest! {
    #[test]
    fn every_choice_fits_and_every_cluster_is_judged_once(all in candidates(), labelled: bool, cpu in 0..16_000_u32) {
        let need = Need { cpu: Millicores(cpu), labels: if labelled { gpu() } else { Labels::new() }, ..need() };
        let ranking = rank(&need, &all);
        prop_assert_eq!(ranking.choices.len() + ranking.unfit.len(), all.len());
        for choice in &ranking.choices {
            let it = all.iter().find(|candidate| candidate.cluster == choice.cluster).expect("one of them");
            prop_assert!(it.schedule == Schedule::Open && it.health == Health::Healthy);
            prop_assert!(it.limit.is_none_or(|limit| it.taken < limit));
            prop_assert!(!labelled || it.labels == gpu());
            let (total, used) = (u64::from(it.capacity.cpu.0), u64::from(it.used.cpu.0));
            prop_assert!(cpu == 0 || used + u64::from(cpu) + total * RESERVE / 1000 <= total);
        }
        prop_assert!(ranking.choices.is_sorted_by(|one, other| one.score >= other.score));
    }

    #[test]
    fn the_order_in_which_clusters_are_named_does_not_matter(all in candidates(), turn in 0..12_usize, sticky in 0..1000_u128) {
        let need = Need { sticky: Some(ClusterId(Uuid::from_u128(sticky))), ..need() };
        let mut others = all.clone();
        others.reverse();
        others.rotate_left(turn.min(all.len()));
        prop_assert_eq!(rank(&need, &others), rank(&need, &all));
    }

    #[test]
    fn no_cluster_falls_behind_by_more_weight_or_more_room(all in candidates(), which in any::<prop::sample::Index>(), by in 1..500_u32) {
        prop_assume!(!all.is_empty());
        let it = which.index(all.len());
        let place = |all: &[Candidate]| ranked(&need(), all).iter().position(|number| *number == all[it].cluster.0.as_u128());
        let Some(before) = place(&all) else { return Ok(()) };
        let mut heavier = all.clone();
        heavier[it].weight += by;
        let mut emptier = all.clone();
        emptier[it].used.memory.0 = emptier[it].used.memory.0.saturating_sub(by);
        emptier[it].taken = emptier[it].taken.saturating_sub(by);
        for after in [heavier, emptier] {
            prop_assert!(place(&after).is_some_and(|after| after <= before));
        }
    }
}
