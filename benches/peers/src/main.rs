//! The peers: stock cqrs-es as its documentation shows it, on postgres-es or sqlite-es, driven as a side of a comparison.

mod aggregate;
mod stores;

use load::{Fault, protocol};

#[tokio::main]
async fn main() -> Result<(), Fault> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ran = match words[..] {
        ["postgres", url, connections] => stores::postgres(url, connections.parse()?).await,
        ["sqlite", path] => stores::sqlite(path).await,
        ["load", url, id] => stores::load(url, id).await,
        _ => Err("expected: postgres URL CONNECTIONS | sqlite PATH | load URL ID".into()),
    };
    if let Err(fault) = &ran {
        protocol::fail(fault)?;
    }
    ran
}
