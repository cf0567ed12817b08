//! For operators and their tools: is it alive, is it ready, how is it doing.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use journal::Journal;
use projections::learning::sessions::{self, Filter, SessionStatus};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::Shared;

/// How long a check may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(2);

/// For how long it is known whether the journal can be written.
const KNOWN: Duration = Duration::from_secs(1);

/// Whether the journal can be written: found out by writing, once a second however many ask, since they may be strangers.
#[derive(Default)]
pub(super) struct Readiness(Mutex<Option<(Instant, bool)>>);

impl Readiness {
    async fn is_writable(&self, journal: &Arc<dyn Journal>) -> bool {
        let mut known = self.0.lock().await;
        if let Some((since, writable)) = *known
            && since.elapsed() < KNOWN
        {
            return writable;
        }
        let written = match tokio::time::timeout(PATIENCE, journal.lease("readiness", "readyz", PATIENCE)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
        };
        if let Err(reason) = &written {
            tracing::warn!(reason, "the journal cannot be written");
        }
        *known = Some((Instant::now(), written.is_ok()));
        written.is_ok()
    }
}

/// The process lives.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether requests can be served: the journal can be written, the runner of the read models lives and is level.
/// A read model that is parked is told of, but does not keep the others from being served.
pub(super) async fn readyz(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    let (journal, projections) = (&shared.services.stores.journal, &shared.services.projections);
    let writable = shared.readiness.is_writable(journal).await;
    let head = *journal.watch_head().borrow();
    let alive = projections.alive();
    let level = alive && projections.reached(head, PATIENCE).await;
    let stopping = *shared.options.shutdown.borrow();
    let ready = writable && level && !stopping;
    let models: Vec<Value> = projections
        .status()
        .into_iter()
        .map(|model| {
            let state = model.state.word();
            json!({ "name": model.name, "version": model.version, "state": state, "position": model.position, "parked": model.parked })
        })
        .collect();
    let body = json!({
        "ready": ready,
        "stopping": stopping,
        "journal": { "writable": writable, "head": head },
        "projections": { "running": alive, "level": level, "models": models },
    });
    (if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, Json(body))
}

/// In Prometheus' text format.
pub(super) async fn metrics(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    if let Ok(active) =
        sessions::total(shared.services.projections.db(), &Filter { status: Some(SessionStatus::Active), ..Filter::default() }).await
    {
        // The exporter knows floating-point numbers only; this one is far below where they get inexact.
        metrics::gauge!("nalabo_sessions_active").set(f64::from(u32::try_from(active).unwrap_or(u32::MAX)));
    }
    match &shared.services.metrics {
        Some(metrics) => (StatusCode::OK, [("content-type", "text/plain; version=0.0.4")], metrics.render()),
        None => {
            (StatusCode::SERVICE_UNAVAILABLE, [("content-type", "text/plain")], "metrics are collected elsewhere in this process\n".into())
        }
    }
}
