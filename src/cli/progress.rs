//! How far something is, for whoever watches.

use indicatif::{ProgressBar, ProgressStyle};

/// On standard error, and only if that is a terminal.
pub(super) fn bar(events: i64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} events, {per_sec}, {eta} left");
    let bar = ProgressBar::new(events.try_into().unwrap_or_default());
    // The template is a constant; without it there is the default.
    if let Ok(style) = style { bar.with_style(style) } else { bar }
}
