//! What it takes to reach a cluster.

use http::Uri;
use secrecy::SecretString;

/// A field that is not what was expected. Its value is not repeated: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {reason}")]
pub struct ConnectionError {
    /// Where, such as `users[0].user.exec`.
    pub field: String,
    /// What was expected, and the way out.
    pub reason: String,
}

impl ConnectionError {
    pub(crate) fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}

/// How we show who we are.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A bearer token.
    Token(SecretString),
    /// A certificate and its key, both PEM.
    ClientCertificate { certificate: String, key: SecretString },
}

impl Credential {
    /// A word for its kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::ClientCertificate { .. } => "client-certificate",
        }
    }
}

/// An API server, and how to speak to it.
#[derive(Clone, Debug)]
pub struct Connection {
    /// `https://host[:port][/path]`.
    pub(crate) server: Uri,
    /// Certificates that may have signed the server's, in PEM; absent for those that the system trusts.
    pub(crate) ca: Option<String>,
    pub(crate) credential: Credential,
    /// The namespace the context names; informative.
    pub(crate) namespace: Option<String>,
    /// The context of the kubeconfig that it is from.
    pub(crate) context: Option<String>,
}

/// Where a pod finds what it needs to speak to its own cluster.
const IN_CLUSTER: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

impl Connection {
    /// An endpoint, a credential, and the certificate authority in PEM.
    ///
    /// # Errors
    /// Names the field that cannot be used.
    pub fn try_new(server: &str, ca: Option<String>, credential: Credential) -> Result<Self, ConnectionError> {
        let connection = Self { server: server_uri("server", server)?, ca, credential, namespace: None, context: None };
        // Certificates and keys are parsed once, so that what is saved can be used.
        crate::client::tls(&connection)?;
        Ok(connection)
    }

    /// The cluster this process runs in, with the rights of its pod's service account.
    ///
    /// # Errors
    /// This is no pod, or it has no token.
    pub fn in_cluster() -> Result<Self, ConnectionError> {
        let read = |name: &str| {
            std::fs::read_to_string(format!("{IN_CLUSTER}/{name}"))
                .map_err(|error| ConnectionError::new("in-cluster", format!("{name} of the pod's service account cannot be read: {error}")))
        };
        let token = SecretString::from(read("token")?.trim().to_owned());
        let mut connection = Self::try_new("https://kubernetes.default.svc", Some(read("ca.crt")?), Credential::Token(token))?;
        connection.namespace = read("namespace").ok();
        Ok(connection)
    }

    /// The API server's address.
    #[must_use]
    pub fn server(&self) -> String {
        self.server.to_string().trim_end_matches('/').to_owned()
    }

    /// Its certificate authority in PEM.
    #[must_use]
    pub fn ca(&self) -> Option<&str> {
        self.ca.as_deref()
    }

    /// How we show who we are.
    #[must_use]
    pub const fn credential(&self) -> &Credential {
        &self.credential
    }

    /// The namespace the context names.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }
}

/// An address that we connect to: https, with a host, without user, query or fragment.
pub(crate) fn server_uri(field: &str, text: &str) -> Result<Uri, ConnectionError> {
    let refused = |reason: &str| Err(ConnectionError::new(field, reason));
    if text.len() > 2048 {
        return refused("expected at most 2048 characters");
    }
    let Ok(uri) = text.trim().parse::<Uri>() else { return refused("expected an address such as https://cluster.example:6443") };
    if uri.scheme_str() != Some("https") {
        return refused("expected an address that begins with https://");
    }
    if uri.host().is_none_or(str::is_empty) || uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return refused("expected a host, without a user before it");
    }
    if uri.query().is_some() || text.contains('#') {
        return refused("expected no query and no fragment");
    }
    Ok(uri)
}

#[cfg(test)]
mod tests;
