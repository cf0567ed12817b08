//! The shape every aggregate has: decide on a command, evolve with an event.

use serde::{Serialize, de::DeserializeOwned};

use crate::{kernel::Timestamp, upcast::Upcast};

/// A consistency boundary: what may happen next, given what has happened.
/// Serializable for snapshots only; the events are the truth.
pub trait Decider: Clone + Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The stored name of this kind of stream. Never renamed.
    const STREAM: &'static str;
    /// Raised whenever the state's serialized form or what `evolve` makes of an event changes: older snapshots are of no
    /// use then.
    const STATE_VERSION: u32 = 1;
    /// How old forms of its events become the newest. A version of an event is raised by a step here, never without.
    const UPCASTS: &'static [Upcast] = &[];
    /// What may be asked.
    type Command: Send;
    /// What may have happened.
    type Event: Event;
    /// Why a command is turned down.
    type Rejection: Rejection;

    /// # Errors
    /// The business rule that forbids the command.
    fn decide(&self, command: Self::Command, now: Timestamp) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// Takes a fact in. Total: every event of a valid history is accepted.
    fn evolve(&mut self, event: &Self::Event);
}

/// A fact: past tense, immutable, stored under a name and version that never change meaning.
pub trait Event: Clone + PartialEq + std::fmt::Debug + Serialize + DeserializeOwned + Send + Sync + Unpin + 'static {
    /// The stored name, such as `"AccountRegistered"`.
    fn name(&self) -> &'static str;

    /// The version of the stored form: [`newest`](crate::upcast::newest) of its name.
    fn version(&self) -> u16 {
        1
    }
}

/// A business refusal: data for the caller, and what a retry of the same request is answered with.
pub trait Rejection: std::error::Error + Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The input field the refusal is about, in the API's spelling, where there is one.
    fn field(&self) -> Option<&'static str> {
        None
    }

    /// Its name, spelt as the API spells it, such as `NAME_TAKEN`.
    fn code(&self) -> String {
        let name = match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => name,
            Ok(serde_json::Value::Object(fields)) => fields.keys().next().cloned().unwrap_or_default(),
            _ => String::new(),
        };
        let mut code = String::new();
        for letter in name.chars() {
            if letter.is_uppercase() && !code.is_empty() {
                code.push('_');
            }
            code.extend(letter.to_uppercase());
        }
        code
    }
}

/// Replays a history, for tests and for loading.
pub fn given<D: Decider>(history: impl IntoIterator<Item = D::Event>) -> D {
    history.into_iter().fold(D::default(), |mut state, event| {
        state.evolve(&event);
        state
    })
}
