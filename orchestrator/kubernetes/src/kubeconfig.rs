//! Reading a kubeconfig that somebody uploaded: only what is on our list is taken, and nothing in it makes us run, read or
//! trust anything else.

mod fields;
mod yaml;

use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::SecretString;

use self::{
    fields::{Fields, Text},
    yaml::Node,
};
use crate::connection::{Connection, ConnectionError, Credential, server_uri};

/// What is read at the most.
pub const LARGEST: usize = 64 << 10;

/// What to do instead of what is refused.
const WAY_OUT: &str = "make a service account for Nalabo instead; `nalabo clusters connect-script` prints how";

/// Fields that are refused for a reason of their own.
const REFUSED: [(&str, &str); 21] = [
    ("exec", "programs are not run"),
    ("auth-provider", "login plug-ins are not run"),
    ("certificate-authority", "files of your machine are not here; use certificate-authority-data"),
    ("client-certificate", "files of your machine are not here; use client-certificate-data"),
    ("client-key", "files of your machine are not here; use client-key-data"),
    ("tokenFile", "files of your machine are not here; use token"),
    ("token-file", "files of your machine are not here; use token"),
    ("proxy-url", "proxies are not used"),
    ("insecure-skip-tls-verify", "the server's certificate is always verified; use certificate-authority-data"),
    ("tls-server-name", "the certificate must be for the host in `server`"),
    ("username", "passwords are not used"),
    ("password", "passwords are not used"),
    ("act-as", "nobody is impersonated"),
    ("act-as-uid", "nobody is impersonated"),
    ("act-as-groups", "nobody is impersonated"),
    ("act-as-user-extra", "nobody is impersonated"),
    ("as", "nobody is impersonated"),
    ("as-uid", "nobody is impersonated"),
    ("as-groups", "nobody is impersonated"),
    ("as-user-extra", "nobody is impersonated"),
    ("impersonate", "nobody is impersonated"),
];

/// Reads a kubeconfig. `context` chooses one; without it the current context, or the only one, is taken.
///
/// # Errors
/// Names the field that is missing, malformed or refused; never a value.
pub fn read(text: &str, context: Option<&str>) -> Result<Connection, ConnectionError> {
    if text.len() > LARGEST {
        return Err(ConnectionError::new("kubeconfig", format!("expected at most {} KiB, found {}", LARGEST >> 10, text.len() >> 10)));
    }
    let root = yaml::document(text)?;
    let top = Fields::of("kubeconfig", &root)?;
    top.allow(&["apiVersion", "kind", "preferences", "extensions", "current-context", "clusters", "users", "contexts"])?;
    if top.text("kind")?.is_some_and(|kind| kind.0 != "Config") {
        return Err(ConnectionError::new("kind", "expected Config"));
    }
    let (path, chosen, name) = choose(&top, context)?;
    let context = Fields::of(&path, chosen)?;
    context.allow(&["cluster", "user", "namespace", "extensions"])?;
    let (cluster_path, cluster) = named(&top, "clusters", "cluster", &context.required("cluster")?)?;
    let cluster = Fields::of(&cluster_path, cluster)?;
    cluster.allow(&["server", "certificate-authority-data", "disable-compression", "extensions"])?;
    let server = cluster.required("server")?;
    let server = server_uri(&server.1, server.0)?;
    let ca = cluster.text("certificate-authority-data")?.map(|data| decoded(&data)).transpose()?;
    let (user_path, user) = named(&top, "users", "user", &context.required("user")?)?;
    let credential = credential(&Fields::of(&user_path, user)?)?;
    let mut connection = Connection::try_new(&server.to_string(), ca, credential)?;
    connection.namespace = context.text("namespace")?.map(|namespace| namespace.0.to_owned());
    connection.context = name;
    Ok(connection)
}

/// The context that is meant: where it stands, it, and its name.
fn choose<'a>(top: &Fields<'a>, context: Option<&str>) -> Result<(String, &'a Node, Option<String>), ConnectionError> {
    let contexts = top.items("contexts")?;
    let current = top.text("current-context")?.map(|current| current.0).filter(|current| !current.is_empty());
    match context.or(current) {
        Some(name) => {
            let (path, node) = named(top, "contexts", "context", &Text(name, "current-context".to_owned()))?;
            Ok((path, node, Some(name.to_owned())))
        }
        None if contexts.len() == 1 => {
            let (path, node, name) = entry("contexts", 0, "context", &contexts[0])?;
            Ok((path, node, name.map(|name| name.0.to_owned())))
        }
        None => Err(ConnectionError::new("current-context", format!("expected one of the {} contexts to be chosen", contexts.len()))),
    }
}

/// An entry's inner mapping: where it stands, it, and its name.
fn entry<'a>(list: &str, at: usize, inner: &str, node: &'a Node) -> Result<(String, &'a Node, Option<Text<'a>>), ConnectionError> {
    let path = format!("{list}[{at}]");
    let fields = Fields::of(&path, node)?;
    fields.allow(&["name", inner])?;
    let name = fields.text("name")?;
    Ok((format!("{path}.{inner}"), fields.node(inner)?, name))
}

/// The entry of a list that has this name.
fn named<'a>(top: &Fields<'a>, list: &str, inner: &str, wanted: &Text<'_>) -> Result<(String, &'a Node), ConnectionError> {
    let mut found = None;
    for (at, node) in top.items(list)?.iter().enumerate() {
        let (path, node, name) = entry(list, at, inner, node)?;
        if name.is_some_and(|name| name.0 == wanted.0) {
            if found.is_some() {
                return Err(ConnectionError::new(format!("{list}[{at}].name"), "expected a name that no other entry has"));
            }
            found = Some((path, node));
        }
    }
    found.ok_or_else(|| ConnectionError::new(&wanted.1, format!("expected the name of one of the {list}")))
}

fn credential(user: &Fields<'_>) -> Result<Credential, ConnectionError> {
    user.allow(&["token", "client-certificate-data", "client-key-data", "extensions"])?;
    let token = user.text("token")?;
    let certificate = user.text("client-certificate-data")?;
    let key = user.text("client-key-data")?;
    match (token, certificate, key) {
        (Some(token), None, None) => Ok(Credential::Token(SecretString::from(token.0.trim().to_owned()))),
        (None, Some(certificate), Some(key)) => {
            Ok(Credential::ClientCertificate { certificate: decoded(&certificate)?, key: SecretString::from(decoded(&key)?) })
        }
        (None, Some(_), None) => Err(user.error("client-key-data", "is missing")),
        (None, None, Some(_)) => Err(user.error("client-certificate-data", "is missing")),
        (None, None, None) => {
            Err(user.error("token", format!("expected a token, or client-certificate-data and client-key-data; {WAY_OUT}")))
        }
        (Some(_), ..) => Err(user.error("token", "expected either a token or a client certificate, not both")),
    }
}

fn decoded(data: &Text<'_>) -> Result<String, ConnectionError> {
    let compact: String = data.0.split_ascii_whitespace().collect();
    let bytes = BASE64_STANDARD.decode(compact).map_err(|_| ConnectionError::new(&data.1, "expected base64"))?;
    String::from_utf8(bytes).map_err(|_| ConnectionError::new(&data.1, "expected PEM in base64"))
}

#[cfg(test)]
mod tests;
