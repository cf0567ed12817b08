//! What learning earns.

pub mod leaderboard;
