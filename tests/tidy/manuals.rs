//! What operators are told must be all there is.

use std::collections::BTreeSet;

use crate::{
    none,
    repository::{files_with, required, text},
};

#[test]
fn every_setting_is_in_the_manual_and_every_setting_of_the_manual_is_there() {
    let parts = [
        "clusters",
        "alerts",
        "booking",
        "guards",
        "keeping",
        "mail",
        "passkeys",
        "plans",
        "retention",
        "runs",
        "second_factor",
        "sign_in",
        "texts",
        "unusual",
    ]
    .map(|part| format!("src/config/{part}.rs"));
    let code = required("src/config.rs") + &parts.map(|part| required(&part)).concat();
    let fields = code.lines().filter_map(|line| line.strip_prefix("    pub ")?.split_once(": "));
    // A table is no setting; its fields are.
    let settings: BTreeSet<&str> =
        fields.filter(|(_, kind)| kind.ends_with(',') && !kind.ends_with("Config,")).map(|(name, _)| name).collect();
    let manual = required("docs/configuration.md");
    let rows = manual.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | ").map(|(name, _)| name));
    assert_eq!(rows.collect::<BTreeSet<_>>(), settings, "settings: the manual's, and those of src/config.rs and below");
}

#[test]
fn every_metric_is_in_the_manual_and_every_metric_of_the_manual_is_there() {
    let is_code = |file: &std::path::Path| file.components().any(|part| part.as_os_str() == "src");
    let texts = files_with("rs").into_iter().filter(|file| is_code(file)).filter_map(|file| text(&file));
    let named: BTreeSet<String> = texts.flat_map(|text| metrics(&text)).collect();
    let manual = required("docs/operations.md");
    let rows = manual.lines().filter_map(|line| line.strip_prefix("| `nalabo_")?.split(['`', '{']).next());
    let told: BTreeSet<String> = rows.map(|name| format!("nalabo_{name}")).collect();
    assert_eq!(told, named, "metrics: the manual's, and those of the code");
}

/// Names given to the macros of `metrics`.
fn metrics(text: &str) -> Vec<String> {
    let calls = ["counter!(", "gauge!(", "histogram!("].map(|call| format!("metrics::{call}\""));
    let names = calls.iter().flat_map(|call| text.split(call.as_str()).skip(1).filter_map(|rest| rest.split('"').next()));
    names.map(str::to_owned).collect()
}

#[test]
fn the_tour_is_marked_and_all_of_its_blocks_are_shell() {
    let readme = required("README.md");
    let blocks: Vec<&str> = readme.split("<!-- tour -->\n").skip(1).collect();
    let strange = blocks.iter().filter(|block| !block.starts_with("```sh\n") || !block.contains("\n```\n<!-- /tour -->\n"));
    none(
        &strange
            .map(|block| format!("README.md: not a block of the tour: {}", block.lines().next().unwrap_or_default()))
            .collect::<Vec<_>>(),
    );
    assert!(!blocks.is_empty());
}
