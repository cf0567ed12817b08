//! Who asks: bearer tokens and client certificates.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    failure::{Answer, Failure},
    store::Store,
};

/// The audience of the API server.
pub(crate) const AUDIENCE: &str = "https://kubernetes.default.svc.cluster.local";

/// Somebody who was authenticated.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) groups: Vec<String>,
}

impl User {
    pub(crate) fn new(name: &str, groups: &[&str]) -> Self {
        let mut groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
        groups.push("system:authenticated".to_owned());
        Self { name: name.to_owned(), groups }
    }

    /// A service account.
    pub(crate) fn account(namespace: &str, name: &str) -> Self {
        let of_namespace = format!("system:serviceaccounts:{namespace}");
        Self::new(&format!("system:serviceaccount:{namespace}:{name}"), &["system:serviceaccounts", &of_namespace])
    }
}

#[derive(Debug)]
struct Token {
    user: User,
    expires: Option<DateTime<Utc>>,
    audiences: Vec<String>,
    /// The service account it is of: namespace, name, uid. It ends with it.
    account: Option<(String, String, String)>,
}

/// All credentials that were given out.
#[derive(Debug, Default)]
pub(crate) struct Credentials {
    tokens: BTreeMap<String, Token>,
    /// By the digest of the certificate.
    certificates: BTreeMap<[u8; 32], User>,
}

impl Credentials {
    /// A token without an end.
    pub(crate) fn admit(&mut self, user: User) -> String {
        let token = format!("simulated-{}", hex::encode(rand::random::<[u8; 16]>()));
        self.tokens.insert(token.clone(), Token { user, expires: None, audiences: vec![AUDIENCE.to_owned()], account: None });
        token
    }

    pub(crate) fn admit_certificate(&mut self, der: &[u8], user: User) {
        self.certificates.insert(Sha256::digest(der).into(), user);
    }

    /// A token of a service account, as `TokenRequest` gives it: in the form of a JWT whose signature means nothing.
    pub(crate) fn issue(
        &mut self,
        account: (&str, &str, &str),
        audiences: Vec<String>,
        now: DateTime<Utc>,
        seconds: i64,
    ) -> (String, DateTime<Utc>) {
        let (namespace, name, uid) = account;
        let expires = now + TimeDelta::seconds(seconds);
        let head = json!({"alg": "RS256", "kid": "simulated"});
        let claims = json!({
            "iss": AUDIENCE, "aud": audiences, "iat": now.timestamp(), "nbf": now.timestamp(), "exp": expires.timestamp(),
            "jti": uuid::Uuid::new_v4(), "sub": format!("system:serviceaccount:{namespace}:{name}"),
            "kubernetes.io": {"namespace": namespace, "serviceaccount": {"name": name, "uid": uid}},
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signature = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let token = format!("{}.{}.{signature}", part(&head), part(&claims));
        let account = Some((namespace.to_owned(), name.to_owned(), uid.to_owned()));
        self.tokens.insert(token.clone(), Token { user: User::account(namespace, name), expires: Some(expires), audiences, account });
        (token, expires)
    }

    /// Takes a token back.
    pub(crate) fn revoke(&mut self, token: &str) {
        self.tokens.remove(token);
    }

    /// # Errors
    /// 401 if the credentials are unknown, expired, for somebody else, or of an account that is gone.
    pub(crate) fn authenticate(&self, store: &Store, bearer: Option<&str>, certificate: Option<[u8; 32]>) -> Answer<User> {
        if let Some(bearer) = bearer {
            let token = self.tokens.get(bearer).ok_or_else(Failure::unauthorized)?;
            let stands = |(namespace, name, uid): &(String, String, String)| {
                store.find("serviceaccounts", namespace, name).is_some_and(|account| account["metadata"]["uid"] == uid.as_str())
            };
            let is_fresh = token.expires.is_none_or(|expires| expires > store.clock.now());
            let is_ours = token.audiences.iter().any(|audience| audience == AUDIENCE);
            return if is_fresh && is_ours && token.account.as_ref().is_none_or(stands) {
                Ok(token.user.clone())
            } else {
                Err(Failure::unauthorized())
            };
        }
        match certificate {
            Some(digest) => self.certificates.get(&digest).cloned().ok_or_else(Failure::unauthorized),
            // Anonymous requests may do nothing here, and real servers that refuse them answer the same.
            None => Err(Failure::unauthorized()),
        }
    }
}
