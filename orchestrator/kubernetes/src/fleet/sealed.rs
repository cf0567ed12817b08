//! The form in which it is kept how a cluster is reached: whoever keeps it seals it.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use crate::connection::{Connection, ConnectionError, Credential};

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Sealed {
    Token {
        server: String,
        ca: Option<String>,
        token: SecretString,
    },
    ClientCertificate {
        server: String,
        ca: Option<String>,
        certificate: String,
        key: SecretString,
    },
    /// The pod's own token changes, so it is read whenever it is needed.
    InCluster,
}

pub(super) fn seal(connection: &Connection) -> SecretString {
    let (server, ca) = (connection.server(), connection.ca());
    let text = match connection.credential() {
        Credential::Token(token) => json!({ "kind": "token", "server": server, "ca": ca, "token": token.expose_secret() }),
        Credential::ClientCertificate { certificate, key } => json!({
            "kind": "client_certificate", "server": server, "ca": ca, "certificate": certificate, "key": key.expose_secret(),
        }),
    };
    text.to_string().into()
}

pub(super) fn in_cluster() -> SecretString {
    json!({ "kind": "in_cluster" }).to_string().into()
}

/// # Errors
/// Another program has sealed it, or the pod has no token any more.
pub(super) fn open(secret: &SecretString) -> Result<Connection, ConnectionError> {
    // What serde says may quote a value.
    let unknown = |_| ConnectionError::new("credentials", "expected what this program has kept; give the credentials again");
    match serde_json::from_str(secret.expose_secret()).map_err(unknown)? {
        Sealed::Token { server, ca, token } => Connection::try_new(&server, ca, Credential::Token(token)),
        Sealed::ClientCertificate { server, ca, certificate, key } => {
            Connection::try_new(&server, ca, Credential::ClientCertificate { certificate, key })
        }
        Sealed::InCluster => Connection::in_cluster(),
    }
}
