//! The API over real sockets, on the real journal and the real read models. Only what would need a sandbox is stood in for.

mod accounts;
mod catalogue;
mod cluster_needs;
mod clusters;
mod dashboards;
mod environment_usage;
mod events;
mod faults;
mod fleet;
mod laboratory;
mod leaderboards;
mod learning;
mod limits;
mod operations;
mod placement;
mod platform;
mod resources;
mod schema;
mod sign_ins;
mod socket;
mod socket_ends;
mod subscriptions;
mod terminals;
mod time_travel;
mod transport;
mod usage;
