//! Sides as their parent sees them.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use load::{Fault, Figures, Order, protocol::Said};

use crate::sides::Task;

/// Whatever can be measured.
pub(crate) trait Measured {
    fn measure(&mut self, order: &Order) -> Result<Figures, Fault>;
}

/// A process that takes orders. It ends when it is dropped.
pub(crate) struct Side {
    name: String,
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Side {
    /// A side of this program.
    pub(crate) fn start(task: &Task) -> Result<Self, Fault> {
        let task = serde_json::to_string(task)?;
        Self::spawn(Command::new(std::env::current_exe()?).args(["side", &task]), task.split(':').next().unwrap_or_default())
    }

    /// A side of the peers' program, which is beside this one.
    pub(crate) fn peer(arguments: &[&str]) -> Result<Self, Fault> {
        let program = std::env::current_exe()?.with_file_name("peers");
        if !Path::new(&program).exists() {
            return Err(format!("there is no {}: build it first, as scripts/bench does", program.display()).into());
        }
        Self::spawn(Command::new(program).args(arguments), "the peer")
    }

    fn spawn(command: &mut Command, name: &str) -> Result<Self, Fault> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let orders = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().ok_or("a process without an output")?);
        let mut side = Self { name: name.trim_matches(['{', '"']).to_owned(), child, orders, answers };
        match side.hear()? {
            Said::Ready => Ok(side),
            other => Err(format!("{}: expected it to be ready, not {other:?}", side.name).into()),
        }
    }

    /// Ends it; the most memory it used, in KiB.
    pub(crate) fn end(mut self) -> Result<u64, Fault> {
        drop(self.orders.take());
        let said = self.hear()?;
        let status = self.child.wait()?;
        match said {
            Said::Ended { peak_kib } if status.success() => Ok(peak_kib),
            other => Err(format!("{}: expected it to end, not {other:?}, {status}", self.name).into()),
        }
    }

    fn hear(&mut self) -> Result<Said, Fault> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        match serde_json::from_str(&line) {
            Ok(Said::Failed(why)) => Err(format!("{}: {why}", self.name).into()),
            Ok(said) => Ok(said),
            Err(_) => Err(format!("{}: it ended without a word", self.name).into()),
        }
    }
}

impl Measured for Side {
    fn measure(&mut self, order: &Order) -> Result<Figures, Fault> {
        let orders = self.orders.as_mut().ok_or("a side that has ended")?;
        serde_json::to_writer(&mut *orders, order)?;
        orders.write_all(b"\n")?;
        orders.flush()?;
        match self.hear()? {
            Said::Figures(figures) => Ok(figures),
            other => Err(format!("{}: expected figures, not {other:?}", self.name).into()),
        }
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        drop(self.orders.take());
        // One that has ended is not there any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
