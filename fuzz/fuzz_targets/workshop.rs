//! The YAML of a workshop, in our own format and in that of Educates.
#![no_main]

use importers::Bundle;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|yaml: &[u8]| {
    for path in ["workshop.yaml", "resources/workshop.yaml"] {
        let mut bundle = Bundle::new("fuzzed");
        bundle.insert(path, yaml.to_vec());
        bundle.insert("steps/01-first.md", b"# First\n\nRead.\n".to_vec());
        bundle.insert("workshop/content/01-first.md", b"# First\n\nRead.\n".to_vec());
        let _ = importers::import(&bundle);
    }
});
