//! What both sides of a comparison share: the aggregate they decide on, the clients that ask, and the way a side is
//! told what to do and answers what it measured.

pub mod chance;
pub mod clients;
pub mod counter;
pub mod protocol;
pub mod streams;

pub use clients::drive;
pub use counter::{Counter, CounterCommand, CounterEvent, CounterRejection};
pub use protocol::{Fault, Figures, Order, serve};
pub use streams::Streams;
