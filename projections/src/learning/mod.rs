//! How people learn: sessions, attempts at steps, and totals over sessions.

pub mod attempts;
pub mod learners;
pub mod sessions;
pub mod step_statistics;
pub mod workshop_statistics;
