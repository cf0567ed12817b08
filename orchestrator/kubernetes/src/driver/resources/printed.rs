//! What a pod prints, as it does.

use std::pin::Pin;

use commands::environments::LogParts;
use futures_util::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, StreamExt, stream};
use tokio::sync::OwnedSemaphorePermit;

/// Bytes of a line; the rest of a longer one is taken for a line of its own.
const LONGEST_LINE: u64 = 4096;
/// Lines that are told of at once, where so many are there.
const AT_ONCE: usize = 200;

/// What is read until it ends or breaks off. What is not UTF-8 is replaced. The permit is given back afterwards.
pub(super) fn parts(printed: impl AsyncBufRead + Send + 'static, permit: OwnedSemaphorePermit) -> LogParts {
    let reading = (Box::pin(printed), permit);
    let lines = stream::unfold(reading, |(mut printed, permit)| async move {
        let line = line(&mut printed).await?;
        Some((line, (printed, permit)))
    });
    lines.ready_chunks(AT_ONCE).map(|lines| lines.concat()).boxed()
}

async fn line(printed: &mut Pin<Box<impl AsyncBufRead>>) -> Option<String> {
    let mut line = Vec::new();
    match printed.take(LONGEST_LINE).read_until(b'\n', &mut line).await {
        Ok(0) => None,
        Ok(_) => Some(String::from_utf8_lossy(&line).into_owned()),
        Err(error) => {
            tracing::debug!(%error, "a log that is followed broke off");
            None
        }
    }
}

#[cfg(test)]
mod tests;
