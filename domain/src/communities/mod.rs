//! People who come together: communities, and of which ones somebody is.

pub mod circle;
pub mod community;
mod rejection;
mod words;

pub use rejection::CommunityRejection;
pub use words::{CommunityDescription, CommunityName};
