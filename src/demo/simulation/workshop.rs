//! The workshop that everybody takes: its environment is in a cluster.

use commands::{Outcome, Request};
use domain::{kernel::WorkshopId, workshops::content::EnvironmentNeeds};
use importers::Bundle;

use crate::{
    demo::DemoError,
    node::{NOBODY, Node},
};

const SLUG: &str = "simulated-cluster";
const MANIFEST: &str = "format: 1
slug: simulated-cluster
title: A namespace of one's own
summary: An environment in a cluster, and nothing to do there.
category: kubernetes
duration: 30m
environment:
  memory: 128Mi
  kubernetes:
    budget: small
";
const STEP: &str = "---
title: Look around
points: 0
rule: read
---
Whatever is in your namespace is yours.
";

pub(super) async fn publish(node: &Node) -> Result<(WorkshopId, EnvironmentNeeds), DemoError> {
    let doing = "publish the workshop";
    let mut bundle = Bundle::new(SLUG);
    bundle.insert("workshop.yaml", MANIFEST.as_bytes().to_vec());
    bundle.insert("steps/01-look.md", STEP.as_bytes().to_vec());
    let imported = importers::import(&bundle);
    let content = imported.content.ok_or_else(|| DemoError::step(doing, format!("{:?}", imported.diagnostics)))?;
    let (request, workshops) = (Request::system("demo"), &node.commands.workshops);
    let workshop = match workshops.import(&request, NOBODY, SLUG, &content).await.map_err(|fault| DemoError::step(doing, fault))? {
        Outcome::Accepted(accepted) => accepted.value.0,
        Outcome::Rejected(rejection) => return Err(DemoError::step(doing, rejection)),
    };
    // One that is published already has nothing to publish.
    workshops.publish(&request, workshop).await.map_err(|fault| DemoError::step(doing, fault))?;
    Ok((workshop, content.environment.unwrap_or_default()))
}
