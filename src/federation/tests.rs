//! When something was made out.

use super::*;

#[test]
fn what_was_made_out_long_ago_or_is_of_the_future_is_not_for_now() {
    let now = Utc::now();
    for (ago, taken) in [(0, true), (599, true), (-29, true), (-31, false), (631, false)] {
        assert_eq!(is_recent(now - TimeDelta::seconds(ago), now).is_ok(), taken, "{ago} s ago");
    }
}
