use super::Absent;

/// Numbers spread as hashes are.
fn hash(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number.wrapping_mul(0xc2b2_ae3d_27d4_eb4f).rotate_left(31)
}

#[test]
fn what_was_written_is_never_taken_for_absent_and_most_of_the_rest_is() {
    let mut absent = Absent::new(true);
    assert!((0..100).all(|number| absent.is_certain(hash(number))));
    absent.expect(1000);
    for number in 0..8000 {
        absent.exclude(hash(number));
    }
    assert!((0..8000).all(|number| !absent.is_certain(hash(number))));
    let looked_for = (8000..18_000).filter(|number| !absent.is_certain(hash(*number))).count();
    assert!(looked_for < 500, "{looked_for} of 10000 would be looked for in vain");
}

#[test]
fn a_table_that_stays_empty_is_still_known_to_be() {
    let mut absent = Absent::new(true);
    absent.expect(0);
    assert!(absent.is_everything() && absent.is_certain(hash(1)));
}

#[test]
fn of_a_table_that_others_may_have_written_nothing_is_known() {
    let mut absent = Absent::new(false);
    absent.expect(10);
    absent.exclude(hash(1));
    assert!(!absent.is_everything() && !absent.is_certain(hash(2)));
}
