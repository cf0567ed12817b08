//! Which addresses may be connected to. A cluster's address is given by people and resolved by name servers that are not
//! ours, so every address is looked at at every connect, and the one that was looked at is the one that is connected to.

mod addresses;
mod connector;
mod courier;
mod stream;

pub use addresses::AddressPolicy;
pub(crate) use connector::{Connector, tls_failure};
pub use courier::Courier;
pub(crate) use stream::Secured;
