//! `workshop.yaml`.

use domain::kernel::{Minutes, Points};
use domain::workshops::content::{Category, Content, Difficulty, EnvironmentNeeds, StepOrder, Visibility};
use domain::workshops::defects::is_key;

use super::{files, kubernetes};
use crate::bundle::Bundle;
use crate::diagnostic::Findings;
use crate::measure;
use crate::page::{key_from, title_from};
use crate::yaml::{Fields, Node, document, nearest};

/// Where the definition is.
pub(super) const FILE: &str = "workshop.yaml";
const VERSION: &str = "1";
const FIELDS: [&str; 14] = [
    "format",
    "slug",
    "title",
    "summary",
    "description",
    "category",
    "difficulty",
    "duration",
    "tags",
    "languages",
    "visibility",
    "order",
    "completion_points",
    "environment",
];
const ENVIRONMENT_FIELDS: [&str; 8] = ["memory", "processes", "cpu", "disk", "lifetime", "programs", "files", "kubernetes"];
const CATEGORIES: [&str; 7] = ["docker", "kubernetes", "cloud", "devops", "ai-ml", "data-science", "security"];
pub(super) const AMOUNT: &str = "an amount such as 256Mi";
pub(super) const DURATION: &str = "a duration such as 90s, 40m or 2h";

/// A workshop without its steps.
pub(super) struct Definition {
    pub(super) slug: String,
    pub(super) content: Content,
}

/// Reads it; without one there is no content.
pub(super) fn read(bundle: &Bundle, findings: &mut Findings) -> Option<Definition> {
    if !bundle.has(FILE) {
        findings.error(FILE, None, "expected the definition of the workshop here");
        return None;
    }
    let node = match document(bundle.text(FILE, findings)?, 1) {
        Ok(node) => node,
        Err(error) => {
            findings.error(FILE, error.line, error.to_string());
            return None;
        }
    };
    let fields = Fields::of(FILE, &node, findings);
    fields.refuse_unknown(&FIELDS, findings);
    if fields.required("format", findings).is_some_and(|format| format != VERSION) {
        findings.error(FILE, fields.line(), format!("`format`: expected {VERSION}, the only version so far"));
        return None;
    }
    let slug = fields.parsed("slug", "lower-case letters, digits and hyphens", |slug| is_key(slug).then(|| slug.to_owned()), findings);
    let slug = slug.unwrap_or_else(|| key_from(bundle.folder()));
    let content = content(bundle, &slug, &fields, findings);
    Some(Definition { slug, content })
}

fn content(bundle: &Bundle, slug: &str, fields: &Fields<'_>, findings: &mut Findings) -> Content {
    let languages = fields.texts("languages", findings);
    Content {
        title: fields.required("title", findings).map_or_else(|| title_from(slug), str::to_owned),
        summary: fields.required("summary", findings).unwrap_or_default().trim().to_owned(),
        description: fields.text("description", findings).unwrap_or_default().to_owned(),
        category: category(fields, findings),
        difficulty: one_of(fields, "difficulty", &DIFFICULTIES, findings).unwrap_or(Difficulty::Beginner),
        duration: duration(fields, findings),
        tags: fields.texts("tags", findings),
        languages: if languages.is_empty() { vec!["en".into()] } else { languages },
        visibility: one_of(fields, "visibility", &VISIBILITIES, findings).unwrap_or_default(),
        order: one_of(fields, "order", &ORDERS, findings).unwrap_or_default(),
        completion_points: number(fields, "completion_points", findings).map(Points).unwrap_or_default(),
        environment: fields.get("environment").map(|node| environment(bundle, node, findings)),
        steps: Vec::new(),
    }
}

const DIFFICULTIES: [(&str, Difficulty); 4] = [
    ("beginner", Difficulty::Beginner),
    ("intermediate", Difficulty::Intermediate),
    ("advanced", Difficulty::Advanced),
    ("expert", Difficulty::Expert),
];
const VISIBILITIES: [(&str, Visibility); 3] =
    [("public", Visibility::Public), ("unlisted", Visibility::Unlisted), ("private", Visibility::Private)];
const ORDERS: [(&str, StepOrder); 2] = [("sequential", StepOrder::Sequential), ("free", StepOrder::Free)];

pub(super) fn one_of<T: Copy>(fields: &Fields<'_>, name: &str, known: &[(&str, T)], findings: &mut Findings) -> Option<T> {
    let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
    let value = |text: &str| known.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    fields.parsed(name, &format!("one of {}", names.join(", ")), value, findings)
}

pub(super) fn number(fields: &Fields<'_>, name: &str, findings: &mut Findings) -> Option<u32> {
    fields.parsed(name, "a whole number", |text| text.parse().ok(), findings)
}

fn duration(fields: &Fields<'_>, findings: &mut Findings) -> Minutes {
    if fields.required("duration", findings).is_none() {
        return Minutes::default();
    }
    fields.parsed("duration", DURATION, measure::minutes, findings).unwrap_or_default()
}

/// Any word is a category, but one that almost is a known one was probably meant to be it.
fn category(fields: &Fields<'_>, findings: &mut Findings) -> Category {
    let name = fields.required("category", findings).unwrap_or_default();
    match name {
        "docker" => Category::Docker,
        "kubernetes" => Category::Kubernetes,
        "cloud" => Category::Cloud,
        "devops" => Category::Devops,
        "ai-ml" => Category::AiMl,
        "data-science" => Category::DataScience,
        "security" => Category::Security,
        other => {
            if let Some(known) = nearest(other, &CATEGORIES) {
                findings.warning(FILE, fields.line_of("category"), format!("`{other}` is a category of its own; did you mean `{known}`?"));
            }
            Category::Other(other.to_owned())
        }
    }
}

fn environment(bundle: &Bundle, node: &Node, findings: &mut Findings) -> EnvironmentNeeds {
    let fields = Fields::of(FILE, node, findings);
    fields.refuse_unknown(&ENVIRONMENT_FIELDS, findings);
    let default = EnvironmentNeeds::default();
    EnvironmentNeeds {
        memory: fields.parsed("memory", AMOUNT, measure::mebibytes, findings).unwrap_or(default.memory),
        processes: number(&fields, "processes", findings).unwrap_or(default.processes),
        cpu: fields.parsed("cpu", DURATION, measure::duration, findings).unwrap_or(default.cpu),
        disk: fields.parsed("disk", AMOUNT, measure::mebibytes, findings).unwrap_or(default.disk),
        lifetime: fields.parsed("lifetime", DURATION, measure::minutes, findings).unwrap_or(default.lifetime),
        programs: fields.texts("programs", findings),
        files: files::read(bundle, FILE, &fields, findings),
        kubernetes: fields.get("kubernetes").map(|node| kubernetes::read(node, findings)),
    }
}
