//! What events and states have in them.

use std::io;

use journal::NewEvent;
use serde_json::Value;

/// Whether a new event has a personal value in the clear.
pub(crate) fn is_personal(event: &NewEvent) -> bool {
    fn holds(json: &Value) -> bool {
        match json {
            Value::Array(items) => items.iter().any(holds),
            Value::Object(fields) => {
                fields.iter().any(|(name, field)| (name == "$personal" && field.get("value").is_some()) || holds(field))
            }
            _ => false,
        }
    }
    holds(&event.payload)
}

/// The length of a state as JSON, in bytes.
pub(super) fn weight(state: &impl serde::Serialize) -> u32 {
    struct Length(usize);
    impl io::Write for Length {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut length = Length(0);
    match serde_json::to_writer(&mut length, state) {
        Ok(()) => u32::try_from(length.0).unwrap_or(u32::MAX),
        Err(_) => u32::MAX,
    }
}
