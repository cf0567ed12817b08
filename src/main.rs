//! nalabo
fn main() {}
