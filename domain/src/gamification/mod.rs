//! What learning earns: points, once for each thing done.

mod rejection;
pub mod scorecard;

pub use rejection::GamificationRejection;
