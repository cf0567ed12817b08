use std::sync::Arc;

use futures_util::io::Cursor;
use tokio::sync::Semaphore;

use super::*;

#[tokio::test]
async fn long_lines_come_in_parts_and_the_permit_comes_back() {
    let permits = Arc::new(Semaphore::new(1));
    let permit = Arc::clone(&permits).try_acquire_owned().expect("a permit");
    let long = "x".repeat(10_000);
    let printed = [b"one\n\xff\n", long.as_bytes()].concat();
    let parts: Vec<_> = parts(Cursor::new(printed), permit).collect().await;
    assert_eq!(parts.concat(), format!("one\n\u{fffd}\n{long}"));
    assert_eq!(permits.available_permits(), 1);
}
