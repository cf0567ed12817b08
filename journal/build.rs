//! Migrations are embedded at compile time: a new one must rebuild the crate.
#![allow(clippy::print_stdout, reason = "cargo reads its instructions there")]

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
