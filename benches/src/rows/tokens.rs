//! A query with a token beside the same without one: what it costs to verify the token, and to look up what its owner may do.

use std::time::Instant;

use load::{Fault, Figures};

use super::on_both;
use crate::{
    compare::{Pair, figures, median, micros},
    ground::{Ground, Size},
    report::{Bound, Limit, Line, Report},
    server::{Connection, Server, query},
    store::Engine,
};

/// Microseconds.
const MOST: f64 = 100.0;
/// What everybody may ask.
const ASKED: &str = "{ workshops { nodes { id title } } }";
/// Not counted, before.
const WARM_UP: usize = 500;

#[expect(clippy::unnecessary_wraps, reason = "rows are of one type")]
pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    Ok(on_both(ground, "tokens", on))
}

fn on(ground: &Ground, engine: Engine) -> Result<Report, Fault> {
    let server = Server::start(ground, engine)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let [without, access, personal] = runtime.block_on(ask(&server, &ground.size))?;
    let mut report = Report::default();
    let mut told = Vec::new();
    for (token, figures) in [("an access token", access), ("a personal access token", personal)] {
        let what = format!("a query with {token}, to one without, {}", engine.name());
        let pair = Pair { ours: figures, peer: without.clone() };
        report.lines.push(Line::new(&what, 1, "queries", &pair, None));
        report.bounds.push(Bound {
            what: format!("added to the median: {what}"),
            value: pair.added(),
            limit: Limit::AtMost(MOST),
            unit: "µs".into(),
        });
        eprintln!("  {what}: {:.0} µs more", pair.added());
        told.push(format!("{token} {}", percentiles(&pair.ours)));
    }
    report.bounds.push(Bound::memory(format!("queries with tokens, {}", engine.name()), server.peak_kib()?));
    report.notes.push(format!(
        "Queries with tokens on {}, by HTTP from one client, three kinds in turn: without a token {}; with {}.",
        engine.name(),
        percentiles(&without),
        told.join("; with ")
    ));
    Ok(report)
}

/// The same query as nobody, as somebody signed in, and as a program in their stead, one after the other, in each order alike.
async fn ask(server: &Server, size: &Size) -> Result<[Vec<Figures>; 3], Fault> {
    let mut connection = Connection::open(server.address).await?;
    connection.register("heron@example.org").await?;
    let access = connection.sign_in("heron@example.org").await?;
    let personal = connection.personal_token(&access).await?;
    let tokens = [None, Some(access.as_str()), Some(personal.as_str())];
    let asked = query(ASKED);
    let mut expected = None;
    for turn in 0..WARM_UP {
        let answer = connection.post(&asked, tokens[turn % 3]).await?;
        // What is compared must be the same.
        if *expected.get_or_insert_with(|| answer.clone()) != answer {
            return Err(format!("another answer: {}", String::from_utf8_lossy(&answer)).into());
        }
    }
    let mut rounds: [Vec<Figures>; 3] = Default::default();
    for _ in 0..size.rounds {
        let mut taken: [Vec<f64>; 3] = Default::default();
        for turn in 0..size.requests / size.rounds {
            for place in 0..3 {
                let kind = (turn + place) % 3;
                let begun = Instant::now();
                connection.post(&asked, tokens[kind]).await?;
                taken[kind].push(micros(begun));
            }
        }
        for (rounds, taken) in rounds.iter_mut().zip(taken) {
            rounds.push(figures(taken));
        }
    }
    Ok(rounds)
}

fn percentiles(rounds: &[Figures]) -> String {
    let of = |each: fn(&Figures) -> f64| median(rounds.iter().map(each).collect());
    format!("p50 {:.0} µs, p99 {:.0} µs", of(|figures| figures.p50), of(|figures| figures.p99))
}
