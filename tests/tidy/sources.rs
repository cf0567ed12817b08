//! How Rust files are written.

use std::path::{Component, Path, PathBuf};

use crate::{
    none,
    repository::{files_with, root, text},
};

const LONGEST_FILE: usize = 400;
const LONGEST_FUNCTION: usize = 70;
/// Names that say nothing of what is inside.
const NAMELESS: [&str; 12] =
    ["util", "utils", "common", "helper", "helpers", "manager", "managers", "service", "handler", "handlers", "misc", "types"];
/// In halves, so that they are not found here.
const UNFINISHED: [[&str; 2]; 5] = [["todo", "!("], ["unimplemented", "!("], ["dbg", "!("], ["TO", "DO"], ["FIX", "ME"]];

/// Contexts of the domain, and whose types each may use besides its own and those of `kernel`.
const CONTEXTS: [(&str, &[&str]); 8] = [
    ("identity", &[]),
    ("workshops", &[]),
    // A session carries the outline of the version it was started with.
    ("learning", &["workshops"]),
    ("environments", &[]),
    ("gamification", &[]),
    ("audit", &[]),
    ("communities", &[]),
    // A run says how much of a workshop one should already know in the same words.
    ("booking", &["workshops"]),
];

fn each(check: impl Fn(&Path, &str) -> Vec<String>) {
    let findings: Vec<String> = files_with("rs").iter().flat_map(|file| check(file, &text(file).expect("Rust is UTF-8"))).collect();
    none(&findings);
}

#[test]
fn files_stay_short() {
    each(|file, text| {
        let lines = text.lines().count();
        if lines > LONGEST_FILE { vec![format!("{}: {lines} lines", file.display())] } else { vec![] }
    });
}

#[test]
fn functions_stay_short() {
    each(|file, text| {
        let lines: Vec<&str> = text.lines().collect();
        let long = functions(&lines).into_iter().filter(|(_, length)| *length > LONGEST_FUNCTION);
        long.map(|(line, length)| format!("{}:{line}: a function of {length} lines", file.display())).collect()
    });
}

/// Where functions begin, and how many lines they have. A formatted function ends with a brace as far in as it begins.
fn functions(lines: &[&str]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        if !begins_function(line.trim_start()) || line.ends_with('}') || line.ends_with(';') {
            continue;
        }
        let is_end = |line: &str| {
            line.len() - line.trim_start().len() == indent
                && (line.trim() == "}" || line.trim_start().starts_with(')') && line.ends_with(';'))
        };
        if let Some(length) = lines[at + 1..].iter().position(|line| is_end(line)) {
            found.push((at + 1, length + 2));
        }
    }
    found
}

fn begins_function(line: &str) -> bool {
    let words = ["pub ", "pub(crate) ", "pub(super) ", "const ", "async ", "default "];
    let mut rest = line;
    while let Some(next) = words.iter().find_map(|word| rest.strip_prefix(word)) {
        rest = next;
    }
    rest.starts_with("fn ")
}

#[test]
fn the_length_of_a_function_is_seen() {
    let text = "impl A {\n    fn short() {}\n\n    pub(crate) async fn long(\n        &self,\n    ) -> u8 {\n        1\n    }\n}";
    assert_eq!(functions(&text.lines().collect::<Vec<_>>()), [(4, 5)]);
}

#[test]
fn modules_say_what_they_are_about() {
    each(|file, _| {
        let names = file.with_extension("");
        let nameless = names.components().filter(|part| NAMELESS.iter().any(|name| part.as_os_str() == *name));
        nameless.map(|part| format!("{}: {} is no name", file.display(), part.as_os_str().display())).collect()
    });
}

#[test]
fn nothing_is_left_unfinished() {
    each(|file, text| {
        let unfinished = |line: &str| UNFINISHED.iter().any(|halves| line.contains(&halves.concat()));
        let lines = (1..).zip(text.lines()).filter(|(_, line)| unfinished(line));
        lines.map(|(number, line)| format!("{}:{number}: {}", file.display(), line.trim())).collect()
    });
}

#[test]
fn tests_are_in_files_of_their_own() {
    each(|file, text| {
        let is_test = file.components().any(|part| part.as_os_str() == "tests") || file.ends_with("tests.rs");
        let marked = |line: &&str| matches!(line.trim(), "#[test]" | "#[tokio::test]") || line.trim().starts_with("#[tokio::test(");
        let inline = text.lines().zip(text.lines().skip(1)).any(|(first, second)| first.trim() == "#[cfg(test)]" && second.ends_with('{'));
        if inline || !is_test && text.lines().any(|line| marked(&line)) {
            return vec![format!("{}: tests belong into a file beside it", file.display())];
        }
        vec![]
    });
}

#[test]
fn every_file_belongs_to_a_module() {
    each(|file, _| {
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let parts: Vec<Component<'_>> = file.components().collect();
        let is_in = |folder: &str| parts.len() > 1 && parts[parts.len() - 2].as_os_str() == folder;
        let is_root = ["main", "lib", "build"].contains(&name.as_str()) || is_in("tests") || is_in("fuzz_targets");
        if is_root && !parents(file).iter().any(|parent| root().join(parent).exists() && parent.ends_with("tests.rs")) {
            return vec![];
        }
        let declared =
            parents(file).iter().filter_map(|parent| text_of(parent)).any(|text| declares(&text, &module(file))) || is_named_by_path(file);
        if declared { vec![] } else { vec![format!("{}: no module declares it", file.display())] }
    });
}

/// Whether a test declares it with `#[path]`, as those do that share fixtures.
fn is_named_by_path(file: &Path) -> bool {
    let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else { return false };
    let (Some(tests), Some(folder)) = (folder.parent(), folder.file_name()) else { return false };
    let attribute = format!("#[path = \"{}/{}\"]", folder.to_string_lossy(), name.to_string_lossy());
    let beside = files_with("rs").into_iter().filter(|other| other.parent() == Some(tests));
    beside.filter_map(|other| text(&other)).any(|text| text.contains(&attribute))
}

/// The files of which one must declare this one.
fn parents(file: &Path) -> Vec<PathBuf> {
    let mut folder = file.parent().expect("a folder").to_owned();
    if file.ends_with("mod.rs") {
        folder = folder.parent().expect("a folder").to_owned();
        if folder.ends_with("tests") {
            // Each file there is a test of its own and may declare it.
            return files_with("rs").into_iter().filter(|file| file.parent() == Some(&folder)).collect();
        }
    }
    vec![folder.with_extension("rs"), folder.join("mod.rs"), folder.join("lib.rs"), folder.join("main.rs")]
}

fn module(file: &Path) -> String {
    let named = if file.ends_with("mod.rs") { file.parent().expect("a folder") } else { file };
    named.file_stem().expect("a name").to_string_lossy().into_owned()
}

fn text_of(file: &Path) -> Option<String> {
    root().join(file).exists().then(|| text(file)).flatten()
}

fn declares(text: &str, module: &str) -> bool {
    let declaration = format!("mod {module};");
    text.lines().any(|line| line.trim() == declaration || line.trim().ends_with(&format!(" {declaration}")))
}

#[test]
fn contexts_keep_to_themselves() {
    each(|file, text| {
        let context = CONTEXTS.iter().find(|(name, _)| file.starts_with(Path::new("domain/src").join(name)));
        let Some((name, allowed)) = context else { return vec![] };
        let is_foreign = |other: &str| other != *name && !allowed.contains(&other) && uses(text, other);
        let others = CONTEXTS.iter().map(|(other, _)| *other).filter(|other| is_foreign(other));
        others.map(|other| format!("{}: {name} must not know {other}", file.display())).collect()
    });
}

/// Whether a context is imported: by its full path, or in the list of a `use crate::{…}`.
fn uses(text: &str, context: &str) -> bool {
    text.contains(&format!("crate::{context}::"))
        || text.split("use crate::{").skip(1).any(|list| {
            let list = list.split("\n};").next().unwrap_or_default();
            list.lines().any(|line| line.trim().starts_with(&format!("{context}::")))
        })
}
