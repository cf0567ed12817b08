use std::collections::BTreeSet;

use domain::{
    gamification::scorecard::{Scorecard, ScorecardCommand, ScorecardEvent, Source},
    kernel::{AccountId, Points, WorkshopId},
};
use proptest::{collection::vec, prelude::*};
use uuid::Uuid;

use super::{at, events, play};

const LEARNER: AccountId = AccountId(Uuid::from_u128(1));

fn source() -> impl Strategy<Value = Source> {
    let workshop = (0..3_u128).prop_map(|workshop| WorkshopId(Uuid::from_u128(workshop)));
    (workshop, proptest::option::of("[abc]")).prop_map(|(workshop, step)| match step {
        Some(step) => Source::Step { workshop, step },
        None => Source::Workshop { workshop },
    })
}

fn points() -> impl Strategy<Value = Points> {
    prop_oneof![8 => 0..20_u32, 1 => Just(u32::MAX)].prop_map(Points)
}

proptest! {
    #[test]
    fn each_source_is_awarded_once_with_its_first_points_and_the_total_is_their_sum(awards in vec((source(), points()), 0..60)) {
        let commands = awards.iter().cloned().map(|(source, points)| ScorecardCommand::Award { learner: LEARNER, source, points });
        let awarded = events(play::<Scorecard>(commands.map(|command| (command, at(0)))));
        let mut earned = BTreeSet::new();
        let mut sum = Points(0);
        for ScorecardEvent::Awarded { learner, source, points, total } in awarded {
            sum = sum.plus(points);
            prop_assert_eq!((learner, total), (LEARNER, sum));
            prop_assert!(awards.iter().find(|(of, points)| *of == source && *points > Points(0)) == Some(&(source.clone(), points)));
            prop_assert!(earned.insert(source), "twice");
        }
        let expected: BTreeSet<_> = awards.into_iter().filter(|(_, points)| *points > Points(0)).map(|(source, _)| source).collect();
        prop_assert_eq!(earned, expected);
    }
}
