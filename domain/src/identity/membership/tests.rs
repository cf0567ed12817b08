use super::{Membership, MembershipCommand, MembershipEvent};
use crate::{
    Decider, given,
    kernel::{Plan, Timestamp},
};

fn assign(history: &[MembershipEvent], plan: Plan) -> Vec<MembershipEvent> {
    given::<Membership>(history.to_vec()).decide(MembershipCommand::Assign { plan }, Timestamp::UNIX_EPOCH).expect("no rule forbids it")
}

const fn assigned(plan: Plan) -> MembershipEvent {
    MembershipEvent::Assigned { plan }
}

#[test]
fn an_account_is_on_the_free_plan_until_it_is_assigned_another() {
    assert_eq!(given::<Membership>([]).plan, Plan::Free);
    assert_eq!(assign(&[], Plan::Team), [assigned(Plan::Team)]);
    assert_eq!(given::<Membership>([assigned(Plan::Team)]).plan, Plan::Team);
}

#[test]
fn assigning_the_plan_that_it_is_on_changes_nothing() {
    assert_eq!(assign(&[], Plan::Free), []);
    assert_eq!(assign(&[assigned(Plan::Team)], Plan::Team), []);
    assert_eq!(assign(&[assigned(Plan::Team)], Plan::Free), [assigned(Plan::Free)]);
}
