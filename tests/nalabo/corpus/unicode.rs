//! Characters that hide, turn around or stand for others, in whatever takes text: each is taken as it is, or refused by a rule.

use futures_util::StreamExt;
use nalabo::client::ClientError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{cases, is_well, none_differs};
use crate::{
    authoring::reading,
    engines::{Engine, on_each_engine},
    people::{PASSWORD, Person},
    site::{Server, Site},
};

on_each_engine!(characters_are_taken_and_refused_as_the_corpus_says);

/// Where a character can be, and how it is refused there.
const FIELDS: [(&str, &str); 12] = [
    ("displayName", "DISPLAY_NAME_INVALID"),
    ("emailLocal", "EMAIL_INVALID"),
    ("emailDomain", "EMAIL_INVALID"),
    ("password", "BAD_USER_INPUT"),
    ("slug", "SLUG_INVALID"),
    ("title", "BAD_USER_INPUT"),
    ("key", "BAD_USER_INPUT"),
    ("search", "BAD_USER_INPUT"),
    ("bySlug", "BAD_USER_INPUT"),
    ("id", "BAD_USER_INPUT"),
    ("signIn", "BAD_USER_INPUT"),
    ("document", "BAD_USER_INPUT"),
];

/// A character, and where it is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Character {
    point: String,
    name: String,
    refused: Vec<String>,
    /// The code, if it is refused for another reason than usual.
    code: Option<String>,
}

/// Who asks.
struct People {
    server: Server,
    author: Person,
    administrator: Person,
}

/// What came of it: codes, or nothing where it was taken as it is.
type Told = Result<(), Vec<String>>;

fn told(answered: Result<Value, ClientError>) -> Result<Value, Vec<String>> {
    answered.map_err(|error| {
        let codes: Vec<String> = error.codes().into_iter().map(ToOwned::to_owned).collect();
        if codes.is_empty() { vec![error.to_string()] } else { codes }
    })
}

/// Whether it came back as it was sent.
fn same(returned: &Value, sent: &Value) -> Told {
    if returned == sent { Ok(()) } else { Err(vec![format!("{returned} instead of {sent}")]) }
}

impl People {
    async fn register(&self, email: &str, name: &str, password: &str) -> Result<Value, Vec<String>> {
        let input = json!({ "email": email, "displayName": name, "password": password });
        told(self.server.client().mutate("accountRegister", input, "account { displayName }").await)
    }

    async fn draft(&self, slug: &str, title: &str, key: &str) -> Result<Value, Vec<String>> {
        let mut content = reading(1, 1);
        content["title"] = title.into();
        let input = json!({ "slug": slug, "content": content, "idempotencyKey": key });
        told(self.author.client.mutate("workshopDraft", input, "workshop { draft { title } }").await)
    }

    async fn query(&self, by: Option<&Person>, query: &str, variables: Value) -> Result<Value, Vec<String>> {
        let stranger = self.server.client();
        told(by.map_or(&stranger, |person| &person.client).graphql(query, variables).await)
    }

    /// Where it was taken or refused otherwise than it must be.
    async fn finding(&self, Character { point, name, refused, code: other }: &Character, (field, code): (&str, &str)) -> Option<String> {
        let c = u32::from_str_radix(point, 16).ok().and_then(char::from_u32).expect("a character");
        let code = other.as_deref().unwrap_or(code);
        let expected = if refused.iter().any(|refused| refused == field) { Err(vec![code.to_owned()]) } else { Ok(()) };
        let told = self.put(field, c, &point.to_lowercase()).await;
        (told != expected).then(|| format!("U+{point} {name} as {field}: {told:?}"))
    }

    /// Puts a character there.
    async fn put(&self, field: &str, c: char, n: &str) -> Told {
        match field {
            "displayName" => {
                let name = format!("A{c}B");
                let payload = self.register(&format!("name-{n}@example.org"), &name, PASSWORD).await?;
                same(&payload["account"]["displayName"], &json!(name))
            }
            "emailLocal" => self.register(&format!("u{n}{c}x@example.org"), "kit", PASSWORD).await.map(drop),
            "emailDomain" => self.register(&format!("u{n}@exa{c}mple.org"), "kit", PASSWORD).await.map(drop),
            "password" => {
                let (email, password) = (format!("password-{n}@example.org"), format!("x7Qp{c}vR2m-Kd9wLz"));
                self.register(&email, "kit", &password).await?;
                let sign_in = json!({ "email": email, "password": password });
                told(self.server.client().mutate("signIn", sign_in, "accessToken").await).map(drop)
            }
            "slug" => self.draft(&format!("a{c}b"), "A workshop", &format!("slug-{n}")).await.map(drop),
            "title" => {
                let title = format!("A{c}B");
                let payload = self.draft(&format!("title-{n}"), &title, &format!("title-{n}")).await?;
                same(&payload["workshop"]["draft"]["title"], &json!(title))
            }
            "key" => self.draft(&format!("key-{n}"), "A workshop", &format!("key{c}")).await.map(drop),
            "search" => {
                let query = "query($s: String!) { accounts(search: $s) { totalCount } }";
                let found = self.query(Some(&self.administrator), query, json!({ "s": format!("zzz{c}zzz") })).await?;
                same(&found["accounts"]["totalCount"], &json!(0))
            }
            "bySlug" => {
                let query = "query($s: String!) { workshop(slug: $s) { id } workshops(filter: { search: $s }) { totalCount } }";
                let found = self.query(None, query, json!({ "s": format!("zzz{c}zzz") })).await?;
                same(&found["workshop"], &Value::Null)
            }
            "id" => self
                .query(None, "query($i: ID!) { node(id: $i) { id } }", json!({ "i": format!("ses_{c}{}", "0".repeat(31)) }))
                .await
                .map(drop),
            "signIn" => {
                let input = json!({ "email": format!("kit{c}@example.org"), "password": PASSWORD });
                match told(self.server.client().mutate("signIn", input, "accessToken").await) {
                    Err(codes) if codes == ["CREDENTIALS_WRONG"] => Ok(()),
                    Err(codes) => Err(codes),
                    Ok(_) => Err(vec!["signed in".into()]),
                }
            }
            _ => self.query(None, &format!("{{ __type{c}name }}"), Value::Null).await.map(drop),
        }
    }
}

/// How many are tried at once.
const AT_ONCE: usize = 16;

async fn characters_are_taken_and_refused_as_the_corpus_says(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let author = Person::with_role(&server, "author", "author").await;
    let administrator = Person::administrator(&server).await;
    let people = People { server, author, administrator };
    let points = cases::<Character>("unicode", 80);
    assert!(points.len() * FIELDS.len() > 900);
    let put = points.iter().flat_map(|point| FIELDS.map(|field| Box::pin(people.finding(point, field))));
    let findings: Vec<Option<String>> = futures_util::stream::iter(put).buffer_unordered(AT_ONCE).collect().await;
    let findings: Vec<String> = findings.into_iter().flatten().collect();
    none_differs(&findings);
    // What was taken can be read, and folded.
    let listed = people.author.query("{ workshops(first: 100) { nodes { slug } } }", Value::Null).await;
    assert!(listed["workshops"]["nodes"].as_array().is_some_and(|all| !all.is_empty()), "{listed}");
    is_well(&people.server).await;
    people.server.stop();
}
