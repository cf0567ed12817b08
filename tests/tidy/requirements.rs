//! The table of ASVS: complete, and it speaks of files there are.

use crate::{
    none,
    repository::{required, root},
};

/// Requirements up to level 2 of ASVS 5.0: a section, and its highest number at these levels.
const SECTIONS: [(&str, u32); 35] = [
    ("4.3", 2),
    ("4.4", 4),
    ("6.1", 3),
    ("6.2", 12),
    ("6.3", 4),
    ("6.4", 4),
    ("6.5", 5),
    ("6.6", 3),
    ("6.8", 4),
    ("7.1", 3),
    ("7.2", 4),
    ("7.3", 2),
    ("7.4", 5),
    ("7.5", 2),
    ("7.6", 2),
    ("8.1", 2),
    ("8.2", 3),
    ("8.3", 1),
    ("8.4", 1),
    ("9.1", 3),
    ("9.2", 4),
    ("11.1", 2),
    ("11.2", 3),
    ("11.3", 3),
    ("11.4", 4),
    ("11.5", 1),
    ("11.6", 1),
    ("14.1", 2),
    ("14.2", 4),
    ("14.3", 3),
    ("16.1", 1),
    ("16.2", 5),
    ("16.3", 4),
    ("16.4", 3),
    ("16.5", 3),
];

const MOST_NOT_MET: usize = 10;

#[test]
fn each_requirement_is_met_by_files_there_are_or_says_why_not() {
    let table = required("docs/asvs.md");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit())
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let listed: Vec<_> = rows.iter().map(|row| row[0].to_owned()).collect();
    let wanted: Vec<_> =
        SECTIONS.into_iter().flat_map(|(section, last)| (1..=last).map(move |number| format!("{section}.{number}"))).collect();
    assert_eq!(listed, wanted, "each once, in order");

    let mut findings = Vec::new();
    for row in &rows {
        let [number, _, met, test] = row[..] else { panic!("expected four columns: {row:?}") };
        if ["**not met**", "does not apply"].contains(&met) {
            if test.len() < 20 {
                findings.push(format!("{number}: expected a reason"));
            }
            continue;
        }
        for column in [met, test] {
            let files: Vec<_> = column.split('`').skip(1).step_by(2).collect();
            if files.is_empty() {
                findings.push(format!("{number}: expected files, found {column}"));
            }
            let missing = files.into_iter().filter(|file| !root().join(file).is_file());
            findings.extend(missing.map(|file| format!("{number}: there is no {file}")));
        }
    }
    none(&findings);
    let not_met: Vec<_> = rows.iter().filter(|row| row[2] == "**not met**").map(|row| row[0]).collect();
    assert!(not_met.len() <= MOST_NOT_MET, "{not_met:?} are not met");

    let security = required("docs/security.md");
    let counted = format!("lists {} requirements, of which {} are not met", rows.len(), not_met.len());
    assert!(security.contains(&counted), "docs/security.md: expected that it {counted}");
    let (_, section) = security.split_once("\n## What is not met yet\n").expect("a section");
    let untold = not_met.iter().filter(|number| !section.contains(&format!("ASVS {number}:")));
    none(&untold.map(|number| format!("docs/security.md does not say that {number} is not met")).collect::<Vec<_>>());
}
