//! A workshop's own objects: of kinds that are allowed, in the learner's namespace, with variables filled in.

use domain::{kernel::EnvironmentId, workshops::cluster_needs::OBJECT_KINDS};
use kube::{
    api::DynamicObject,
    core::{ApiResource, GroupVersionKind},
};
use serde_json::Value;

use super::{Facts, learner_namespace, names::labels, workbench_namespace};

/// What a workshop asks for and cannot have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}`: {reason}")]
pub struct ObjectError {
    /// Where in the content, such as `environment.kubernetes.objects[0].kind`.
    pub path: String,
    /// What was expected.
    pub reason: String,
}

impl ObjectError {
    pub(super) fn new(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into() }
    }
}

impl Facts<'_> {
    /// The objects, each with what the API calls its kind.
    ///
    /// # Errors
    /// Names the object's field: a kind that is not allowed, a variable that nobody knows, a namespace of its own.
    pub(crate) fn objects(&self) -> Result<Vec<(ApiResource, DynamicObject)>, ObjectError> {
        let objects = self.cluster().map(|needs| needs.objects.as_slice()).unwrap_or_default();
        let each = |(at, object): (usize, &Value)| self.object(&format!("environment.kubernetes.objects[{at}]"), object);
        objects.iter().enumerate().map(each).collect()
    }

    fn object(&self, path: &str, object: &Value) -> Result<(ApiResource, DynamicObject), ObjectError> {
        let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
        let (version, kind) = (text("apiVersion"), text("kind"));
        if !OBJECT_KINDS.contains(&(version, kind)) {
            let known = OBJECT_KINDS.map(|(_, kind)| kind).join(", ");
            return Err(ObjectError::new(format!("{path}.kind"), format!("expected one of {known}, with its apiVersion")));
        }
        if object.pointer("/metadata/namespace").is_some() {
            return Err(ObjectError::new(format!("{path}.metadata.namespace"), "expected none: it is the learner's"));
        }
        let mut filled = object.clone();
        self.fill(path, &mut filled)?;
        let mut object: DynamicObject = serde_json::from_value(filled)
            .map_err(|_| ObjectError::new(format!("{path}.metadata"), "expected the metadata of an object"))?;
        if object.metadata.name.as_deref().is_none_or(str::is_empty) {
            return Err(ObjectError::new(format!("{path}.metadata.name"), "expected a name"));
        }
        object.metadata.namespace = Some(learner_namespace(self.environment));
        // Ours win: they say whose it is.
        object.metadata.labels.get_or_insert_default().extend(labels(self.environment, self.session, &self.settings.instance));
        // What is not the workshop's to say.
        (object.metadata.owner_references, object.metadata.finalizers) = (None, None);
        let (group, version) = version.split_once('/').unwrap_or(("", version));
        Ok((ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind)), object))
    }

    /// Fills in `$(variable)` everywhere, keys aside.
    fn fill(&self, path: &str, value: &mut Value) -> Result<(), ObjectError> {
        match value {
            Value::String(text) => *text = self.filled(path, text)?,
            Value::Array(items) => {
                for (at, item) in items.iter_mut().enumerate() {
                    self.fill(&format!("{path}[{at}]"), item)?;
                }
            }
            Value::Object(fields) => {
                for (name, field) in fields {
                    self.fill(&format!("{path}.{name}"), field)?;
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
        Ok(())
    }

    /// Names of lower-case letters are ours; `$(OTHERS)` are environment variables that Kubernetes itself fills in. `$$(…)` is kept.
    fn filled(&self, path: &str, text: &str) -> Result<String, ObjectError> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("$(") {
            let (before, after) = (&rest[..at], &rest[at + 2..]);
            let name = after.split(')').next().unwrap_or_default();
            let is_ours = !name.is_empty() && name.len() < after.len() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            filled.push_str(before);
            if is_ours && !before.ends_with('$') {
                let known = variable(self.environment, self.session.0, name);
                filled.push_str(
                    &known.ok_or_else(|| ObjectError::new(path, format!("$({name}) is not known; expected one of {VARIABLES}")))?,
                );
                rest = &after[name.len() + 1..];
            } else {
                filled.push_str("$(");
                rest = after;
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

const VARIABLES: &str = "environment_id, session_id, session_name, session_namespace, workshop_namespace";

fn variable(environment: EnvironmentId, session: uuid::Uuid, name: &str) -> Option<String> {
    Some(match name {
        "environment_id" => environment.0.simple().to_string(),
        "session_id" | "session_name" => session.simple().to_string(),
        "session_namespace" => learner_namespace(environment),
        "workshop_namespace" => workbench_namespace(environment),
        _ => return None,
    })
}
