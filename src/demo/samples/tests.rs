use std::collections::BTreeSet;

use super::{SAMPLES, Sample};

/// How many there are of something.
fn distinct(of: impl Fn(&Sample) -> &'static str) -> usize {
    SAMPLES.iter().map(of).collect::<BTreeSet<_>>().len()
}

#[test]
fn each_run_is_of_a_category_and_in_a_city_of_its_own() {
    assert_eq!(distinct(|sample| sample.category), SAMPLES.len());
    assert_eq!(distinct(|sample| sample.place.city), SAMPLES.len());
    assert_eq!(distinct(|sample| sample.title), SAMPLES.len());
}
