//! The `Workshop` resource.

use domain::kernel::{Mebibytes, Minutes, Points, Seconds};
use domain::workshops::content::{Category, Content, Difficulty, EnvironmentNeeds, StepOrder, Visibility};

use super::kubernetes;
use crate::bundle::Bundle;
use crate::diagnostic::Findings;
use crate::measure;
use crate::page::{key_from, title_from};
use crate::yaml::{Fields, Node, documents};

const PATHS: [&str; 2] = ["resources/workshop.yaml", "resources/workshop.yml"];
const VERSIONS: [&str; 3] = ["training.educates.dev/v1beta1", "training.educates.dev/v1alpha1", "training.eduk8s.io/v1alpha1"];
const UNSTATED_DURATION: Minutes = Minutes(60);

/// A workshop without its steps.
pub(super) struct Definition {
    pub(super) slug: String,
    pub(super) content: Content,
}

/// Where the definition is.
pub(super) fn path(bundle: &Bundle) -> Option<&'static str> {
    PATHS.into_iter().find(|path| bundle.has(path))
}

/// Reads it; without one there is no content.
pub(super) fn read(bundle: &Bundle, findings: &mut Findings) -> Option<Definition> {
    let Some(file) = path(bundle) else {
        findings.error(PATHS[0], None, "expected the definition of the workshop here");
        return None;
    };
    let documents = match documents(bundle.text(file, findings)?, 1) {
        Ok(documents) => documents,
        Err(error) => {
            findings.error(file, error.line, error.to_string());
            return None;
        }
    };
    let Some(resource) = documents.iter().find(|document| document.get("kind").and_then(Node::as_text) == Some("Workshop")) else {
        findings.error(file, 1, "expected a resource with `kind: Workshop`");
        return None;
    };
    let version = Fields::of(file, resource, findings).text("apiVersion", findings).unwrap_or_default().to_owned();
    if !VERSIONS.contains(&version.as_str()) {
        findings.warning(file, resource.line, format!("apiVersion `{version}`: expected {}", VERSIONS[0]));
    }
    Some(definition(bundle, file, resource, findings))
}

fn definition(bundle: &Bundle, file: &str, resource: &Node, findings: &mut Findings) -> Definition {
    let empty = Node::null(resource.line);
    let metadata = Fields::of(file, resource.get("metadata").unwrap_or(&empty), findings);
    let spec_node = resource.get("spec").unwrap_or(&empty);
    let spec = Fields::of(file, spec_node, findings);
    let slug = key_from(metadata.required("name", findings).unwrap_or(bundle.folder()));
    let title = spec.required("title", findings).map_or_else(|| title_from(&slug), str::to_owned);
    let duration = spec.parsed("duration", "a whole number with s, m or h", measure::minutes, findings).unwrap_or(UNSTATED_DURATION);
    let content = Content {
        summary: spec.text("description", findings).unwrap_or(&title).trim().to_owned(),
        title,
        description: String::new(),
        category: category(spec_node),
        difficulty: spec
            .parsed("difficulty", "beginner, intermediate, advanced or extreme", difficulty, findings)
            .unwrap_or(Difficulty::Beginner),
        duration,
        tags: spec.texts("tags", findings),
        languages: vec!["en".into()],
        visibility: Visibility::Public,
        // Educates lets learners turn to any page.
        order: StepOrder::Free,
        completion_points: Points(0),
        environment: Some(environment(spec_node, duration)),
        steps: Vec::new(),
    };
    Definition { slug, content }
}

fn difficulty(text: &str) -> Option<Difficulty> {
    Some(match text {
        "beginner" => Difficulty::Beginner,
        "intermediate" => Difficulty::Intermediate,
        "advanced" => Difficulty::Advanced,
        "extreme" => Difficulty::Expert,
        _ => return None,
    })
}

/// The first category that a tag or a label's value stands for.
fn category(spec: &Node) -> Category {
    let tags = spec.get("tags").into_iter().flat_map(Node::items);
    let labels = spec.get("labels").into_iter().flat_map(Node::items).filter_map(|label| label.get("value"));
    let mut words = tags.chain(labels).filter_map(Node::as_text);
    words.find_map(category_of).unwrap_or_else(|| Category::Other("imported".into()))
}

fn category_of(word: &str) -> Option<Category> {
    Some(match word.to_lowercase().as_str() {
        "docker" | "container" | "containers" | "podman" => Category::Docker,
        "kubernetes" | "k8s" | "helm" | "carvel" | "knative" => Category::Kubernetes,
        "cloud" | "aws" | "azure" | "gcp" => Category::Cloud,
        "devops" | "ci" | "cd" | "ci/cd" | "gitops" | "git" => Category::Devops,
        "ai" | "ml" | "ai-ml" | "machine-learning" | "llm" => Category::AiMl,
        "data" | "data-science" | "database" | "sql" => Category::DataScience,
        "security" => Category::Security,
        _ => return None,
    })
}

/// What the session asks for, bounded by what an environment may have. The budget is for what learners deploy, the
/// session's own memory for their terminals.
fn environment(spec: &Node, duration: Minutes) -> EnvironmentNeeds {
    let text = |path: &[&str]| spec.at(path).and_then(Node::as_text);
    let budget = text(&["session", "namespaces", "budget"]).or_else(|| text(&["session", "budget"])).unwrap_or_default();
    let budget = Mebibytes(match budget {
        "small" => 1024,
        "medium" => 2048,
        "large" => 4096,
        "x-large" => 8192,
        "xx-large" => 12_288,
        "xxx-large" => 16_384,
        _ => 512,
    });
    let asked = |path: &[&str]| text(path).and_then(measure::mebibytes);
    let memory = asked(&["session", "resources", "memory"]).unwrap_or_default().max(budget);
    let disk = asked(&["session", "resources", "storage"]).unwrap_or(Mebibytes(512));
    EnvironmentNeeds {
        memory: memory.min(Mebibytes(16_384)),
        processes: 256,
        cpu: Seconds(600),
        disk: disk.clamp(Mebibytes(4), Mebibytes(16_384)),
        lifetime: Minutes(duration.0.saturating_mul(2).clamp(120, 1440)),
        kubernetes: kubernetes::read(spec),
        ..EnvironmentNeeds::default()
    }
}
