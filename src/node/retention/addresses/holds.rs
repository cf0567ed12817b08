//! Whether anybody is on hold. Nobody lists that: who was ever put on hold is in the audit, and whether they still are in their stream.

use commands::{Commands, Fault};
use domain::{audit::trail::Verdict, kernel::AccountId};
use projections::{
    Projections,
    audit::{Filter, Order, search},
};

/// What putting somebody on hold is called in the audit.
const PLACE: &str = "legalHoldPlace";
/// Entries looked at together.
const PAGE: usize = 200;

/// What is looked into about one person may be what others did from the same address, so that it does not matter who it is.
pub(super) async fn is_anybody_on_hold(commands: &Commands, projections: &Projections) -> Result<bool, Fault> {
    let filter = Filter { action: Some(PLACE.into()), verdict: Some(Verdict::Accepted), ..Filter::default() };
    let mut from = None;
    loop {
        let found = search(projections.db(), &filter, Order::LatestFirst, from, PAGE).await;
        let found = found.map_err(|error| Fault::Outside(error.to_string()))?;
        for account in found.rows.iter().filter_map(|row| row.subject.as_deref()?.parse::<AccountId>().ok()) {
            if commands.identity.is_on_hold(account).await? {
                return Ok(true);
            }
        }
        if !found.more || found.reached.is_none() {
            return Ok(false);
        }
        from = found.reached;
    }
}
