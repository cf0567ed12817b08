use super::*;

#[test]
fn the_wait_doubles_after_what_is_free_up_to_a_quarter_of_an_hour() {
    let waits: Vec<i64> = (1..=17).map(|count| wait(count, FROM_AN_ADDRESS).num_seconds()).collect();
    assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    assert_eq!(wait(i64::MAX, FROM_AN_ADDRESS), TimeDelta::minutes(15));
    assert_eq!((wait(49, FROM_ANYWHERE), wait(50, FROM_ANYWHERE)), (TimeDelta::zero(), TimeDelta::seconds(1)));
}

#[test]
fn nobody_waits_for_what_is_free_even_where_clocks_differ() {
    let now = Timestamp::default();
    let ahead = now + TimeDelta::milliseconds(5);
    let free = FROM_AN_ADDRESS.free;
    let counts = [None, Some(1), Some(free - 2)];
    for before in counts.map(|count| count.map(|count| Tries { count, blocked_until: ahead, known_until: None, expires_at: ahead })) {
        assert!(!is_blocked(counted(before, FROM_AN_ADDRESS, ahead), FROM_AN_ADDRESS, now), "{before:?}");
    }
    let last = Tries { count: free - 1, blocked_until: now, known_until: None, expires_at: ahead };
    assert!(is_blocked(counted(Some(last), FROM_AN_ADDRESS, now), FROM_AN_ADDRESS, ahead));
}
