//! Clients that ask again as soon as they are answered.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::{Fault, Figures, Order};

/// Has `clients` tasks do `work` over and over. What ends within the counted time counts. `work` gets the number of the
/// client and the number of its turn.
///
/// # Errors
/// The first piece of work that failed.
pub async fn drive<W, F>(order: &Order, work: W) -> Result<Figures, Fault>
where
    W: Fn(usize, u64) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), Fault>> + Send,
{
    let work = Arc::new(work);
    let begin = Instant::now() + Duration::from_millis(order.warm_up_ms);
    let end = begin + Duration::from_millis(order.run_ms);
    let mut clients = JoinSet::new();
    for client in 0..order.clients {
        let work = Arc::clone(&work);
        clients.spawn(async move {
            let mut taken: Vec<u32> = Vec::new();
            for turn in 0.. {
                let asked = Instant::now();
                if asked >= end {
                    break;
                }
                work(client, turn).await?;
                let answered = Instant::now();
                if answered >= begin && answered < end {
                    taken.push(u32::try_from((answered - asked).as_micros()).unwrap_or(u32::MAX));
                }
            }
            Ok::<_, Fault>(taken)
        });
    }
    let mut all = Vec::new();
    while let Some(taken) = clients.join_next().await {
        all.append(&mut taken??);
    }
    all.sort_unstable();
    let at = |percent: usize| all.get((all.len() * percent / 100).min(all.len().saturating_sub(1))).copied().unwrap_or(0);
    let counted = Figures::of(all.len() as u64, Duration::from_millis(order.run_ms));
    Ok(Figures { p50: at(50).into(), p99: at(99).into(), ..counted })
}
