//! Embeds the built-in workshops anew when one of them changes.

fn main() {
    println!("cargo::rerun-if-changed=../workshops");
}
