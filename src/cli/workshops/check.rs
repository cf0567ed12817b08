//! `nalabo workshops check`.

use std::{path::PathBuf, time::Duration};

use domain::{
    kernel::{AccountId, EnvironmentId, SessionId},
    workshops::content::{Check, CompletionRule, Content, StepOrder},
};
use importers::{Imported, Severity};
use indicatif::ProgressBar;
use orchestrator::{
    driver::{Driver, DriverError, EnvironmentSpec, ScriptRun},
    sandbox::{Rehearsal, SandboxDriver, dismantle, provision, rehearse},
    workbench::CHECK_OUTPUT,
};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::{super::Failure, read};
use crate::{config::Config, node};

/// How one check did.
#[derive(Serialize)]
struct Rehearsed {
    step: String,
    check: String,
    sound: bool,
    /// What happened, where it is not sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<String>,
}

pub(super) async fn check(config: &Config, path: PathBuf, run: bool, json: bool) -> Result<(), Failure> {
    let found = read(path)?;
    // A folder of its own, so that a server's sandboxes are not in the way.
    let folder = tempfile::tempdir().map_err(Failure::failed)?;
    let driver = if run {
        let config = Config { data_dir: folder.path().to_owned(), ..config.clone() };
        let driver = node::sandbox(&config).map_err(Failure::failed)?;
        driver.probe().await.map_err(Failure::failed)?;
        Some(driver)
    } else {
        None
    };
    let mut fine = true;
    let mut reports = Vec::new();
    for workshop in &found {
        let rehearsed = match (&driver, &workshop.content) {
            (Some(driver), Some(content)) => Some(play(driver, &workshop.slug, content).await.map_err(Failure::failed)?),
            _ => None,
        };
        fine &= !workshop.has_errors() && rehearsed.iter().flatten().all(|check| check.sound);
        if json {
            let mut report = serde_json::to_value(workshop).map_err(Failure::failed)?;
            report["rehearsals"] = json!(rehearsed);
            reports.push(report);
        } else {
            tell(workshop, rehearsed.as_deref());
        }
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&reports).map_err(Failure::failed)?);
    }
    if fine { Ok(()) } else { Err(Failure::Told) }
}

/// Plays a workshop's steps in order in one sandbox, as a learner who follows every solution.
async fn play(driver: &SandboxDriver, slug: &str, content: &Content) -> Result<Vec<Rehearsed>, DriverError> {
    let checks = content.steps.iter().filter(|step| matches!(step.rule, CompletionRule::Check(_))).count();
    let bar = ProgressBar::new(checks as u64);
    let Some(needs) = content.environment.clone().filter(|_| checks > 0) else { return Ok(vec![]) };
    let nobody = Uuid::nil();
    let (session, learner) = (SessionId(nobody), AccountId(nobody));
    let spec = EnvironmentSpec { id: EnvironmentId(Uuid::now_v7()), session, learner, files: needs.files.clone(), needs };
    provision(driver, &spec).await?;
    let played = steps(driver, spec.id, content, &bar).await;
    dismantle(driver, spec.id).await?;
    bar.finish_and_clear();
    tracing::debug!(slug, "rehearsed");
    played
}

async fn steps(
    driver: &SandboxDriver,
    environment: EnvironmentId,
    content: &Content,
    bar: &ProgressBar,
) -> Result<Vec<Rehearsed>, DriverError> {
    let mut rehearsed = Vec::new();
    if content.order == StepOrder::Free {
        for step in &content.steps {
            driver.put_files(environment, &step.files).await?;
        }
    }
    for step in &content.steps {
        if content.order == StepOrder::Sequential {
            driver.put_files(environment, &step.files).await?;
        }
        let CompletionRule::Check(checks) = &step.rule else { continue };
        for check in checks {
            let (Some(script), Some(solution)) = (&check.script, &check.solution) else { continue };
            let rehearsal = rehearse(driver, environment, &script_run(check, script, false), &script_run(check, solution, true)).await?;
            let found = (!rehearsal.is_sound()).then(|| unsound(&rehearsal));
            rehearsed.push(Rehearsed { step: step.key.clone(), check: check.name.clone(), sound: found.is_none(), found });
        }
        bar.inc(1);
    }
    Ok(rehearsed)
}

fn script_run(check: &Check, script: &str, as_learner: bool) -> ScriptRun {
    ScriptRun {
        script: script.to_owned(),
        arguments: check.arguments.clone(),
        timeout: Duration::from_secs(check.timeout.0.into()),
        output_limit: CHECK_OUTPUT,
        as_learner,
    }
}

fn unsound(Rehearsal { before, solution, after }: &Rehearsal) -> String {
    let said = |outcome: &orchestrator::driver::ScriptOutcome| format!("{:?} ({})", outcome.end, outcome.tail.trim());
    format!("expected to fail, work, pass; before: {}; solution: {}; after: {}", said(before), said(solution), said(after))
}

fn tell(workshop: &Imported, rehearsed: Option<&[Rehearsed]>) {
    println!("{}: {} pages, {} actions", workshop.slug, workshop.pages.len(), workshop.action_count());
    for (kind, count) in &workshop.actions_by_kind {
        println!("  {count:>4} {kind}");
    }
    for check in rehearsed.unwrap_or_default() {
        match &check.found {
            None => println!("  sound: {} / {}", check.step, check.check),
            Some(found) => println!("  NOT SOUND: {} / {}: {found}", check.step, check.check),
        }
    }
    for diagnostic in &workshop.diagnostics {
        println!("  {diagnostic}");
    }
    let errors = workshop.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    if errors > 0 {
        println!("  {errors} errors");
    }
}
