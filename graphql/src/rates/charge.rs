//! What a document costs whoever sends it: each root field counts like a request of its own.

use std::net::IpAddr;

use async_graphql::Request;
use uuid::Uuid;

use super::{Rates, Wait};
use crate::{failure::Failure, limits};

/// Who is asking.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) address: Option<IpAddr>,
    /// By what their account is counted, if they have one.
    pub(crate) account: Option<Uuid>,
}

/// Counts a request whose limits were checked, but for the first that the address asks for: that was counted when it came.
///
/// # Errors
/// [`Failure::RateLimited`].
pub(crate) fn charge(rates: &Rates, request: &mut Request, asked: Asked) -> Result<(), Failure> {
    let name = request.operation_name.clone();
    // One that cannot be parsed was refused before.
    let Ok(document) = request.parsed_query() else { return Ok(()) };
    let roots = limits::roots(document, name.as_deref());
    let all = roots.values().fold(0, |sum: u32, times| sum.saturating_add(*times)).max(1);
    rates.address(asked.address, all - 1)?;
    rates.account(asked.account, all)?;
    for (name, times) in &roots {
        rates.operation(name, *times, asked.address, asked.account)?;
    }
    Ok(())
}

impl From<Wait> for Failure {
    fn from(wait: Wait) -> Self {
        Self::RateLimited(wait)
    }
}
