//! Requests to the API that ask for too much, for what is another's, or for nothing that makes sense.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{cases, expanded, expanded_in, is_well, memory, none_differs};
use crate::{
    people::Person,
    site::{Server, Site},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Case {
    name: String,
    /// Other than POST.
    method: Option<String>,
    /// Behind the path.
    #[serde(default)]
    uri: String,
    /// The document, where there is nothing else to be sent.
    query: Option<String>,
    variables: Option<Value>,
    /// The whole request instead.
    body: Option<Value>,
    /// The same to the byte.
    text: Option<String>,
    #[serde(default)]
    headers: Map<String, Value>,
    /// Whether it is asked by somebody who is signed in, and holds no role but that of learners.
    #[serde(default)]
    signed_in: bool,
    /// The status, if it is not 200.
    status: Option<u16>,
    /// The code of the first error; none, if there is to be none.
    code: Option<String>,
    /// Words of its message, or of all that is answered.
    says: Option<String>,
}

impl Case {
    fn body(&self) -> String {
        match (&self.text, &self.body, &self.query) {
            (Some(text), _, _) => expanded(text),
            (None, Some(body), _) => expanded_in(body).to_string(),
            (None, None, Some(query)) => {
                let mut body = Map::from_iter([("query".to_owned(), Value::String(expanded(query)))]);
                body.extend(self.variables.as_ref().map(|variables| ("variables".to_owned(), expanded_in(variables))));
                Value::Object(body).to_string()
            }
            (None, None, None) => String::new(),
        }
    }
}

/// Where the answer differs from what it must be.
async fn asked(server: &Server, http: &reqwest::Client, kit: &Person, case: &Case) -> Result<(), String> {
    let method = Method::from_bytes(case.method.as_deref().unwrap_or("POST").as_bytes()).expect("a method");
    let mut request = http.request(method, format!("http://{}/graphql{}", server.address, case.uri)).body(case.body());
    if !case.headers.contains_key("content-type") {
        request = request.header("content-type", "application/json");
    }
    for (name, value) in &case.headers {
        request = request.header(name, expanded(value.as_str().expect("a header")));
    }
    if case.signed_in {
        request = request.bearer_auth(&kit.tokens.access);
    }
    let response = request.send().await.map_err(|error| error.to_string())?;
    let (status, text) = (response.status().as_u16(), response.text().await.map_err(|error| error.to_string())?);
    let body: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    let code = body["errors"][0]["extensions"]["code"].as_str();
    let told = if body["errors"].is_array() { body["errors"].to_string() } else { text.clone() };
    let says = case.says.as_ref().is_none_or(|words| told.contains(words.as_str()));
    let leaks = ["panicked", "sqlx", "SQLITE", "src/", ".rs:", "Did you mean"].iter().any(|word| text.contains(word));
    if status != case.status.unwrap_or(200) || code != case.code.as_deref() || !says || leaks {
        return Err(format!("{status} {text:.300}"));
    }
    Ok(())
}

#[tokio::test]
async fn requests_are_answered_as_the_corpus_says() {
    let site = Site::new();
    let server = site.serve();
    let kit = Person::register(&server, "kit").await;
    // Each on a connection of its own: what is too large is answered before it is read, and its connection closed.
    let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().expect("a client");
    let cases = cases::<Case>("graphql", 150);
    let mut findings = Vec::new();
    let mut grown = Vec::new();
    // The first time memory is taken that is kept; after that nothing more is.
    for _ in 0..3 {
        for case in &cases {
            if let Err(answered) = asked(&server, &http, &kit, case).await {
                findings.push(format!("{}: {answered}", case.name));
            }
        }
        grown.push(memory(&server));
    }
    none_differs(&findings);
    assert!(grown[2] < grown[0] + (64 << 10), "it grew: {grown:?} KiB");
    is_well(&server).await;
    server.stop();
}
