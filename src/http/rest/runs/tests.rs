use uuid::Uuid;

use super::{CHUNK, RunId, some};

fn ids(count: usize) -> Vec<RunId> {
    (1..).take(count).map(|number| RunId(Uuid::from_u128(number))).collect()
}

#[test]
fn all_runs_come_some_at_a_time_each_once_and_in_their_order() {
    for (count, pages) in [(0, 1), (1, 1), (CHUNK, 1), (CHUNK + 1, 2), (2 * CHUNK, 2)] {
        let (mut left, mut found, mut asked) = (ids(count).into_iter(), vec![], 0);
        loop {
            let (page, more) = some(&mut left);
            assert!(page.len() <= CHUNK, "{count}");
            found.extend(page);
            asked += 1;
            if !more {
                break;
            }
        }
        assert_eq!((found, asked), (ids(count), pages), "{count}");
    }
}
