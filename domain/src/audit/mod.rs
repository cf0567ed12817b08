//! What was asked and left no event of its own: refusals, reads of what is sensitive, commands that changed nothing.

mod rejection;
pub mod trail;

pub use rejection::AuditRejection;
