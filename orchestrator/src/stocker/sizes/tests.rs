use super::{MOST, Wanted, sizes};

const fn wanted(least: u32, demand: u32) -> Wanted {
    Wanted { least, demand }
}

#[test]
fn each_gets_what_is_reserved_and_what_more_is_needed() {
    assert_eq!(sizes(20, &[wanted(2, 0), wanted(1, 4), wanted(0, 0)]), [2, 4, 0]);
    assert_eq!(sizes(1000, &[wanted(1, u32::MAX)]), [MOST]);
}

#[test]
fn what_is_reserved_comes_first_where_there_is_not_enough() {
    assert_eq!(sizes(6, &[wanted(2, 50), wanted(3, 0)]), [3, 3]);
    assert_eq!(sizes(4, &[wanted(50, 0), wanted(1, 9), wanted(1, 0)]), [2, 1, 1]);
    assert_eq!(sizes(0, &[wanted(2, 2)]), [0]);
}
