//! What a learner needs to work in, as authors send and see it.

use async_graphql::{InputObject, SimpleObject};
use domain::{
    kernel::{Mebibytes, Minutes, Seconds},
    workshops::content,
};

use super::cluster_needs::{KubernetesNeeds, KubernetesNeedsInput};
use crate::{
    failure::{Failure, Result},
    input::number,
};

/// What a learner needs to work in. What is left out is as the platform has it.
#[derive(InputObject)]
pub(crate) struct EnvironmentNeedsInput {
    /// Memory of all processes together.
    memory_mebibytes: Option<u32>,
    /// Processes and threads at once.
    processes: Option<u32>,
    /// CPU time of one process.
    cpu_seconds: Option<u32>,
    /// What the home may hold.
    disk_mebibytes: Option<u32>,
    /// How long it lives at the most.
    lifetime_minutes: Option<u32>,
    /// Programs that must be there, such as `git`.
    #[graphql(default)]
    programs: Vec<String>,
    /// Files that are there from the start.
    #[graphql(default)]
    files: Vec<ProvidedFileInput>,
    /// A part of a Kubernetes cluster; left out for a workshop that does without.
    kubernetes: Option<KubernetesNeedsInput>,
}

/// A file put into the learner's home.
#[derive(InputObject)]
pub(crate) struct ProvidedFileInput {
    /// Relative to the home, without `..`.
    path: String,
    contents: String,
    #[graphql(default)]
    executable: bool,
}

impl TryFrom<EnvironmentNeedsInput> for content::EnvironmentNeeds {
    type Error = Failure;

    fn try_from(input: EnvironmentNeedsInput) -> Result<Self> {
        let usual = Self::default();
        Ok(Self {
            memory: input.memory_mebibytes.map_or(usual.memory, Mebibytes),
            processes: input.processes.unwrap_or(usual.processes),
            cpu: input.cpu_seconds.map_or(usual.cpu, Seconds),
            disk: input.disk_mebibytes.map_or(usual.disk, Mebibytes),
            lifetime: input.lifetime_minutes.map_or(usual.lifetime, Minutes),
            programs: input.programs,
            files: input.files.into_iter().map(Into::into).collect(),
            kubernetes: input.kubernetes.map(TryInto::try_into).transpose()?,
        })
    }
}

impl From<ProvidedFileInput> for content::ProvidedFile {
    fn from(ProvidedFileInput { path, contents, executable }: ProvidedFileInput) -> Self {
        Self { path, contents, executable }
    }
}

/// What a learner needs to work in.
#[derive(SimpleObject)]
pub(crate) struct EnvironmentNeeds {
    /// Memory of all processes together.
    memory_mebibytes: i32,
    /// Processes and threads at once.
    processes: i32,
    /// CPU time of one process.
    cpu_seconds: i32,
    /// What the home may hold.
    disk_mebibytes: i32,
    /// How long it lives at the most.
    lifetime_minutes: i32,
    /// Programs that must be there.
    programs: Vec<String>,
    /// Files that are there from the start.
    files: Vec<ProvidedFile>,
    /// A part of a Kubernetes cluster; null for a workshop that does without.
    kubernetes: Option<KubernetesNeeds>,
}

/// A file put into the learner's home.
#[derive(SimpleObject)]
pub(crate) struct ProvidedFile {
    /// Relative to the home.
    path: String,
    contents: String,
    executable: bool,
}

impl From<&content::EnvironmentNeeds> for EnvironmentNeeds {
    fn from(needs: &content::EnvironmentNeeds) -> Self {
        Self {
            memory_mebibytes: number(needs.memory.0),
            processes: number(needs.processes),
            cpu_seconds: number(needs.cpu.0),
            disk_mebibytes: number(needs.disk.0),
            lifetime_minutes: number(needs.lifetime.0),
            programs: needs.programs.clone(),
            files: needs.files.iter().map(Into::into).collect(),
            kubernetes: needs.kubernetes.as_ref().map(Into::into),
        }
    }
}

impl From<&content::ProvidedFile> for ProvidedFile {
    fn from(file: &content::ProvidedFile) -> Self {
        Self { path: file.path.clone(), contents: file.contents.clone(), executable: file.executable }
    }
}
