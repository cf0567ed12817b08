//! Parquet, as others read it: `DuckDB`, `PyArrow`, Polars and pandas, whichever this Python has.

use std::process::Command;

use archive::{Format, Selection};

use crate::place::Place;

/// Prints the rows, the last text and the type of the times, or nothing if the library is not there.
const READERS: [(&str, &str); 3] = [
    (
        "duckdb",
        "import duckdb; r = duckdb.connect().execute(f\"select count(*), max(position), any_value(typeof(recorded_at)) from '{f}'\").fetchall()[0]
print(r[0], r[1], r[2] == 'TIMESTAMP WITH TIME ZONE')",
    ),
    (
        "pyarrow",
        "import pyarrow.parquet as p; t = p.read_table(f); s = t.schema.field('recorded_at').type
print(t.num_rows, t.column('position')[-1].as_py(), s.unit == 'us' and s.tz == 'UTC')",
    ),
    (
        "polars",
        "import polars; t = polars.read_parquet(f)
print(t.height, t['position'][-1], t.schema['recorded_at'] == polars.Datetime('us', 'UTC'))",
    ),
];

#[tokio::test]
async fn others_read_parquet() {
    let place = Place::filled(120).await;
    let bytes = place.export(Format::Parquet, Selection::default()).await.expect("exported");
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    let file = place.path("events.parquet");
    std::fs::write(&file, bytes).expect("written");
    let python = std::env::var("NALABO_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
    for (library, script) in READERS {
        let there = Command::new(&python).args(["-c", &format!("import {library}")]).output().is_ok_and(|output| output.status.success());
        if !there {
            #[allow(clippy::print_stdout)]
            {
                println!("skipped: {python} has no {library}");
            }
            continue;
        }
        let script = format!("f = '{}'\n{script}", file.display());
        let output = Command::new(&python).args(["-c", &script]).output().expect("python");
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(said.trim(), "120 120 True", "{library}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
