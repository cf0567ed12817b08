//! What is taught: drafts, numbered immutable versions, the content they consist of.

pub mod cluster_needs;
pub mod content;
pub mod defects;
mod outline;
mod rejection;
pub mod shelf;
pub mod slug_claim;
pub mod workshop;

pub use outline::{Outline, RuleKind, StepOutline};
pub use rejection::WorkshopRejection;
