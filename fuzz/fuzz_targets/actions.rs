//! A page of a workshop: Markdown, front matter, and the actions in its fenced blocks.
#![no_main]

use importers::Bundle;
use libfuzzer_sys::fuzz_target;

const OURS: &[u8] = b"title: Fuzzed\nsummary: A page\ncategory: cloud\ndifficulty: beginner\nduration: 5m\n";
const EDUCATES: &[u8] = b"apiVersion: training.educates.dev/v1beta1\nkind: Workshop\nmetadata:\n  name: fuzzed\nspec:\n  title: Fuzzed\n  description: A page\n";

fuzz_target!(|page: &[u8]| {
    for (manifest, contents, path) in
        [("workshop.yaml", OURS, "steps/01-first.md"), ("resources/workshop.yaml", EDUCATES, "workshop/content/01-first.md")]
    {
        let mut bundle = Bundle::new("fuzzed");
        bundle.insert(manifest, contents.to_vec());
        bundle.insert(path, page.to_vec());
        let _ = importers::import(&bundle);
    }
});
