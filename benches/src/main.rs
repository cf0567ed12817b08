//! Measures Nalabo beside its peers. `scripts/bench` builds and runs it.

mod compare;
mod dump;
mod ground;
mod machine;
mod pgbench;
mod process;
mod report;
mod results;
mod rows;
mod server;
mod sides;
mod store;

use std::{path::PathBuf, process::ExitCode, time::Instant};

use clap::{Parser, Subcommand};
use load::Fault;

use crate::{
    ground::{Ground, Size},
    machine::Machine,
    report::Report,
    results::{Results, Row},
    rows::ROWS,
};

/// Measures Nalabo beside its peers and says whether the targets are reached.
#[derive(Parser)]
struct Arguments {
    /// Every row at a smaller size: less than five minutes in all.
    #[arg(long)]
    quick: bool,
    /// Only this row; may be repeated. It takes its place on the page, if that is of a run of this size.
    #[arg(long = "row", value_name = "NAME")]
    rows: Vec<String>,
    /// How long the longer history is, instead of 1000000 events (100000 with `--quick`).
    #[arg(long, value_name = "NUMBER")]
    events: Option<u64>,
    /// How many entries the audit has, instead of 10000000 (100000 with `--quick`).
    #[arg(long, value_name = "NUMBER")]
    entries: Option<u64>,
    /// How often people race for places, each time as another seed has it, instead of 50 times (3 with `--quick`).
    #[arg(long, value_name = "NUMBER")]
    seeds: Option<u32>,
    /// Where `benchmarks.md`, its plot and its figures go; nowhere with `--events`, `--entries` or `--seeds`.
    #[arg(long, value_name = "DIRECTORY")]
    docs: Option<PathBuf>,
    #[command(subcommand)]
    side: Option<Process>,
}

#[derive(Subcommand)]
enum Process {
    /// What this program starts itself as.
    #[command(hide = true)]
    Side { task: String },
}

impl Arguments {
    fn size(&self) -> Size {
        let usual = Size::of(self.quick, self.events);
        Size { entries: self.entries.unwrap_or(usual.entries), seeds: self.seeds.unwrap_or(usual.seeds), ..usual }
    }

    const fn is_of_usual_size(&self) -> bool {
        self.events.is_none() && self.entries.is_none() && self.seeds.is_none()
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ran = match &arguments.side {
        Some(Process::Side { task }) => sides::run(task).map(|()| true),
        None => measure(&arguments),
    };
    match ran {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("bench: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every target was reached.
fn measure(arguments: &Arguments) -> Result<bool, Fault> {
    if let Some(unknown) = arguments.rows.iter().find(|row| !ROWS.iter().any(|(name, _)| name == row)) {
        return Err(format!("there is no row {unknown}: expected one of {}", ROWS.map(|(name, _)| name).join(", ")).into());
    }
    let ground = Ground::new(arguments.size())?;
    let version = ground.server()?.sql("postgres", "SHOW server_version")?;
    let machine = Machine::look(ground.directory(), format!("PostgreSQL {version}"))?;
    eprintln!("{}, {} cores, {:.0} flushes/s, {}", machine.processor, machine.cores, machine.flushes, machine.postgres);
    let chosen = ROWS.iter().filter(|(name, _)| arguments.rows.is_empty() || arguments.rows.iter().any(|row| row == name));
    let mut results = Results { machine, quick: arguments.quick, rows: Vec::new() };
    for (name, row) in chosen {
        eprintln!("{name}");
        let begun = Instant::now();
        let mut report = row(&ground).unwrap_or_else(|fault| Report::failure(name, &fault));
        report.notes.extend(profile(arguments, name, &report));
        let seconds = begun.elapsed().as_secs_f64();
        eprintln!("  took {seconds:.0} s");
        results.rows.push(Row { name: (*name).to_owned(), moment: results.machine.moment.clone(), elsewhere: None, seconds, report });
    }
    let report = results.report();
    println!("\n{}", report::table(&report));
    for missed in report.missed() {
        println!("MISSED: {missed}");
    }
    match arguments.docs.as_ref().filter(|_| arguments.is_of_usual_size()) {
        Some(docs) if arguments.rows.is_empty() => results.write(docs)?,
        Some(docs) => results.renew(docs)?,
        None => {}
    }
    Ok(report.holds())
}

/// Where a row that missed a target is looked into.
fn profile(arguments: &Arguments, row: &str, measured: &Report) -> Option<String> {
    let profile = format!("profiles/{row}.svg");
    let there = arguments.docs.as_ref().is_some_and(|docs| docs.join(&profile).exists());
    (there && !measured.holds()).then(|| format!("What takes the time in `{row}`: [a profile]({profile})."))
}
