//! Whether every cluster is looked at as often as it should be.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use domain::kernel::ClusterId;
use journal::{Journal, UsageSpan};

use crate::demo::DemoError;

/// How often it is seen whether there have been enough.
const PAUSE: Duration = Duration::from_secs(1);

/// Seconds between two looks at each of so many clusters: a look asks much, and here all run on one machine.
pub(super) fn every(clusters: u32) -> u32 {
    (clusters / 2).max(20)
}

/// The longest time between two looks at the same cluster since then; waits until each has been looked at twice.
pub(super) async fn longest_pause(
    journal: &Arc<dyn Journal>,
    clusters: &BTreeMap<ClusterId, usize>,
    every: u32,
    since: DateTime<Utc>,
) -> Result<Duration, DemoError> {
    let until = Utc::now() + TimeDelta::seconds(3 * i64::from(every));
    let mut longest = TimeDelta::zero();
    for cluster in clusters.keys() {
        let mut looks = looks(journal, *cluster, since).await?;
        while looks.len() < 2 {
            if Utc::now() > until {
                return Err(DemoError::step("see clusters looked at", format!("{cluster} was not looked at twice in time")));
            }
            tokio::time::sleep(PAUSE).await;
            looks = self::looks(journal, *cluster, since).await?;
        }
        longest = looks.windows(2).map(|pair| pair[1] - pair[0]).fold(longest, TimeDelta::max);
    }
    Ok(longest.to_std().unwrap_or_default())
}

/// Each leaves a measurement.
async fn looks(journal: &Arc<dyn Journal>, cluster: ClusterId, since: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>, DemoError> {
    let span = UsageSpan { cluster: Some(cluster.0), from: since, to: Utc::now(), step: 1 };
    let points = journal.usage(span).await.map_err(|error| DemoError::step("see when clusters were looked at", error))?;
    Ok(points.into_iter().map(|point| point.at).collect())
}
