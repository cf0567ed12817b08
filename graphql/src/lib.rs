//! The API: GraphQL over HTTP and web sockets.
//!
//! One folder per context, named as in `domain`, a file per topic: objects, queries, mutations, subscriptions, loaders.
//! `edge` faces the network, `limits` keeps what comes from there small, `failure` decides what a caller is told.

#![recursion_limit = "256"] // The schema's objects are merged one within the other.
#![allow(clippy::unused_async)] // The schema's macros ask for `async`, whether there is something to wait for or not.

mod audit;
mod booking;
mod caller;
mod changes;
mod communities;
mod context;
mod cookie;
mod decided;
mod documents;
mod edge;
mod environments;
mod failure;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod gamification;
mod identity;
mod input;
mod journal;
mod learning;
mod limits;
mod loaders;
mod node;
mod notes;
pub mod options;
mod paging;
mod personal;
mod projections;
mod rates;
mod read_models;
mod schema;
pub mod services;
mod sockets;
mod time_travel;
mod workshops;

pub use cookie::refresh_cookie;
pub use documents::{DocumentError, Documents};
pub use edge::{Client, Unidentified, address, anonymous, identify, origin_is_allowed, router};
pub use options::{Limits, Options};
pub use rates::{Quotas, Rates, Wait};
pub use schema::{Mutation, Query, Schema, Subscription, schema, sdl};
pub use services::{Budget, Choice, Placements, Ranking, Services, Settings, Ticket, TicketOffice};
pub use sockets::{Counted, SocketBounds, Sockets, TooMany};
