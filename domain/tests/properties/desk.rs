use std::collections::BTreeMap;

use domain::{
    kernel::{Plan, SessionId, WorkshopId},
    learning::desk::{Desk, DeskCommand, DeskEvent},
};
use proptest::{collection::vec, prelude::*};
use uuid::Uuid;

use super::{Checked, at, play};

/// Take or clear, with few sessions and workshops, so that they meet.
#[derive(Clone, Debug)]
struct Asked {
    take: bool,
    session: u128,
    workshop: u128,
    cap: u32,
}

fn asked(caps: impl Strategy<Value = u32>) -> impl Strategy<Value = Asked> {
    (any::<bool>(), 0..12_u128, 0..6_u128, caps).prop_map(|(take, session, workshop, cap)| Asked { take, session, workshop, cap })
}

fn command(asked: &Asked) -> DeskCommand {
    let (session, workshop) = (SessionId(Uuid::from_u128(asked.session)), WorkshopId(Uuid::from_u128(asked.workshop)));
    if asked.take {
        DeskCommand::Take { session, workshop, plan: Plan::Free, cap: asked.cap }
    } else {
        DeskCommand::Clear { session, workshop }
    }
}

fn holds(all: &[Asked]) -> Checked {
    let mut open = BTreeMap::new();
    let decided = play::<Desk>(all.iter().map(|asked| (command(asked), at(0))));
    for (asked, decided) in all.iter().zip(decided) {
        for event in decided.unwrap_or_default() {
            let active = match event {
                DeskEvent::Taken { session, workshop, active } => {
                    prop_assert!(open.insert(workshop, session).is_none(), "a second session of {workshop}");
                    prop_assert!(active <= asked.cap, "{active} of {}", asked.cap);
                    active
                }
                DeskEvent::Cleared { session, workshop, active } => {
                    prop_assert_eq!(open.remove(&workshop), Some(session));
                    active
                }
            };
            prop_assert_eq!(usize::try_from(active).expect("a small number"), open.len());
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_desk_never_exceeds_its_cap_nor_holds_two_sessions_of_one_workshop(cap in 0..5_u32, all in vec(asked(Just(0)), 0..60)) {
        let all: Vec<_> = all.into_iter().map(|asked| Asked { cap, ..asked }).collect();
        holds(&all)?;
    }

    #[test]
    fn nor_does_it_while_the_cap_changes(all in vec(asked(0..5_u32), 0..60)) {
        holds(&all)?;
    }
}
