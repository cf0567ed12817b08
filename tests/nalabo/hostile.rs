//! What people send who are mistaken, careless or up to no good: each is told clearly, and nothing is left half-written.

mod checks;
mod connections;
mod files;
mod requests;
mod terminals;
mod tokens;
