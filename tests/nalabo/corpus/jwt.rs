//! Access tokens as forgers make them, and as whoever had the key could: the signing key is the vault's own.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ed25519_dalek::{Signer, SigningKey};
use futures_util::{SinkExt, StreamExt};
use hmac::{Hmac, KeyInit, Mac};
use nalabo::node::Stores;
use reqwest::header::HeaderValue;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::Sha256;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

use super::{cases, expanded, is_well, none_differs};
use crate::{
    people::Person,
    site::{Server, Site},
};

/// Before the 32 bytes of a public key (RFC 8410).
const SPKI: &str = "302a300506032b6570032100";
/// The order of the group, in which a signature's second half is a number: adding it makes another encoding of the same.
const ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

/// A token, as it differs from one that is good.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Case {
    name: String,
    /// Members that are other than usual; null for those that are not there.
    #[serde(default)]
    header: Map<String, Value>,
    /// Instead of it, to the byte.
    header_text: Option<String>,
    #[serde(default)]
    claims: Map<String, Value>,
    claims_text: Option<String>,
    signature: Option<String>,
    /// How the three parts are put together.
    token: Option<String>,
    /// The header `Authorization`, if not as usual.
    authorization: Option<String>,
    accepted: bool,
}

/// What a token can be made of.
struct Forge {
    /// The one that signs, and what it is called.
    key: SigningKey,
    id: String,
    /// Another of ours, which signs nothing yet.
    next: SigningKey,
    next_id: String,
    claims: Map<String, Value>,
    refresh: String,
}

impl Forge {
    fn token(&self, case: &Case) -> String {
        let usual = [("typ", "at+jwt"), ("alg", "EdDSA"), ("kid", &self.id)].map(|(name, value)| (name.to_owned(), json!(value)));
        let header = case.header_text.as_deref().map_or_else(|| merged(&usual.into_iter().collect(), &case.header), ToOwned::to_owned);
        let header = self.filled(&header);
        let claims = case.claims_text.as_deref().map_or_else(|| merged(&self.claims, &case.claims), |text| self.filled(text));
        let (header, claims) = (BASE64.encode(header), BASE64.encode(claims));
        let signature = self.signature(case.signature.as_deref().unwrap_or("real"), &format!("{header}.{claims}"));
        let shape = case.token.as_deref().unwrap_or("<h>.<c>.<s>");
        expanded(&shape.replace("<h>", &header).replace("<c>", &claims).replace("<s>", &signature).replace("<refresh>", &self.refresh))
    }

    fn filled(&self, text: &str) -> String {
        let now = chrono::Utc::now().timestamp();
        let claim = |name: &str| self.claims[name].as_str().unwrap_or_default().to_owned();
        let text = text.replace("<now>", &now.to_string()).replace("<exp>", &(now + 600).to_string());
        let text = text.replace("<kid>", &self.id).replace("<next kid>", &self.next_id);
        let text = text.replace("<x>", &BASE64.encode(self.key.verifying_key().to_bytes()));
        ["sub", "sid", "iss", "aud"].iter().fold(text, |text, name| text.replace(&format!("<{name}>"), &claim(name)))
    }

    fn signature(&self, kind: &str, signed: &str) -> String {
        let real = self.key.sign(signed.as_bytes()).to_bytes();
        let public = self.key.verifying_key().to_bytes();
        let spki = [hex::decode(SPKI).expect("hex"), public.to_vec()].concat();
        let shared = |secret: &[u8]| {
            let mac = Hmac::<Sha256>::new_from_slice(secret).expect("any length").chain_update(signed);
            BASE64.encode(mac.finalize().into_bytes())
        };
        match kind {
            "real" => BASE64.encode(real),
            "none" => String::new(),
            "other key" => BASE64.encode(SigningKey::from_bytes(&[7; 32]).sign(signed.as_bytes()).to_bytes()),
            "next key" => BASE64.encode(self.next.sign(signed.as_bytes()).to_bytes()),
            "flipped" => BASE64.encode(real.map(|byte| byte ^ 1)),
            "short" => BASE64.encode(&real[..63]),
            "long" => BASE64.encode([&real[..], &[0]].concat()),
            "zero" => BASE64.encode([0; 64]),
            "plus order" => BASE64.encode(plus_order(real)),
            "standard base64" => base64::engine::general_purpose::STANDARD.encode(real),
            "hmac of the public key" => shared(&public),
            "hmac of the public key in hex" => shared(hex::encode(public).as_bytes()),
            "hmac of the public key in base64" => shared(BASE64.encode(public).as_bytes()),
            "hmac of the public key in DER" => shared(&spki),
            "hmac of the public key in PEM" => {
                let body = base64::engine::general_purpose::STANDARD.encode(&spki);
                shared(format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n").as_bytes())
            }
            "hmac of the kid" => shared(self.id.as_bytes()),
            "hmac of the JWK" => {
                let jwk = json!({ "crv": "Ed25519", "kty": "OKP", "x": BASE64.encode(public) });
                shared(jwk.to_string().as_bytes())
            }
            "hmac of nothing" => shared(b""),
            "hmac of secret" => shared(b"secret"),
            literal => literal.strip_prefix("text:").unwrap_or_else(|| panic!("{kind}?")).to_owned(),
        }
    }
}

/// Members, with others in their place or none; `{"now": 30}` is a time.
fn merged(usual: &Map<String, Value>, other: &Map<String, Value>) -> String {
    let mut all = usual.clone();
    for (name, value) in other {
        match (value, value.get("now").and_then(Value::as_i64)) {
            (Value::Null, _) => drop(all.remove(name)),
            (_, Some(seconds)) => drop(all.insert(name.clone(), (chrono::Utc::now().timestamp() + seconds).into())),
            _ => drop(all.insert(name.clone(), value.clone())),
        }
    }
    Value::Object(all).to_string()
}

fn plus_order(mut signature: [u8; 64]) -> [u8; 64] {
    let mut carry = 0;
    for (byte, more) in signature[32..].iter_mut().zip(hex::decode(ORDER).expect("hex")) {
        let sum = u16::from(*byte) + u16::from(more) + carry;
        (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
    }
    signature
}

/// What comes of a token by HTTP: who it is, or status and code.
async fn asked(server: &Server, authorization: &str) -> Value {
    let request = reqwest::Client::new().post(format!("http://{}/graphql", server.address)).json(&json!({ "query": "{ me { id } }" }));
    let Ok(header) = HeaderValue::from_bytes(authorization.as_bytes()) else { panic!("no header: {authorization}") };
    let response = request.header("authorization", header).send().await.expect("an answer");
    let status = response.status().as_u16();
    let body: Value = response.json().await.expect("JSON");
    if status == 200 { body["data"]["me"]["id"].clone() } else { json!([status, body["errors"][0]["extensions"]["code"]]) }
}

/// What comes of it by web socket: the type of the message that is told, or the code that closes it.
async fn greeted(server: &Server, token: &str) -> Value {
    let mut request = format!("ws://{}/graphql/ws", server.address).into_client_request().expect("a request");
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("a socket");
    let init = json!({ "type": "connection_init", "payload": { "accessToken": token } });
    socket.send(Message::text(init.to_string())).await.expect("sent");
    match socket.next().await.expect("told").expect("no fault") {
        Message::Close(frame) => u16::from(frame.expect("a reason").code).into(),
        message => serde_json::from_str::<Value>(message.to_text().expect("text")).expect("JSON")["type"].clone(),
    }
}

/// The same, with the clock at one second from the making of the token to its judgement: where a second more would count, it is done again.
async fn judged(server: &Server, forge: &Forge, case: &Case) -> (Value, Option<Value>) {
    loop {
        let began = chrono::Utc::now().timestamp();
        let token = forge.token(case);
        let authorization = case.authorization.as_deref().unwrap_or("Bearer <token>").replace("<token>", &token);
        let by_http = asked(server, &authorization).await;
        let by_socket = if case.authorization.is_none() { Some(greeted(server, &token).await) } else { None };
        if chrono::Utc::now().timestamp() == began {
            return (by_http, by_socket);
        }
    }
}

#[tokio::test]
async fn tokens_are_taken_and_refused_as_the_corpus_says() {
    let site = Site::new();
    let server = site.serve();
    let kit = Person::register(&server, "kit").await;
    server.stop();
    let rotated = site.run(&["keys", "rotate-signing", "--after", "3600"]);
    assert!(rotated.status.success());
    let stores = Stores::open(&site.config()).await.expect("stores");
    let keys = stores.vault.signing_keys().await.expect("keys");
    stores.close().await;
    let [current, next] = &keys[..] else { panic!("{} keys", keys.len()) };
    let read = |key: &journal::vault::SigningKey| SigningKey::from_bytes(key.secret.expose_secret().try_into().expect("32 bytes"));
    let payload = kit.tokens.access.split('.').nth(1).expect("claims");
    let claims = serde_json::from_slice(&BASE64.decode(payload).expect("base64")).expect("JSON");
    let (key, id, next_id) = (read(current), current.id.clone(), next.id.clone());
    let forge = Forge { key, id, next: read(next), next_id, claims, refresh: kit.tokens.refresh.clone() };
    let server = site.serve();
    let mut findings = Vec::new();
    for case in cases::<Case>("jwt", 100) {
        let (by_http, by_socket) = judged(&server, &forge, &case).await;
        let (expected, on_socket) =
            if case.accepted { (json!(kit.account), json!("connection_ack")) } else { (json!([401, "UNAUTHENTICATED"]), json!(4403)) };
        if by_http != expected || by_socket.as_ref().is_some_and(|code| *code != on_socket) {
            findings.push(format!("{}: {by_http} {by_socket:?}", case.name));
        }
    }
    none_differs(&findings);
    is_well(&server).await;
    server.stop();
}
