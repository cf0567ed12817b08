//! Testing a cluster: whether it can be reached, what it is, whether we may do all we need, what room it has. Every point that
//! fails is named, and the later ones are still looked at as far as that makes sense.

mod capacity;
mod network;
mod permissions;
mod quantity;

use std::time::Duration;

use kube::Client;
use tokio::time::timeout;

pub use self::capacity::{Capacity, Resources, capacity};
pub(crate) use self::quantity::milli;
use crate::{Unreachable, failure::describe};

/// For the whole test.
const DEADLINE: Duration = Duration::from_mins(2);
/// The oldest minor version that is known to work: namespaces are labelled with their names, exec goes over WebSockets.
const OLDEST_MINOR: u32 = 27;

/// How one point turned out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    /// Environments can be made, with a limitation.
    Warned,
    Failed,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// `certificate` or `reachable`, `version`, `permissions`, `capacity`, `metrics`, `network-policy`.
    pub name: &'static str,
    pub outcome: Outcome,
    /// What was found, and what to do if it is not right.
    pub detail: String,
}

impl Point {
    fn passed(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, outcome: Outcome::Passed, detail: detail.into() }
    }

    fn warned(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, outcome: Outcome::Warned, detail: detail.into() }
    }

    fn failed(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, outcome: Outcome::Failed, detail: detail.into() }
    }
}

/// What a test found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Such as `v1.36.1`.
    pub version: Option<String>,
    pub points: Vec<Point>,
    /// Permissions that are not granted, such as `create pods/exec`.
    pub missing: Vec<String>,
    /// What there is and what is taken; none if it could not be seen.
    pub capacity: Option<Capacity>,
}

impl Report {
    /// Whether environments can be made there.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        !self.points.is_empty() && self.points.iter().all(|point| point.outcome != Outcome::Failed)
    }

    /// The points that failed, in a line; empty if none did.
    #[must_use]
    pub fn failures(&self) -> String {
        let failed = self.points.iter().filter(|point| point.outcome == Outcome::Failed);
        failed.map(|point| format!("{}: {}", point.name, point.detail)).collect::<Vec<_>>().join("; ")
    }
}

/// Tests a cluster. Nothing in it is changed.
pub async fn probe(client: &Client) -> Report {
    let mut report = Report::default();
    if timeout(DEADLINE, look(client, &mut report)).await.is_err() {
        report.points.push(Point::failed("reachable", format!("the test took longer than {} s", DEADLINE.as_secs())));
    }
    report
}

async fn look(client: &Client, report: &mut Report) {
    let version = match client.apiserver_version().await {
        Ok(version) => version,
        Err(error) => return report.points.push(Point::failed(kept_by(&error), explained(&error))),
    };
    report.points.push(Point::passed("reachable", "the API server answers"));
    report.points.push(judged(&version.git_version, &version.minor));
    report.version = Some(version.git_version.clone());
    let (permissions, missing) = permissions::look(client).await;
    report.missing = missing;
    let may_go_on = permissions.outcome != Outcome::Failed;
    report.points.push(permissions);
    match capacity(client).await {
        Ok(capacity) => {
            report.points.push(capacity.judged());
            report.points.push(capacity.metrics());
            report.capacity = Some(capacity);
        }
        Err(error) => report.points.push(Point::failed("capacity", describe(&error))),
    }
    if may_go_on {
        report.points.push(network::look(client, &version.git_version).await);
    }
}

fn judged(version: &str, minor: &str) -> Point {
    let digits: String = minor.chars().take_while(char::is_ascii_digit).collect();
    match digits.parse::<u32>() {
        Ok(minor) if minor >= OLDEST_MINOR => Point::passed("version", version),
        Ok(_) => Point::failed("version", format!("{version}; expected 1.{OLDEST_MINOR} or later")),
        Err(_) => Point::warned("version", format!("{version} is not a version that is known")),
    }
}

/// The point at which the first request came to nothing.
fn kept_by(error: &kube::Error) -> &'static str {
    match Unreachable::find(error) {
        Some(Unreachable::Certificate(_)) => "certificate",
        _ => "reachable",
    }
}

/// What the first request's failure means for whoever connects a cluster.
fn explained(error: &kube::Error) -> String {
    let told = describe(error);
    match crate::failure::code(error) {
        Some(401) => format!("{told}: the credential is not accepted; it may have expired"),
        Some(403) => format!("{told}: even the version may not be asked for"),
        _ => told,
    }
}
