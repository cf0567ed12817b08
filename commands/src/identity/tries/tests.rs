use super::*;

#[test]
fn the_wait_doubles_after_what_is_free_up_to_a_quarter_of_an_hour() {
    let waits: Vec<i64> = (1..=17).map(|count| wait(count, FREE).num_seconds()).collect();
    assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    assert_eq!(wait(i64::MAX, FREE), LONGEST_WAIT);
    assert_eq!((wait(49, FREE_FROM_ANYWHERE), wait(50, FREE_FROM_ANYWHERE)), (TimeDelta::zero(), FIRST_WAIT));
}

#[test]
fn nobody_waits_for_what_is_free_even_where_clocks_differ() {
    let now = Timestamp::default();
    let ahead = now + TimeDelta::milliseconds(5);
    let counts = [None, Some(1), Some(FREE - 2)];
    for before in counts.map(|count| count.map(|count| Tries { count, blocked_until: ahead, known_until: None, expires_at: ahead })) {
        assert!(!is_blocked(counted(before, FREE, ahead), FREE, now), "{before:?}");
    }
    let last = Tries { count: FREE - 1, blocked_until: now, known_until: None, expires_at: ahead };
    assert!(is_blocked(counted(Some(last), FREE, now), FREE, ahead));
}
