use super::largest;
use crate::sandbox::processes::ProcessKey;

fn process(pid: u32) -> ProcessKey {
    ProcessKey { pid, started: 1 }
}

#[test]
fn the_largest_go_until_the_rest_fits() {
    let sizes = vec![(process(1), 10), (process(2), 50), (process(3), 40), (process(4), 5)];
    assert_eq!(largest(sizes.clone(), &[], 60), [process(2)]);
    assert_eq!(largest(sizes, &[], 20), [process(2), process(3)]);
}

#[test]
fn the_levels_themselves_are_spared() {
    let sizes = vec![(process(1), 90), (process(2), 20)];
    assert_eq!(largest(sizes, &[process(1)], 50), [process(2)]);
}

#[test]
fn nobody_goes_while_all_fits() {
    assert_eq!(largest(vec![(process(1), 50)], &[], 50), []);
}
