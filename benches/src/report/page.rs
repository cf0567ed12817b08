//! The page in `docs/`.

use super::{Report, table};
use crate::machine::Machine;

/// The page that says what was measured, where, and how to measure it again.
pub(crate) fn page(report: &Report, machine: &Machine, quick: bool) -> String {
    let notes: Vec<String> = report.notes.iter().map(|note| format!("- {note}")).collect();
    let notes = notes.join("\n");
    let size = if quick { "a quick run (`--quick`): smaller histories, shorter rounds" } else { "a full run" };
    let verdict = if report.holds() { "Every target was reached." } else { "Not every target was reached." };
    let (date, revision, postgres) = (&machine.moment.date, &machine.moment.revision, &machine.postgres);
    let (processor, cores, memory, flushes) = (&machine.processor, machine.cores, machine.memory_gib, machine.flushes);
    format!(
        "# Benchmarks

Nalabo beside its peers, each figure from the same run on the same machine: the two sides take turns, round by round,
and the ratio is that of the medians, with the least and the greatest of a round. Ours has all it promises switched on:
positions without gaps, hashes, receipts where the table says so, and answers only after the flush. This page is written
by `scripts/bench`; what follows is {size}. {verdict}

![Ratios against their targets](benchmarks.svg)

{table}
## How it was measured

- {date}; revision {revision}; {processor}, {cores} cores, {memory:.1} GiB of memory; a write of 8 KiB and its flush (`fdatasync`) {flushes:.0}
  times a second.
- {postgres}, on the same machine, as `initdb` leaves it (`fsync` and `synchronous_commit` on, 128 MiB of shared
  buffers), but for the number of connections, and for what a line below says. Both sides use one server.
- Stock cqrs-es 0.5 with postgres-es 0.5 and sqlite-es 0.5, as their documentation sets them up: `CqrsFramework::execute`,
  a pool with as many connections as clients, `synchronous=FULL` on SQLite. Its aggregate decides as ours does, and its
  events are as large.
- pgbench inserts single rows of the journal's columns, with the same unique keys (`-M prepared`). The limit is
  `INSERT … SELECT FROM UNNEST` of 1000 rows at a time into the same table, with a commit each, on one connection.
- A transaction per event folds the same boards by prepared statements: each row of an event is loaded and saved by
  itself, as views of stock cqrs-es are. The line below it takes all rows of an event at once. On SQLite each commit is
  flushed (`synchronous=FULL`); ours flushes rows when the log is written back, because they can be folded again.
- Reading in global order is decoded down to facts; the `SELECT` beside it leaves its rows as they come.
- Registrations are asked for as the API does, each by somebody else with an account, for one run with 100 places and a line; names and
  addresses are sealed. The peer locks the run's row, inserts under a key that is unique by run and person, and commits
  (`synchronous_commit` on), in prepared statements over as many connections as the journal has: nine. The line below it does so in one
  round trip. Each round is on a new run, and both look afterwards whether all who came are there.
- Races are not compared: who registers, pays in time or late, withdraws or is offered a place is decided by the seed, and what was
  recorded is told again by rules that the test has and the product does not ([booking](booking.md#when-many-come-at-once)).
- Memory is the most that was resident (`VmHWM`) of the process that did the work.
{notes}

## Again

```console
$ ./scripts/bench
$ ./scripts/bench --quick
$ ./scripts/bench --quick --row appends --row limit
$ ./scripts/bench --row races_sqlite --seeds 5
```
",
        table = table(report)
    )
}
