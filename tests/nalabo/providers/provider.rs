//! A real provider on loopback, and a browser that goes there.

use std::{
    collections::{BTreeMap, HashMap},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use reqwest::{StatusCode, Url, redirect::Policy};
use serde_json::{Value, json};

use crate::site::{Server, Site};

/// Where the provider sends browsers, which find the server that is meant.
const PUBLIC: &str = "http://127.0.0.1:9";
/// As `providers/server.mjs` has it.
pub(super) const SECRET: &str = "the secret of nalabo, which is long enough";

/// oidc-provider. Dropping it kills it.
pub(super) struct Provider {
    child: Child,
    pub(super) port: u16,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    let folder = target.join("oidc-provider");
    assert!(folder.join("node_modules").exists(), "{} is missing: run scripts/test, which makes it", folder.display());
    folder
}

impl Provider {
    pub(super) fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/nalabo/providers/server.mjs");
        let mut command = Command::new("node");
        command.arg(script).arg(folder()).arg(format!("{PUBLIC}/auth/corp/callback")).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("node");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        Self { child, port: line.trim().parse().expect("a port") }
    }

    /// Tells it who comes, or what goes wrong.
    pub(super) async fn told(&self, what: Value) {
        let url = format!("http://127.0.0.1:{}/control", self.port);
        let answer = reqwest::Client::new().post(url).json(&what).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
    }

    /// Somebody with an address of their own is who comes.
    pub(super) async fn knows(&self, name: &str, more: Value) {
        let mut person = json!({ "sub": name, "email": format!("{name}@example.org"), "email_verified": true, "name": name });
        person.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        self.told(person).await;
    }

    /// A server whose people sign in here.
    pub(super) fn serve(&self, site: &Site, more: &[(&str, &str)]) -> Server {
        let rule = |value: &str, role: &str| format!("{{claim=\"groups\",value=\"{value}\",role=\"{role}\"}}");
        let provider = format!(
            "[{{name=\"corp\",label=\"The corporation\",issuer=\"http://127.0.0.1:{}\",client_id=\"nalabo\",client_secret=\"{SECRET}\",\
             scopes=[\"email\",\"profile\",\"groups\"],second_factor=[\"mfa\"],roles=[{},{}]}}]",
            self.port,
            rule("writers", "author"),
            rule("desk", "support")
        );
        let settings =
            [("NALABO_SIGN_IN__PUBLIC_URL", PUBLIC), ("NALABO_SIGN_IN__ALLOW_LOOPBACK", "true"), ("NALABO_SIGN_IN__PROVIDERS", &provider)];
        site.serve_with(&[&settings, more].concat())
    }
}

/// Cookies by host, and no redirect that is not looked at.
pub(super) struct Browser {
    http: reqwest::Client,
    pub(super) cookies: HashMap<u16, BTreeMap<String, String>>,
}

/// What a server answers.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) location: Option<Url>,
    pub(super) set: Vec<String>,
    pub(super) said: Value,
}

impl Browser {
    pub(super) fn new() -> Self {
        Self { http: reqwest::Client::builder().redirect(Policy::none()).build().expect("a client"), cookies: HashMap::new() }
    }

    /// One page, with what is kept for its host.
    pub(super) async fn get(&mut self, url: &Url) -> Page {
        let jar = self.cookies.entry(url.port().expect("a port")).or_default();
        let cookies: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = self.http.get(url.clone()).header("cookie", cookies.join("; ")).send().await.expect("an answer");
        let set: Vec<String> = answer.headers().get_all("set-cookie").iter().map(|set| set.to_str().expect("text").to_owned()).collect();
        for line in &set {
            let (name, value) = line.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            if value.is_empty() { drop(jar.remove(name)) } else { drop(jar.insert(name.to_owned(), value.to_owned())) }
        }
        let location = answer.headers().get("location").map(|to| url.join(to.to_str().expect("text")).expect("a URL"));
        let (status, text) = (answer.status(), answer.text().await.expect("a body"));
        Page { status, location, set, said: serde_json::from_str(&text).unwrap_or_default() }
    }

    /// To the provider, and as far as the address that it sends people back to.
    pub(super) async fn away(&mut self, server: &Server, path: &str) -> Url {
        let mut page = self.get(&at(server, path)).await;
        for _ in 0..10 {
            let to = page.location.unwrap_or_else(|| panic!("no redirect but {} {}", page.status, page.said));
            if to.as_str().starts_with(PUBLIC) {
                return at(server, &format!("{}?{}", to.path(), to.query().unwrap_or_default()));
            }
            page = self.get(&to).await;
        }
        panic!("the provider sends nobody back");
    }

    /// There and back.
    pub(super) async fn through(&mut self, server: &Server, path: &str) -> Page {
        let back = self.away(server, path).await;
        self.get(&back).await
    }
}

pub(super) fn at(server: &Server, path: &str) -> Url {
    Url::parse(&format!("http://{}{path}", server.address)).expect("a URL")
}
