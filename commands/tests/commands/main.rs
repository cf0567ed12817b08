//! Every command on the stores it runs on in production; only the shell and the environments are doubles.

mod authors;
mod checks;
mod claims;
mod cluster_access;
mod cluster_places;
mod cluster_removal;
mod clusters;
mod contention;
mod doubles;
mod endings;
mod erasure;
mod fleet;
mod framework;
mod identity;
mod imports;
mod nodes;
mod parking;
mod platform;
mod receipts;
mod rewards;
mod rules;
mod sessions;
mod sign_ins;
mod texts;
mod timers;
mod versions;
