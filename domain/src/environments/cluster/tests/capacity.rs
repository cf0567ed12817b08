//! What a cluster is short of.

use super::{super::Resource, *};
use crate::environments::cluster::Thresholds;
use crate::kernel::{Mebibytes, Millicores};

fn of(cpu: u32, memory: u32, storage: u32, pods: u32) -> Capacity {
    Capacity { nodes: 1, cpu: Millicores(cpu), memory: Mebibytes(memory), storage: Mebibytes(storage), pods }
}

fn measure(requested: Capacity) -> Do {
    Do::Measure { capacity: of(1000, 200, 0, 100), requested, thresholds: Thresholds::default() }
}

const fn short(resource: Resource, percent: u32) -> Did {
    Did::CapacityShort { resource, percent }
}

#[test]
fn it_is_short_from_a_threshold_on_and_not_any_more_below_another() {
    assert_eq!(when([], measure(of(849, 0, 7, 84))), Ok(vec![]));
    assert_eq!(when([], measure(of(850, 180, 7, 0))), Ok(vec![short(Resource::Cpu, 85), short(Resource::Memory, 90)]));
    let full = || measure(of(1100, 0, 0, 100));
    assert_eq!(when([], full()), Ok(vec![short(Resource::Cpu, 110), short(Resource::Pods, 100)]));
    assert_eq!(when([full()], full()), Ok(vec![]), "only what changes");
    assert_eq!(when([full()], measure(of(750, 0, 0, 84))), Ok(vec![]), "between the two it stays as it is");
    let regained = |resource, percent| Did::CapacityRegained { resource, percent };
    assert_eq!(when([full()], measure(of(749, 0, 0, 84))), Ok(vec![regained(Resource::Cpu, 74)]));
    assert_eq!(
        when([full(), measure(of(0, 0, 0, 100))], measure(of(900, 0, 0, 0))),
        Ok(vec![short(Resource::Cpu, 90), regained(Resource::Pods, 0)])
    );
}
