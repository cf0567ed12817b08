use std::collections::BTreeMap;

use domain::{
    booking::programme::{Programme, ProgrammeCommand, ProgrammeEvent, Room, Showing},
    kernel::{Plan, RunId},
};
use proptest::{
    collection::{btree_map, vec},
    prelude::*,
};
use uuid::Uuid;

use super::{Checked, at, play};

/// Put some runs on until then, or call the first of them off, so much later than what was asked before.
#[derive(Clone, Debug)]
struct Asked {
    put: bool,
    runs: BTreeMap<u128, u32>,
    cap: u32,
    later: u32,
}

fn asked() -> impl Strategy<Value = Asked> {
    let runs = btree_map(0..8_u128, 0..60_u32, 1..4);
    (any::<bool>(), runs, 0..6_u32, 0..4_u32).prop_map(|(put, runs, cap, later)| Asked { put, runs, cap, later })
}

const fn run(number: u128) -> RunId {
    RunId(Uuid::from_u128(number))
}

fn command(Asked { put, runs, cap, later: _ }: &Asked) -> ProgrammeCommand {
    let first = runs.keys().next().copied().unwrap_or_default();
    if !put {
        return ProgrammeCommand::Clear { run: run(first) };
    }
    let runs = runs.iter().map(|(number, until)| Showing { run: run(*number), until: at(*until) }).collect();
    ProgrammeCommand::Put { runs, room: Some(Room { plan: Plan::Free, cap: *cap }) }
}

fn holds(all: &[Asked]) -> Checked {
    let times: Vec<u32> = all
        .iter()
        .scan(0, |now, asked| {
            *now += asked.later;
            Some(*now)
        })
        .collect();
    let decided = play::<Programme>(all.iter().zip(&times).map(|(asked, now)| (command(asked), at(*now))));
    let mut known = BTreeMap::new();
    for ((asked, now), decided) in all.iter().zip(&times).zip(decided) {
        let is_ahead = |until: &u32| until > now;
        let counted = |known: &BTreeMap<u128, u32>| u32::try_from(known.values().filter(|until| is_ahead(until)).count());
        let used = counted(&known).expect("a small number");
        let Ok(events) = decided else {
            let comes = |(number, until): &(&u128, &u32)| is_ahead(until) && known.get(*number).is_none_or(|until| !is_ahead(until));
            let more = u32::try_from(asked.runs.iter().filter(comes).count()).expect("a small number");
            prop_assert!(asked.put && more > 0 && used + more > asked.cap, "{asked:?} was refused at {used}");
            continue;
        };
        if asked.put {
            known.extend(asked.runs.iter().map(|(number, until)| (*number, *until)));
        } else if let Some((first, _)) = asked.runs.first_key_value() {
            known.remove(first);
        }
        let after = counted(&known).expect("a small number");
        prop_assert!(after <= used.max(asked.cap), "{after} of {}", asked.cap);
        for event in events {
            let (ProgrammeEvent::Filled { count, .. } | ProgrammeEvent::Cleared { count, .. }) = event;
            prop_assert_eq!(count, after);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_programme_never_exceeds_its_cap_and_counts_what_is_ahead(all in vec(asked(), 0..60)) {
        holds(&all)?;
    }
}
