//! A device that has a passkey, and the browser before it: what it is asked, it answers as Web Authentication Level 3 has it. What it says
//! can be made wrong in each way that matters.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Somebody is there.
const PRESENT: u8 = 1;
/// They have shown a PIN or a finger.
const VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
/// The key follows.
const ATTESTED: u8 = 1 << 6;

/// A device with one passkey.
#[derive(Clone)]
pub struct Authenticator {
    key: SigningKey,
    /// What it calls its passkey.
    pub id: Vec<u8>,
    /// Whose it is, as the site said.
    pub user: Vec<u8>,
    /// The page that asks.
    pub origin: String,
    /// The domain that is asked for; that of the options, if there is none.
    pub domain: Option<String>,
    /// How often it has signed; 0: it does not count.
    pub counter: u32,
    /// Whether it asks for a PIN or a finger.
    pub verifies: bool,
    pub is_backup_eligible: bool,
    pub is_backed_up: bool,
    /// What the browser is told to do with it; as it should be, if there is nothing.
    pub kind: Option<&'static str>,
}

impl Authenticator {
    /// One that knows nobody yet.
    ///
    /// # Panics
    /// It does not: each 32 bytes but few are a key.
    #[must_use]
    pub fn new(origin: &str) -> Self {
        let key = std::iter::repeat_with(rand::random::<[u8; 32]>).find_map(|bytes| SigningKey::from_slice(&bytes).ok());
        Self {
            key: key.expect("a key"),
            id: rand::random::<[u8; 16]>().to_vec(),
            user: Vec::new(),
            origin: origin.to_owned(),
            domain: None,
            counter: 0,
            verifies: true,
            is_backup_eligible: false,
            is_backed_up: false,
            kind: None,
        }
    }

    /// What `navigator.credentials.create` gives, as JSON.
    ///
    /// # Panics
    /// The options are none.
    pub fn create(&mut self, options: &str) -> String {
        let options = parsed(options);
        self.user = decoded(&options["user"]["id"]);
        let domain = options["rp"]["id"].as_str().expect("a domain");
        let mut data = self.data(domain, ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("a short id").to_be_bytes());
        data.extend(&self.id);
        data.extend(self.public());
        let object = [vec![0xa3], text("fmt"), text("none"), text("attStmt"), vec![0xa0], text("authData"), bytes(&data)].concat();
        self.answer(&json!({
            "clientDataJSON": encoded(&self.client_data("webauthn.create", &options)),
            "attestationObject": encoded(&object),
            "transports": ["internal", "hybrid"],
        }))
    }

    /// What `navigator.credentials.get` gives, as JSON. Counts, if it does.
    ///
    /// # Panics
    /// The options are none.
    pub fn get(&mut self, options: &str) -> String {
        let options = parsed(options);
        self.counter += u32::from(self.counter > 0);
        let domain = options["rpId"].as_str().expect("a domain");
        let (data, client) = (self.data(domain, 0), self.client_data("webauthn.get", &options));
        let signature: Signature = self.key.sign(&[data.as_slice(), &Sha256::digest(&client)].concat());
        self.answer(&json!({
            "clientDataJSON": encoded(&client),
            "authenticatorData": encoded(&data),
            "signature": encoded(signature.to_der().as_bytes()),
            "userHandle": encoded(&self.user),
        }))
    }

    fn answer(&self, response: &Value) -> String {
        let id = encoded(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {}, "response": response }).to_string()
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let kind = self.kind.unwrap_or(kind);
        json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false }).to_string().into_bytes()
    }

    /// Web Authentication, section 6.1.
    fn data(&self, domain: &str, more: u8) -> Vec<u8> {
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        let flags = flag(self.verifies, VERIFIED) | flag(self.is_backup_eligible, BACKUP_ELIGIBLE) | flag(self.is_backed_up, BACKED_UP);
        let hash = Sha256::digest(self.domain.as_deref().unwrap_or(domain));
        [hash.as_slice(), &[PRESENT | flags | more], &self.counter.to_be_bytes()].concat()
    }

    /// The public key as COSE has it (RFC 9053): EC2, ES256, P-256, x, y.
    fn public(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        [vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21], bytes(x), vec![0x22], bytes(y)].concat()
    }
}

fn parsed(options: &str) -> Value {
    serde_json::from_str(options).expect("JSON")
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decoded(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().expect("a text")).expect("base64url")
}

/// CBOR (RFC 8949) of a text of fewer than 24 bytes.
fn text(text: &str) -> Vec<u8> {
    [&[0x60 | u8::try_from(text.len()).expect("a short text")], text.as_bytes()].concat()
}

/// CBOR of bytes.
fn bytes(bytes: &[u8]) -> Vec<u8> {
    [&[0x59], u16::try_from(bytes.len()).expect("few bytes").to_be_bytes().as_slice(), bytes].concat()
}
