//! Old forms of stored events, brought forward as they are read. The stored ones are never rewritten.

use serde_json::Value;

/// One step of one event's form: from a version to the next.
#[derive(Clone, Copy, Debug)]
pub struct Upcast {
    /// The event's stored name.
    pub event: &'static str,
    /// The version it takes; it gives `from + 1`.
    pub from: u16,
    /// What changed. Pure and total: whatever it does not understand it returns as it is, for the decoder to refuse.
    /// Personal values are sealed here and stay where they are, or move as a whole.
    pub change: fn(Value) -> Value,
}

/// The newest version of an event that this build knows: each but the first is reached by a step.
#[must_use]
pub fn newest(steps: &[Upcast], event: &str) -> u16 {
    steps.iter().filter(|step| step.event == event).map(|step| step.from + 1).max().unwrap_or(1)
}

/// The newest form of an event.
#[must_use]
pub fn forward(steps: &[Upcast], event: &str, mut version: u16, payload: Value) -> Value {
    let mut form = payload;
    while let Some(step) = steps.iter().find(|step| step.event == event && step.from == version) {
        form = (step.change)(form);
        version += 1;
    }
    form
}

#[cfg(test)]
mod tests;
