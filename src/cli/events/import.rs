//! `nalabo events import`.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use archive::{ArchiveError, Imported};
use journal::{Durability, postgres::PostgresImport, sqlite::SqliteImport};
use secrecy::ExposeSecret;

use crate::{cli::Failure, config::Config};

/// Bytes that are read at once.
const BUFFER: usize = 256 * 1024;

pub(super) async fn import(config: &Config, file: &Path, json: bool) -> Result<(), Failure> {
    let from: Box<dyn BufRead + Send> = if file == Path::new("-") {
        Box::new(BufReader::with_capacity(BUFFER, std::io::stdin()))
    } else {
        let opened = File::open(file).map_err(|error| Failure::Failed(format!("cannot read {}: {error}", file.display())))?;
        Box::new(BufReader::with_capacity(BUFFER, opened))
    };
    let imported = into(config, from).await?;
    let imported = imported.map_err(|error| Failure::Failed(format!("{}: {error}; nothing was imported", file.display())))?;
    let hash = imported.head.hash.map(|byte| format!("{byte:02x}")).concat();
    if json {
        let told = serde_json::json!({ "journal": imported.journal, "position": imported.head.position, "hash": hash, "contents": imported.contents });
        println!("{told}");
    } else {
        println!(
            "{} events of journal {} and {} contents; the head's hash is {hash}",
            imported.head.position, imported.journal, imported.contents
        );
    }
    Ok(())
}

async fn into(config: &Config, from: Box<dyn BufRead + Send>) -> Result<Result<Imported, ArchiveError>, Failure> {
    let Some(url) = &config.database_url else {
        crate::node::prepare(&config.data_dir).map_err(Failure::failed)?;
        return Ok(archive::import(from, async |journal| SqliteImport::begin(config.journal_path(), journal).await).await);
    };
    let durability = if config.journal.unsafe_durability { Durability::Unsafe } else { Durability::Full };
    Ok(archive::import(from, async |journal| PostgresImport::begin(url.expose_secret(), durability, journal).await).await)
}
