use super::*;

/// What comes of one more, if nobody waits.
async fn one_more(queue: &mpsc::Sender<Job>) -> Result<(), Fault> {
    let (written, _) = oneshot::channel();
    in_time(Duration::ZERO, put(queue, Job::Settle(written))).await
}

#[tokio::test]
async fn nobody_waits_for_ever_for_room() {
    let (queue, mut jobs) = mpsc::channel(1);
    one_more(&queue).await.expect("there is room");
    let fault = one_more(&queue).await.expect_err("there is none");
    assert!(matches!(&fault, Fault::Outside(why) if why.contains("in time")), "{fault}");
    jobs.recv().await.expect("the first one");
    one_more(&queue).await.expect("there is room again");
    drop(jobs);
    let fault = one_more(&queue).await.expect_err("nobody writes");
    assert!(matches!(&fault, Fault::Outside(why) if why.contains("any more")), "{fault}");
}
