//! The saga on a real journal and real read models, with a driver that fails as it is told.

mod clusters;
mod harbour;
mod ledger;
mod nodes;
mod pools;
mod provisioning;
mod queue;
mod resources;
mod restarts;
mod scripted;
mod stage;
mod teardown;
mod upkeep;
mod watch;
