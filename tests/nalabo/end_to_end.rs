//! What the platform is for: people learn, earn points, and see where they stand; others write what they learn from.

mod authors;
mod learners;
mod repeats;
mod second_factor;
mod sign_ins;
