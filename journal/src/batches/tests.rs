use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{FutureExt, future::join_all};
use tokio::{sync::Semaphore, task::JoinHandle};

use super::{AT_ONCE, Batches, MOST};

/// Only ends a test that would hang.
const PATIENCE: Duration = Duration::from_mins(1);

/// What was asked for, each time.
type Asked = Arc<Mutex<Vec<Vec<usize>>>>;

/// Doubles numbers, once it may.
fn doubling() -> (Batches<usize, usize>, Arc<Semaphore>, Asked) {
    let (may, asked) = (Arc::new(Semaphore::new(0)), Arc::new(Mutex::new(Vec::new())));
    let (waits, notes) = (Arc::clone(&may), Arc::clone(&asked));
    let batches = Batches::new(PATIENCE, move |wanted: Vec<usize>| {
        let (waits, notes) = (Arc::clone(&waits), Arc::clone(&notes));
        async move {
            waits.acquire().await.expect("open").forget();
            let answers = wanted.iter().map(|number| number * 2).collect();
            notes.lock().expect("whole").push(wanted);
            answers
        }
        .boxed()
    });
    (batches, may, asked)
}

async fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        tokio::task::yield_now().await;
    }
}

fn ask(batches: &Batches<usize, usize>, number: usize) -> JoinHandle<Option<usize>> {
    let batches = batches.clone();
    tokio::spawn(async move { batches.get(number).await })
}

fn running(batches: &Batches<usize, usize>) -> usize {
    batches.0.lock().running
}

#[tokio::test]
async fn each_gets_its_own_answer_by_few_reads_that_are_not_too_large() {
    let (batches, may, asked) = doubling();
    may.add_permits(1000);
    let all = 3 * MOST;
    let answers = join_all((0..all).map(|number| batches.get(number))).await;
    assert_eq!(answers, (0..all).map(|number| Some(number * 2)).collect::<Vec<_>>());
    let asked = asked.lock().expect("whole");
    assert!(asked.iter().all(|wanted| wanted.len() <= MOST), "{asked:?}");
    assert!(asked.len() <= 3 + AT_ONCE, "{asked:?}");
    assert_eq!(asked.iter().map(Vec::len).sum::<usize>(), all);
}

#[tokio::test]
async fn what_is_asked_for_while_others_are_read_is_read_afterwards() {
    let (batches, may, asked) = doubling();
    let mut first = Vec::new();
    for number in 0..AT_ONCE {
        first.push(ask(&batches, number));
        until(|| running(&batches) == number + 1 && batches.0.lock().waiting.is_empty()).await;
    }
    let later = ask(&batches, 7);
    until(|| batches.0.lock().waiting.len() == 1).await;
    may.add_permits(AT_ONCE + 1);
    assert_eq!(later.await.expect("no panic"), Some(14));
    join_all(first).await;
    let mut asked = asked.lock().expect("whole").clone();
    asked.sort();
    assert_eq!(asked, (0..AT_ONCE).chain([7]).map(|number| vec![number]).collect::<Vec<_>>());
}

#[tokio::test]
async fn who_gives_up_takes_nothing_from_others_and_nothing_goes_on_afterwards() {
    let (batches, may, _) = doubling();
    let given_up = ask(&batches, 1);
    until(|| running(&batches) == 1).await;
    given_up.abort();
    assert!(given_up.await.is_err());
    may.add_permits(10);
    assert_eq!(batches.get(2).await, Some(4));
    until(|| running(&batches) == 0).await;
}

#[tokio::test]
async fn a_read_that_panics_leaves_nobody_waiting_and_the_next_is_done() {
    let tries = Arc::new(AtomicUsize::new(0));
    let batches = Batches::new(PATIENCE, move |wanted: Vec<usize>| {
        assert!(tries.fetch_add(1, Ordering::SeqCst) > 0, "the first time it goes wrong");
        async move { wanted }.boxed()
    });
    assert_eq!(batches.get(1).await, None);
    assert_eq!(batches.get(2).await, Some(2));
}

#[tokio::test]
async fn nobody_waits_longer_than_they_may_in_the_queue_either() {
    let batches = Batches::<usize, usize>::new(Duration::from_millis(20), |_| std::future::pending().boxed());
    let answers = join_all((0..3 * MOST).map(|number| batches.get(number))).await;
    assert_eq!(answers, vec![None; 3 * MOST]);
}
