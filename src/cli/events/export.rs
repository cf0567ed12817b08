//! `nalabo events export`.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use archive::{ArchiveError, Format, Selection};
use clap::Args;
use journal::{History, Position};

use crate::{cli::Failure, history::Moment};

/// How often `--follow` looks for more.
const POLL: Duration = Duration::from_millis(200);

#[derive(Args)]
pub(in crate::cli) struct Export {
    /// ndjson: our own, from which `nalabo events import` makes the same journal; cloudevents: CloudEvents 1.0 in JSON; parquet
    #[arg(long, value_name = "FORMAT")]
    format: Format,
    /// Begin at this position, day or instant
    #[arg(long, value_name = "POSITION|TIME")]
    from: Option<Moment>,
    /// End with the last event that is not after this position, day or instant
    #[arg(long, value_name = "POSITION|TIME")]
    to: Option<Moment>,
    /// Only events of this name, such as SessionStarted
    #[arg(long = "type", value_name = "NAME")]
    name: Option<String>,
    /// Only events of this kind of stream, or of this stream: session, or session/0190…
    #[arg(long, value_name = "KIND[/ID]")]
    stream: Option<String>,
    /// Write contents that events refer to, although not all events are exported (ndjson)
    #[arg(long)]
    contents: bool,
    /// Go on with events as they are recorded, until interrupted (ndjson, cloudevents)
    #[arg(long, conflicts_with = "to")]
    follow: bool,
    /// Write to this file, which must not exist [default: standard output]
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
}

pub(super) async fn run(options: Export, history: Arc<dyn History>) -> Result<(), Failure> {
    if options.follow && options.format == Format::Parquet {
        return Err(Failure::Usage("--follow: a Parquet file can only be read once it is complete; expected ndjson or cloudevents".into()));
    }
    let (export, into) = (
        archive::Export { format: options.format, selection: selection(&options, &*history).await?, contents: options.contents },
        options.into,
    );
    let Some(path) = into else {
        let out = BufWriter::new(std::io::stdout());
        return told(write(&history, export, options.follow, out).await);
    };
    let file = File::create_new(&path).map_err(|error| Failure::Failed(format!("cannot write {}: {error}", path.display())))?;
    let written = write(&history, export, options.follow, file.try_clone().map_err(Failure::failed)?).await;
    let written = written.and_then(|()| file.sync_all().map_err(ArchiveError::Write));
    if written.is_err() {
        remove(&path);
    }
    told(written)
}

async fn selection(options: &Export, history: &dyn History) -> Result<Selection, Failure> {
    let head = history.head().await.map_err(Failure::failed)?;
    let beyond = |flag: &str, moment: Option<Moment>| match moment {
        Some(Moment::Position(position)) if position > head => {
            Err(Failure::Failed(format!("{flag}: position {position} is beyond the head, which is at {head}")))
        }
        _ => Ok(()),
    };
    beyond("--from", options.from)?;
    beyond("--to", options.to)?;
    let after = match options.from {
        Some(moment) => moment.before(history).await.map_err(Failure::failed)?,
        None => Position(0),
    };
    let until = match options.to {
        Some(moment) => Some(moment.last(history).await.map_err(Failure::failed)?),
        None => None,
    };
    Ok(Selection { after, until, name: options.name.clone(), stream: options.stream.clone() })
}

async fn write<W: Write + Send + 'static>(
    history: &Arc<dyn History>,
    export: archive::Export,
    follow: bool,
    out: W,
) -> Result<(), ArchiveError> {
    if !follow {
        return archive::export(history, &export, out).await.map(drop);
    }
    // Without signals it ends when it is killed.
    let interrupted = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
    archive::follow(history, &export, out, POLL, interrupted).await.map(drop)
}

/// Whoever reads standard output may have had enough.
fn told(written: Result<(), ArchiveError>) -> Result<(), Failure> {
    match written {
        Ok(()) => Ok(()),
        Err(ArchiveError::Write(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(Failure::Told),
        Err(error) => Err(Failure::failed(error)),
    }
}

fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_file(path) {
        eprintln!("nalabo: {} is not complete and could not be removed: {error}", path.display());
    }
}
