//! What was measured, row by row, as it is kept beside the page: a row that is measured again takes its place there.

use std::path::Path;

use load::Fault;
use serde::{Deserialize, Serialize};

use crate::{
    machine::{Machine, Moment},
    report::{Report, page, plot},
};

const FILE: &str = "benchmarks.json";

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Results {
    pub(crate) machine: Machine,
    pub(crate) quick: bool,
    pub(crate) rows: Vec<Row>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) moment: Moment,
    /// Where, if not on the machine of the rest: both sides of a row are of one run, so that its ratios hold by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) elsewhere: Option<Machine>,
    pub(crate) seconds: f64,
    pub(crate) report: Report,
}

impl Results {
    /// All rows in one, and what is to be said of them.
    pub(crate) fn report(&self) -> Report {
        let mut report = Report::default();
        for row in &self.rows {
            report.add(row.report.clone());
        }
        let took: Vec<_> = self.rows.iter().map(|row| format!("`{}` {:.0} s", row.name, row.seconds)).collect();
        report.notes.push(format!("Rows took: {}.", took.join(", ")));
        for Row { name, moment: Moment { date, revision }, elsewhere, .. } in
            self.rows.iter().filter(|row| row.moment != self.machine.moment)
        {
            let place = elsewhere.as_ref().map_or_else(String::new, |machine| format!(", on another machine ({machine})"));
            report.notes.push(format!("`{name}` was measured by itself, both sides: {date}, revision {revision}{place}."));
        }
        report
    }

    /// Writes the page, its plot, and these results.
    pub(crate) fn write(&self, docs: &Path) -> Result<(), Fault> {
        let report = self.report();
        std::fs::write(docs.join("benchmarks.md"), page::page(&report, &self.machine, self.quick))?;
        std::fs::write(docs.join("benchmarks.svg"), plot::plot(&report))?;
        std::fs::write(docs.join(FILE), serde_json::to_string_pretty(self)? + "\n")?;
        println!("written: {0}/benchmarks.md, {0}/benchmarks.svg, {0}/{FILE}", docs.display());
        Ok(())
    }

    /// Puts rows that were measured again where they stand on the page, if the page is of a run of this size. What they were measured on
    /// is said with them, where it is not what the rest was measured on.
    pub(crate) fn renew(self, docs: &Path) -> Result<(), Fault> {
        let Ok(text) = std::fs::read_to_string(docs.join(FILE)) else { return Ok(()) };
        let mut there: Self = serde_json::from_str(&text)?;
        if there.quick != self.quick {
            println!("not written: the page in {} is of another size", docs.display());
            return Ok(());
        }
        let elsewhere = (!there.machine.is_like(&self.machine)).then_some(self.machine);
        for row in self.rows {
            let row = Row { elsewhere: elsewhere.clone(), ..row };
            match there.rows.iter_mut().find(|there| there.name == row.name) {
                Some(old) => *old = row,
                None => there.rows.push(row),
            }
        }
        there.write(docs)
    }
}
