//! Connecting clusters: what is given is parsed, tried, and sealed before it is recorded, so that whatever is recorded can be used.

use domain::{
    environments::{
        EnvironmentRejection as Rejection,
        cluster::{Assessment, Cluster, ClusterCommand, Credentials, Registration},
        roster::{Roster, RosterCommand},
    },
    kernel::{ClusterId, CredentialsId, Digest},
};
use journal::{JournalError, vault::CredentialsKey};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::{ClusterAccess, ClusterProfile, ClusterReport, Connection, Environments};
use crate::{
    Accepted, Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Operation, Transaction},
};

/// How many digits a fingerprint has: enough to tell the credentials of one cluster apart.
const FINGERPRINT: usize = 16;

impl Environments {
    /// Registers a cluster, once it is found to be usable.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn register_cluster(
        &self,
        request: &Request,
        profile: ClusterProfile,
        access: &ClusterAccess,
    ) -> Result<Outcome<ClusterId, Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::CLUSTER_REGISTER).await?;
        let (profile, connection) = match profile.checked().and_then(|profile| Ok((profile, self.parse(access)?))) {
            Ok(checked) => checked,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let fingerprint = self.fingerprint(&connection).await?;
        let input = json!({ "profile": profile, "endpoint": connection.endpoint, "credentials": fingerprint });
        let operation = Operation::new(acts::CLUSTER_REGISTER, input);
        if let Some(given) = self.dispatcher.answered(request, &operation).await? {
            return Ok(given);
        }
        let assessment = match self.fleet.test(&connection).await.assessed() {
            Ok(assessment) => assessment,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let cluster = ClusterId(Uuid::now_v7());
        let credentials = self.keep(cluster, 1, &connection, fingerprint).await?;
        let registration = Registration { profile, endpoint: connection.endpoint, credentials: credentials.clone(), assessment };
        let registration = &registration;
        let work = |transaction: Transaction| async move {
            // In this order: whoever reads the roster's events knows the cluster by then.
            transaction.decide::<Cluster>(cluster.into(), ClusterCommand::Register(Box::new(registration.clone()))).await?;
            let name = registration.profile.name.clone();
            transaction.decide::<Roster>(Roster::ID, RosterCommand::Admit { cluster, name }).await?;
            Ok(cluster)
        };
        let outcome = self.dispatcher.execute(request, operation, work).await;
        if !is_recorded(&outcome, |registered| *registered == cluster) {
            self.discard(cluster, &credentials).await;
        }
        outcome
    }

    /// Puts new credentials in the place of those that a cluster has, once they are found to do. The old ones are kept until
    /// the new ones are recorded.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn rotate_cluster_credentials(
        &self,
        request: &Request,
        cluster: ClusterId,
        access: &ClusterAccess,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::CLUSTER_ROTATE_CREDENTIALS).await?;
        let connection = match self.parse(access) {
            Ok(connection) => connection,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let fingerprint = self.fingerprint(&connection).await?;
        let input = json!({ "cluster": cluster, "endpoint": connection.endpoint, "credentials": fingerprint });
        let operation = Operation::new(acts::CLUSTER_ROTATE_CREDENTIALS, input);
        if let Some(given) = self.dispatcher.answered(request, &operation).await? {
            return Ok(given);
        }
        let state = self.cluster(cluster).await?;
        let Some(member) = state.member() else { return Ok(Outcome::Rejected(Rejection::ClusterNotFound)) };
        let assessment = match self.fleet.test(&connection).await.assessed() {
            Ok(assessment) => assessment,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let credentials = self.keep(cluster, member.credentials.version + 1, &connection, fingerprint).await?;
        let rotate = || rotation(&connection, &credentials, &assessment);
        let outcome = self.dispatcher.command::<Cluster>(request, operation, cluster.into(), rotate).await;
        if !is_recorded(&outcome, |()| true) {
            self.discard(cluster, &credentials).await;
        } else if let Ok(state) = self.cluster(cluster).await {
            self.settle(cluster, &state, &credentials).await;
        }
        outcome
    }

    /// Tries what a cluster is connected with, and records what is new about it.
    ///
    /// # Errors
    /// A fault, such as a missing permission, or credentials that the vault does not have.
    pub async fn test_cluster(&self, request: &Request, cluster: ClusterId) -> Result<Outcome<ClusterReport, Rejection>, Fault> {
        request.allowed(&acts::CLUSTER_TEST)?;
        let connection = match self.connection(cluster).await {
            Ok(Some(connection)) => connection,
            Ok(None) => return Ok(Outcome::Rejected(Rejection::ClusterNotFound)),
            Err(fault @ Fault::CredentialsMissing { .. }) => {
                return Ok(Outcome::Rejected(Rejection::NotUsable { failures: vec![fault.to_string()] }));
            }
            Err(fault) => return Err(fault),
        };
        let report = self.fleet.test(&connection).await;
        let Ok(assessment) = report.assessed() else {
            let position = self.dispatcher.journal().head().await?;
            return Ok(Outcome::Accepted(Accepted { value: report, position }));
        };
        Ok(match self.assess_cluster(request, cluster, &assessment).await? {
            Outcome::Accepted(Accepted { position, .. }) => Outcome::Accepted(Accepted { value: report, position }),
            Outcome::Rejected(rejection) => Outcome::Rejected(rejection),
        })
    }

    /// Tries what a cluster could be connected with. Nothing is kept of it.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn test_cluster_access(&self, request: &Request, access: &ClusterAccess) -> Result<Outcome<ClusterReport, Rejection>, Fault> {
        request.allowed(&acts::CLUSTER_TEST)?;
        let connection = match self.parse(access) {
            Ok(connection) => connection,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let value = self.fleet.test(&connection).await;
        Ok(Outcome::Accepted(Accepted { value, position: self.dispatcher.journal().head().await? }))
    }

    /// How a cluster is reached; none, if there is no such cluster.
    ///
    /// # Errors
    /// The journal or the vault could not be read, or the vault does not have the credentials, as after restoring an older backup.
    pub async fn connection(&self, cluster: ClusterId) -> Result<Option<Connection>, Fault> {
        let state = self.cluster(cluster).await?;
        let Some(member) = state.member() else { return Ok(None) };
        let Credentials { kind, expires_at, version, .. } = member.credentials;
        let secret = self.dispatcher.vault().credentials_open(key(cluster, &member.credentials)).await?;
        let missing = || Fault::CredentialsMissing { cluster: cluster.to_string(), version };
        let secret = secret.ok_or_else(missing)?;
        let secret = SecretString::from(std::str::from_utf8(secret.expose_secret()).map_err(|_| missing())?);
        Ok(Some(Connection { endpoint: member.endpoint.clone(), kind, expires_at, secret }))
    }

    fn parse(&self, access: &ClusterAccess) -> Result<Connection, Rejection> {
        self.fleet.parse(access).map_err(|error| Rejection::AccessInvalid { at: error.at, problem: error.problem })
    }

    /// Tells credentials apart, and nothing about them to who does not have the vault.
    async fn fingerprint(&self, connection: &Connection) -> Result<String, Fault> {
        let digest = self.dispatcher.vault().blind("cluster credentials", connection.secret.expose_secret()).await?;
        Ok(Digest::from(digest).as_str().chars().take(FINGERPRINT).collect())
    }

    async fn keep(&self, cluster: ClusterId, version: u32, connection: &Connection, fingerprint: String) -> Result<Credentials, Fault> {
        let (kind, expires_at) = (connection.kind, connection.expires_at);
        let credentials = Credentials { id: CredentialsId(Uuid::now_v7()), version, kind, fingerprint, expires_at };
        let secret = connection.secret.expose_secret().as_bytes();
        self.dispatcher.vault().credentials_keep(key(cluster, &credentials), secret).await?;
        Ok(credentials)
    }

    /// Forgets the credentials before those that are recorded now; these, if the same were recorded before.
    async fn settle(&self, cluster: ClusterId, state: &Cluster, kept: &Credentials) {
        match state.member() {
            Some(member) if member.credentials.version < kept.version => self.discard(cluster, kept).await,
            Some(member) => {
                if let Err(error) = self.dispatcher.vault().credentials_supersede(key(cluster, &member.credentials)).await {
                    tracing::warn!(%cluster, %error, "credentials that were rotated out stay in the vault until the next rotation");
                }
            }
            // Whoever removed it discards them.
            None => {}
        }
    }

    async fn discard(&self, cluster: ClusterId, credentials: &Credentials) {
        if let Err(error) = self.dispatcher.vault().credentials_discard(key(cluster, credentials)).await {
            tracing::warn!(%cluster, %error, "credentials that nothing refers to stay sealed in the vault");
        }
    }
}

fn key(cluster: ClusterId, credentials: &Credentials) -> CredentialsKey {
    CredentialsKey { owner: cluster.into(), version: credentials.version, id: credentials.id.into() }
}

fn rotation(connection: &Connection, credentials: &Credentials, assessment: &Assessment) -> ClusterCommand {
    ClusterCommand::RotateCredentials {
        endpoint: connection.endpoint.clone(),
        credentials: credentials.clone(),
        assessment: assessment.clone(),
    }
}

/// Whether events may refer to what was kept for them: also where nobody knows whether they are recorded.
fn is_recorded<T>(outcome: &Result<Outcome<T, Rejection>, Fault>, is_it: impl Fn(&T) -> bool) -> bool {
    match outcome {
        Ok(Outcome::Accepted(Accepted { value, .. })) => is_it(value),
        Ok(Outcome::Rejected(_)) => false,
        Err(fault) => matches!(fault, Fault::Journal(JournalError::Unknown | JournalError::Closed)),
    }
}
