//! How people learn: sessions, their steps and attempts, and how many sessions one learner may have.

pub mod desk;
mod rejection;
pub mod session;

pub use rejection::LearningRejection;
