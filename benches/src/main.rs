//! Measures Nalabo beside its peers. `scripts/bench` builds and runs it.

mod compare;
mod ground;
mod machine;
mod pgbench;
mod process;
mod report;
mod rows;
mod sides;
mod store;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use clap::{Parser, Subcommand};
use load::Fault;

use crate::{ground::Ground, machine::Machine, report::Report, rows::ROWS};

/// Measures Nalabo beside its peers and says whether the targets are reached.
#[derive(Parser)]
struct Arguments {
    /// Every row at a smaller size: less than five minutes in all.
    #[arg(long)]
    quick: bool,
    /// Only this row; may be repeated. Nothing is written then.
    #[arg(long = "row", value_name = "NAME")]
    rows: Vec<String>,
    /// Where `benchmarks.md` and `benchmarks.svg` go.
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
    let ground = Ground::new(arguments.quick)?;
    let version = ground.server()?.sql("postgres", "SHOW server_version")?;
    let machine = Machine::look(ground.directory(), format!("PostgreSQL {version}"))?;
    eprintln!("{}, {} cores, {:.0} flushes/s, {}", machine.processor, machine.cores, machine.flushes, machine.postgres);
    let chosen = ROWS.iter().filter(|(name, _)| arguments.rows.is_empty() || arguments.rows.iter().any(|row| row == name));
    let mut report = Report::default();
    for (name, row) in chosen {
        eprintln!("{name}");
        let begun = Instant::now();
        match row(&ground) {
            Ok(measured) => report.add(measured),
            Err(fault) => report.failed.push(((*name).to_owned(), fault.to_string())),
        }
        eprintln!("  took {:.0} s", begun.elapsed().as_secs_f64());
    }
    println!("\n{}", report::table(&report));
    if let (Some(docs), true) = (&arguments.docs, arguments.rows.is_empty()) {
        write(docs, &report, &machine, arguments.quick)?;
    }
    Ok(report.holds())
}

fn write(docs: &Path, report: &Report, machine: &Machine, quick: bool) -> Result<(), Fault> {
    std::fs::write(docs.join("benchmarks.md"), report::page::page(report, machine, quick))?;
    std::fs::write(docs.join("benchmarks.svg"), report::plot::plot(report))?;
    println!("written: {0}/benchmarks.md, {0}/benchmarks.svg", docs.display());
    Ok(())
}
