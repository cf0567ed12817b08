use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::future::join_all;

use super::*;

async fn of_threads(at_once: usize) -> Passwords {
    Passwords::init(Hashing { at_once, cost: HashingCost::Recommended }).await.expect("threads")
}

#[tokio::test]
async fn what_is_hashed_is_verified() {
    let passwords = of_threads(2).await;
    let hash = passwords.hash("seven grey herons".into()).await.expect("a hash");
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert!(passwords.verify("seven grey herons".into(), Some(hash.clone().into())).await.expect("verified"));
    assert!(!passwords.verify("eight grey herons".into(), Some(hash.into())).await.expect("verified"));
    assert!(!passwords.verify("seven grey herons".into(), None).await.expect("verified"));
}

#[tokio::test]
async fn whoever_hashes_is_nicer_than_the_rest() {
    let passwords = of_threads(1).await;
    let own = getpriority_process(None).expect("a priority");
    let theirs = passwords.work(|| getpriority_process(None)).await.expect("asked").expect("a priority");
    assert_eq!(theirs, (own + NICER).min(NICEST));
    assert_eq!(getpriority_process(None).expect("a priority"), own);
}

#[tokio::test]
async fn so_many_at_once_and_no_more() {
    let passwords = of_threads(2).await;
    let (at_once, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let work = || {
        let (at_once, most) = (Arc::clone(&at_once), Arc::clone(&most));
        passwords.work(move || {
            most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            thread::sleep(std::time::Duration::from_millis(1));
            at_once.fetch_sub(1, Ordering::SeqCst);
        })
    };
    let all = join_all((0..20).map(|_| work())).await;
    assert!(all.into_iter().all(|done| done.is_ok()));
    assert!(most.load(Ordering::SeqCst) <= 2);
}

#[tokio::test]
async fn who_comes_to_a_full_queue_is_told_so() {
    let passwords = of_threads(1).await;
    let (go, wait) = mpsc::channel::<()>();
    let (begun, begins) = oneshot::channel();
    let first = passwords.work(move || {
        begun.send(()).expect("somebody waits");
        let _ = wait.recv();
    });
    let full = async {
        begins.await.expect("begun");
        let waiting = join_all((1..WAITING).map(|_| passwords.work(|| ())));
        let late = async {
            let late = passwords.work(|| ()).await;
            go.send(()).expect("it waits");
            late
        };
        tokio::join!(waiting, late)
    };
    let (first, (waiting, late)) = tokio::join!(first, full);
    assert!(first.is_ok());
    assert!(waiting.into_iter().all(|done| done.is_ok()));
    assert!(matches!(late, Err(Fault::Busy)));
}

#[tokio::test]
async fn who_has_gone_is_not_worked_for() {
    let passwords = of_threads(1).await;
    let (go, wait) = mpsc::channel::<()>();
    let done = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&done);
    let mut first = Box::pin(passwords.work(move || wait.recv()));
    let mut gone = Box::pin(passwords.work(move || counted.fetch_add(1, Ordering::SeqCst)));
    for queued in [futures_util::poll!(&mut first).is_pending(), futures_util::poll!(&mut gone).is_pending()] {
        assert!(queued);
    }
    drop(gone);
    go.send(()).expect("it waits");
    passwords.work(|| ()).await.expect("the last");
    assert_eq!(done.load(Ordering::SeqCst), 0);
    first.await.expect("the first").expect("it went");
}

#[tokio::test]
async fn a_panic_ends_no_thread() {
    let passwords = of_threads(1).await;
    assert!(matches!(passwords.work(|| panic!("on purpose")).await, Err::<(), _>(Fault::Outside(_))));
    assert!(passwords.work(|| true).await.expect("worked"));
}
