//! Queries at a fixed rate while others sign in as fast as they can, beside the same without them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use load::{Fault, Figures};
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::on_both;
use crate::{
    compare::{Pair, figures, micros},
    ground::{Ground, Size},
    report::{Bound, Limit, Line, Report},
    server::{Connection, Server, mutation, query},
    store::Engine,
};

/// How many times longer the slowest queries may take.
const TIMES: f64 = 2.0;
/// What somebody asks who is signed in.
const ASKED: &str = "{ me { id } workshops { nodes { id title } } }";
/// From one query to the next, whatever becomes of those before.
const EVERY: Duration = Duration::from_millis(5);
/// Connections that take queries in turn.
const ASKING: u32 = 16;
/// How many sign in at once, each again as soon as it is answered.
const FLOOD: usize = 32;
/// A phase is so much longer than a round of other rows: the slowest of a hundred must be many.
const LONGER: u64 = 3;
/// Before a phase counts.
const SETTLE: Duration = Duration::from_millis(500);

#[expect(clippy::unnecessary_wraps, reason = "rows are of one type")]
pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    Ok(on_both(ground, "sign_in_flood", on))
}

fn on(ground: &Ground, engine: Engine) -> Result<Report, Fault> {
    let server = Server::start(ground, engine)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (pair, tries) = runtime.block_on(alternate(&server, &ground.size))?;
    let rate = 1000 / EVERY.as_millis();
    let what = format!("{rate} queries a second under a flood of sign-ins, to without, {}", engine.name());
    let line = Line::new(&what, 1, "queries", &pair, None);
    let (p50, p99) = (pair.p50() / 1000.0, pair.p99() / 1000.0);
    let calm = pair.turned();
    let (calm_p50, calm_p99) = (calm.p50() / 1000.0, calm.p99() / 1000.0);
    eprintln!("  {what}: p99 {p99:.2} ms to {calm_p99:.2} ms, {:.2}×", p99 / calm_p99);
    let times =
        Bound { what: format!("p99, times that without: {what}"), value: p99 / calm_p99, limit: Limit::AtMost(TIMES), unit: "×".into() };
    let memory = Bound::memory(format!("a flood of sign-ins, {}", engine.name()), server.peak_kib()?);
    let note = format!(
        "{what}: p50 {p50:.2} ms, p99 {p99:.2} ms, to p50 {calm_p50:.2} ms, p99 {calm_p99:.2} ms; {FLOOD} connections, {tries:.0} sign-ins a \
         second; the clients on the same processors."
    );
    Ok(Report { lines: vec![line], bounds: vec![times, memory], notes: vec![note], ..Report::default() })
}

/// With a flood and without, each first as often as the other; and how many sign-ins there were a second.
async fn alternate(server: &Server, size: &Size) -> Result<(Pair, f64), Fault> {
    let mut connection = Connection::open(server.address).await?;
    connection.register("heron@example.org").await?;
    let token: Arc<str> = connection.sign_in("heron@example.org").await?.into();
    let phase = Duration::from_millis(size.run_ms * LONGER);
    let (mut pair, mut tries, mut flooded) = (Pair::default(), 0, Duration::ZERO);
    for round in 0..size.rounds {
        for with in if round % 2 == 0 { [true, false] } else { [false, true] } {
            let flood = if with { Some(Flood::begin(server).await?) } else { None };
            tokio::time::sleep(SETTLE).await;
            let asked = ask(server, &token, phase).await?;
            if let Some(flood) = flood {
                pair.ours.push(asked);
                flooded += flood.begun.elapsed();
                tries += flood.end().await?;
            } else {
                pair.peer.push(asked);
            }
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of a bench are far below 2^53")]
    let rate = tries as f64 / flooded.as_secs_f64();
    Ok((pair, rate))
}

/// Queries at their rate. One that waits for those before it has been asked when it was due.
async fn ask(server: &Server, token: &Arc<str>, phase: Duration) -> Result<Figures, Fault> {
    let begin = Instant::now();
    let mut clients = JoinSet::new();
    for client in 0..ASKING {
        let (mut connection, token) = (Connection::open(server.address).await?, Arc::clone(token));
        clients.spawn(async move {
            let (asked, mut taken) = (query(ASKED), Vec::new());
            for turn in 0.. {
                let due = begin + EVERY * (client + turn * ASKING);
                if due >= begin + phase {
                    break;
                }
                let is_late = Instant::now() > due;
                tokio::time::sleep_until(due.into()).await;
                // How late a timer wakes its task is not the server's.
                let since = if is_late { due } else { Instant::now() };
                connection.post(&asked, Some(&token)).await?;
                taken.push(micros(since));
            }
            Ok::<_, Fault>(taken)
        });
    }
    let mut all = Vec::new();
    while let Some(taken) = clients.join_next().await {
        all.append(&mut taken??);
    }
    Ok(Figures { seconds: begin.elapsed().as_secs_f64(), ..figures(all) })
}

/// Sign-ins at addresses that nobody has: each is as much work as any, and none has to wait for those before.
struct Flood {
    begun: Instant,
    is_over: Arc<AtomicBool>,
    tries: Arc<AtomicU64>,
    clients: JoinSet<Result<(), Fault>>,
}

impl Flood {
    async fn begin(server: &Server) -> Result<Self, Fault> {
        let mut flood = Self { begun: Instant::now(), is_over: Arc::default(), tries: Arc::default(), clients: JoinSet::new() };
        for _ in 0..FLOOD {
            let (is_over, tries) = (Arc::clone(&flood.is_over), Arc::clone(&flood.tries));
            let mut connection = Connection::open(server.address).await?;
            flood.clients.spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    let input = json!({ "email": format!("{}@example.org", Uuid::new_v4()), "password": "eight white herons at the weir" });
                    let payload = connection.mutate(&mutation("signIn", &input, "accessToken"), "signIn", None).await?;
                    if payload["errors"][0]["code"] != "CREDENTIALS_WRONG" {
                        return Err(format!("signIn: {payload}").into());
                    }
                    tries.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            });
        }
        Ok(flood)
    }

    /// How many there were.
    async fn end(mut self) -> Result<u64, Fault> {
        self.is_over.store(true, Ordering::Relaxed);
        while let Some(ended) = self.clients.join_next().await {
            ended??;
        }
        Ok(self.tries.load(Ordering::Relaxed))
    }
}
