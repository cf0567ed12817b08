//! What an address that has an account is answered with, beside one that has none: it must take as long.

use std::time::Instant;

use load::{Fault, Figures};
use rand::seq::SliceRandom;
use serde_json::{Value, json};

use super::on_both;
use crate::{
    compare::{Pair, figures, micros},
    ground::{Ground, Size},
    report::{Bound, Limit, Line, Report},
    server::{Connection, Server, mutation},
    store::Engine,
};

/// Per cent.
const APART: f64 = 5.0;
/// At one address: what comes after has to wait, and takes no time.
const TRIES: usize = 5;
/// Of each kind, not counted, before.
const WARM_UP: usize = 10;

/// Something that is asked of an address, whether it has an account or not.
#[derive(Clone, Copy)]
struct Probe {
    name: &'static str,
    mutation: &'static str,
    selection: &'static str,
    input: fn(&str) -> Value,
    /// Whether a payload is what every address gets.
    expected: fn(&Value) -> bool,
}

const PROBES: [Probe; 2] = [
    Probe {
        name: "signing in with a wrong password",
        mutation: "signIn",
        selection: "accessToken",
        input: |email| json!({ "email": email, "password": "eight white herons at the weir" }),
        expected: |payload| payload["errors"][0]["code"] == "CREDENTIALS_WRONG",
    },
    Probe {
        name: "asking for a password reset",
        mutation: "passwordResetRequest",
        selection: "requested",
        input: |email| json!({ "email": email }),
        expected: |payload| payload["requested"] == true,
    },
];

#[expect(clippy::unnecessary_wraps, reason = "rows are of one type")]
pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    Ok(on_both(ground, "unknown_accounts", on))
}

fn on(ground: &Ground, engine: Engine) -> Result<Report, Fault> {
    let server = Server::start(ground, engine)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut report = Report::default();
    for probe in PROBES {
        let [known, unknown] = runtime.block_on(ask(&server, probe, &ground.size))?;
        let (ours, peer) = (figures(known.clone()), figures(unknown.clone()));
        let apart = (ours.p50 / peer.p50 - 1.0).abs() * 100.0;
        let what = format!("{}, an address with an account, to one without, {}", probe.name, engine.name());
        eprintln!("  {what}: {:.2} ms to {:.2} ms, {apart:.1} % apart", ours.p50 / 1000.0, peer.p50 / 1000.0);
        let pair = Pair { ours: rounds(&known, ground.size.rounds), peer: rounds(&unknown, ground.size.rounds) };
        report.lines.push(Line::new(&what, 1, "answers", &pair, None));
        report.bounds.push(Bound { what: format!("medians apart: {what}"), value: apart, limit: Limit::AtMost(APART), unit: "%".into() });
        let milliseconds = |figures: &Figures| format!("p50 {:.2} ms, p99 {:.2} ms", figures.p50 / 1000.0, figures.p99 / 1000.0);
        report.notes.push(format!(
            "{what}: {} of each kind, shuffled, {TRIES} at each address, by HTTP from one client; {}, to {}.",
            known.len(),
            milliseconds(&ours),
            milliseconds(&peer)
        ));
    }
    report.bounds.push(Bound::memory(format!("answers for unknown accounts, {}", engine.name()), server.peak_kib()?));
    Ok(report)
}

/// How long each answer took, for addresses with an account and for others.
async fn ask(server: &Server, probe: Probe, size: &Size) -> Result<[Vec<f64>; 2], Fault> {
    let mut connection = Connection::open(server.address).await?;
    let addresses = |kind: &str, count: usize| -> Vec<String> {
        (0..count.div_ceil(TRIES)).map(|number| format!("{kind}-{number}@{}.example.org", probe.mutation.to_lowercase())).collect()
    };
    let known = addresses("known", size.samples + WARM_UP);
    for address in &known {
        connection.register(address).await?;
    }
    let all = [known, addresses("unknown", size.samples + WARM_UP)];
    let mut taken: [Vec<f64>; 2] = Default::default();
    for (count, is_counted) in [(0..WARM_UP, false), (WARM_UP..WARM_UP + size.samples, true)] {
        let mut order: Vec<_> = count.flat_map(|turn| [(0, turn), (1, turn)]).collect();
        // What one leaves to be done afterwards comes in the way of either.
        order.shuffle(&mut rand::rng());
        for (kind, turn) in order {
            let asked = mutation(probe.mutation, &(probe.input)(&all[kind][turn / TRIES]), probe.selection);
            let begun = Instant::now();
            let payload = connection.mutate(&asked, probe.mutation, None).await?;
            let took = micros(begun);
            if !(probe.expected)(&payload) {
                return Err(format!("{}: {payload}", probe.name).into());
            }
            if is_counted {
                taken[kind].push(took);
            }
        }
    }
    Ok(taken)
}

fn rounds(taken: &[f64], count: usize) -> Vec<Figures> {
    taken.chunks(taken.len().div_ceil(count).max(1)).map(|chunk| figures(chunk.to_vec())).collect()
}
