//! Which entries of the audit are looked for.

use async_graphql::{Enum, InputObject};
use domain::kernel::Timestamp;
use projections::audit::{Filter, subjects::id_of};
use uuid::Uuid;

use crate::{
    failure::{Failure, Result},
    services::Services,
};

/// What came of something that was asked.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::audit::trail::Verdict")]
pub(crate) enum AuditOutcome {
    /// It was done, or read.
    Accepted,
    /// It may not be.
    Refused,
    /// It could not be done; nobody forbade it.
    Failed,
}

/// Which entries are looked for; what is left out does not restrict.
#[derive(InputObject, Default)]
pub(crate) struct AuditFilter {
    /// Who: an account's id, `system:` and a name, or `anonymous`.
    actor: Option<String>,
    /// The id of what they are about, such as `acc_…` or `ses_…`.
    subject: Option<String>,
    /// What was asked for, such as `roleGrant`.
    action: Option<String>,
    outcome: Option<AuditOutcome>,
    /// Recorded then or later.
    from: Option<Timestamp>,
    /// Recorded before.
    until: Option<Timestamp>,
    /// The network address that it came from, also where it is not shown any more.
    address: Option<String>,
    correlation: Option<Uuid>,
}

impl AuditFilter {
    /// # Errors
    /// A subject or an address that is none, or a fault.
    pub(super) async fn read(self, services: &Services) -> Result<Filter> {
        let Self { actor, subject, action, outcome, from, until, address, correlation } = self;
        let expected = || Failure::expected("filter.subject", "an id as the API gives it");
        let subject = subject.map(|id| id_of(&id).ok_or_else(expected)).transpose()?;
        let addresses = match address {
            Some(address) => {
                let expected = |_| Failure::expected("filter.address", "an IPv4 or IPv6 address");
                let address: std::net::IpAddr = address.parse().map_err(expected)?;
                Some(services.commands.audit.digests(&address.to_string(), from, until).await?)
            }
            None => None,
        };
        Ok(Filter { actor, subject, action, verdict: outcome.map(Into::into), since: from, until, addresses, correlation })
    }
}
