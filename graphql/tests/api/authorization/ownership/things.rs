//! Things of all kinds, and whose they are.

use std::collections::HashMap;

use commands::Request;
use domain::{
    identity::Role,
    kernel::{AccountId, EnvironmentId},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    communities,
    runs::{self, Visitor},
};
use crate::{
    clusters::registered,
    learning::{COMPLETE, step},
    passkeys::registered as registered_by,
    placement::place,
    platform::{Person, Platform, content, pages},
};

/// Of what something is the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::authorization) enum Kind {
    Account,
    /// Of events, by an account's id.
    Stream,
    Session,
    Environment,
    Workshop,
    /// The name of a workshop in addresses.
    Slug,
    Device,
    Token,
    Cluster,
    Mail,
    Role,
    Service,
    /// With a person at a provider, and looked for among one's own alone. There is no provider here to link with.
    Link,
    Passkey,
    Run,
    /// A run of which nobody was told yet.
    Draft,
    Registration,
    Payment,
    Refund,
    Community,
}

/// Whose something is, to whoever asks. Tenants are communities: roles are held within one of them, and are worth nothing in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::authorization) enum Relation {
    /// Nobody's: it was never there.
    Absent,
    Others,
    /// Somebody else's; it was ended, archived, revoked or removed.
    OthersGone,
    /// Somebody else's, and published.
    Public,
    /// Of a person who was erased.
    Erased,
    OwnGone,
    Own,
    /// Somebody else's, with whom one has it: a registration for a run of one's own.
    Hosted,
    /// A community of somebody else's in which somebody else holds a role. Whoever holds a role within one holds none within this one.
    OtherTenants,
    /// A community of somebody else's; whoever holds a role within one holds it within this one.
    Within,
}

use Relation::{Absent, Erased, Hosted, OtherTenants, Others, OthersGone, Own, OwnGone, Public, Within};

impl Relation {
    /// All there are, in the order in which they are asked for. One's own comes last: it may end with being asked for.
    pub(in crate::authorization) const ALL: [Self; 10] =
        [Absent, Others, OthersGone, Public, Erased, Hosted, OtherTenants, Within, OwnGone, Own];
}

impl Kind {
    /// Why nothing of it is anybody's in this way. What is not listed here there is, and it is asked for.
    #[expect(clippy::unnested_or_patterns, reason = "a line for each kind of thing")]
    pub(in crate::authorization) const fn lacks(self, relation: Relation) -> Option<&'static str> {
        match (self, relation) {
            (_, Absent)
            | (Self::Account | Self::Stream | Self::Passkey, Others | Erased | Own)
            | (Self::Session | Self::Environment | Self::Device | Self::Token, Others | OthersGone | Erased | OwnGone | Own)
            | (Self::Community, Others | OthersGone | Erased | OtherTenants | Within | OwnGone | Own)
            | (Self::Workshop | Self::Slug | Self::Run, Others | OthersGone | Public | Erased | OwnGone | Own)
            | (Self::Cluster, Others | OthersGone)
            | (Self::Mail | Self::Role | Self::Service | Self::Payment | Self::Refund, Others)
            | (Self::Draft, Others | Erased | Own)
            | (Self::Registration, Others | OthersGone | Erased | Hosted | OwnGone | Own) => None,
            (Self::Link, _) => Some("there is no provider here to link with"),
            (_, OtherTenants | Within) => Some("it belongs to no community"),
            (Self::Cluster | Self::Mail | Self::Role | Self::Service | Self::Payment | Self::Refund, _) => {
                Some("nobody who asks has one of their own")
            }
            (_, Hosted) => Some("registrations alone are had with somebody"),
            (_, Public) => Some("nothing of its kind is published"),
            (Self::Account | Self::Stream, OthersGone | OwnGone) => Some("accounts end by being erased"),
            (Self::Passkey, OthersGone | OwnGone) => Some("a passkey that was removed is one that is not there"),
            (Self::Draft, OthersGone | OwnGone) => Some("once it is called off it is a run like any other"),
        }
    }

    fn absent(self) -> String {
        let prefix = match self {
            Self::Account | Self::Stream => "acc",
            Self::Session => "ses",
            Self::Environment => "env",
            Self::Workshop => "wks",
            Self::Slug => return "never-there".into(),
            Self::Device => "sgn",
            Self::Token => "pat",
            Self::Cluster => "cls",
            Self::Mail => "mal",
            Self::Role => "rol",
            Self::Service => "svc",
            Self::Link => return Uuid::new_v4().to_string(),
            Self::Passkey => "psk",
            Self::Run | Self::Draft => "run",
            Self::Registration => "reg",
            Self::Payment => "pay",
            Self::Refund => "rfd",
            Self::Community => "com",
        };
        format!("{prefix}_{}", Uuid::new_v4().simple())
    }
}

/// Ids by what they are of and whose. What is asked for is one's own, or else everybody's.
#[derive(Clone, Default)]
pub(in crate::authorization) struct Things(HashMap<(Kind, Relation), String>);

impl Things {
    pub(in crate::authorization) fn id(&self, kind: Kind, relation: Relation) -> Option<&String> {
        self.0.get(&(kind, relation))
    }

    pub(super) fn keep(&mut self, kind: Kind, relation: Relation, id: impl Into<String>) {
        self.0.insert((kind, relation), id.into());
    }

    pub(super) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    fn renamed(self, as_what: impl Fn(Relation) -> Option<Relation>) -> impl Iterator<Item = ((Kind, Relation), String)> {
        self.0.into_iter().filter_map(move |((kind, relation), id)| Some(((kind, as_what(relation)?), id)))
    }
}

/// What somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::authorization) enum Asks {
    /// To look. Nothing looks for devices, tokens and passkeys by their ids.
    Reads,
    Anything,
}

const DRAFT: &str = "mutation($input: WorkshopDraftInput!) { workshopDraft(input: $input) { workshop { id } errors { message } } }";
const ARCHIVE: &str = "mutation($input: WorkshopArchiveInput!) { workshopArchive(input: $input) { errors { code } } }";
const ABANDON: &str = "mutation($input: SessionAbandonInput!) { sessionAbandon(input: $input) { errors { code } } }";
const CREATE: &str = "mutation($input: AccessTokenCreateInput!) { accessTokenCreate(input: $input) { accessTokenId errors { code } } }";
const REVOKE: &str = "mutation($input: AccessTokenRevokeInput!) { accessTokenRevoke(input: $input) { errors { code } } }";
const DEVICES: &str = "{ devices { nodes { id isCurrent } } }";

/// Environments of it are made on a cluster.
fn on_cluster() -> Value {
    let mut content = content();
    content["visibility"] = "PRIVATE".into();
    content["environment"]["kubernetes"] = json!({ "nodeSelector": [{ "key": "cluster", "value": "frankfurt" }] });
    content
}

/// One thing of each kind that people have and ask for, and one that is gone. A role of authors is held meanwhile.
pub(in crate::authorization) async fn of(platform: &Platform, person: &Person, public: &str, asks: Asks) -> Things {
    let mut things = Things::default();
    communities::of(platform, person, &mut things).await;
    things.keep(Kind::Account, Own, &person.id);
    things.keep(Kind::Stream, Own, &person.id);
    if asks == Asks::Anything {
        things.keep(Kind::Passkey, Own, registered_by(platform, person).await.0);
        ways_in(platform, person, &mut things).await;
    }
    let (identity, system) = (&platform.services.commands.identity, Request::system("test"));
    let account: AccountId = person.id.parse().expect("an id");
    let was_author = platform.data(Some(person), "{ permissions { name } }", json!({})).await.to_string().contains("workshop:write");
    if !was_author {
        identity.grant_role(&system, account, Role::Author.into(), None).await.expect("decided");
    }
    for relation in [OwnGone, Own] {
        let slug = format!("{}-{relation:?}", person.email.split('@').next().expect("a name")).to_lowercase();
        let data = platform.data(Some(person), DRAFT, json!({ "input": { "slug": slug, "content": on_cluster() } })).await;
        let id = data["workshopDraft"]["workshop"]["id"].as_str().unwrap_or_else(|| panic!("no workshop: {data}")).to_owned();
        if relation == OwnGone {
            platform.data(Some(person), ARCHIVE, json!({ "input": { "workshopId": id } })).await;
        }
        things.keep(Kind::Slug, relation, slug);
        things.keep(Kind::Workshop, relation, id);
    }
    if !was_author {
        identity.revoke_role(&system, account, Role::Author.into()).await.expect("decided");
    }
    for relation in [OwnGone, Own] {
        let session = platform.session(person, public).await;
        let environment = environment_of(platform, person, &session).await;
        if relation == OwnGone {
            platform.data(Some(person), ABANDON, json!({ "input": { "sessionId": session } })).await;
        }
        things.keep(Kind::Session, relation, session);
        things.keep(Kind::Environment, relation, environment.to_string());
    }
    things
}

/// Tokens and devices of somebody, one that is good and one that is not any more.
async fn ways_in(platform: &Platform, person: &Person, things: &mut Things) {
    for relation in [OwnGone, Own] {
        let until = chrono::Utc::now() + chrono::TimeDelta::days(30);
        let input = json!({ "name": "pipeline", "scopes": ["session:take"], "expiresAt": until });
        let data = platform.data(Some(person), CREATE, json!({ "input": input })).await;
        let token = data["accessTokenCreate"]["accessTokenId"].as_str().unwrap_or_else(|| panic!("no token: {data}")).to_owned();
        if relation == OwnGone {
            platform.data(Some(person), REVOKE, json!({ "input": { "accessTokenId": token } })).await;
        }
        things.keep(Kind::Token, relation, token);
        let elsewhere = platform.sign_in(&person.email).await;
        let devices = platform.until(&elsewhere, DEVICES, json!({}), |data| current(data).is_some()).await;
        things.keep(Kind::Device, relation, current(&devices).expect("a device"));
        if relation == OwnGone {
            platform.data(Some(&elsewhere), "mutation { signOut { errors { code } } }", json!({})).await;
        }
    }
}

fn current(devices: &Value) -> Option<String> {
    let nodes = devices["devices"]["nodes"].as_array()?;
    nodes.iter().find(|node| node["isCurrent"] == true).and_then(|node| node["id"].as_str()).map(str::to_owned)
}

async fn environment_of(platform: &Platform, person: &Person, session: &str) -> EnvironmentId {
    let query = "query($id: ID!) { session(id: $id) { environment { id } } }";
    let there = |data: &Value| !data["session"]["environment"].is_null();
    let data = platform.until(person, query, json!({ "id": session }), there).await;
    data["session"]["environment"]["id"].as_str().expect("an id").parse().expect("an id")
}

/// Kinds of things of which nobody has one whose id is made up.
const KINDS: [Kind; 20] = [
    Kind::Account,
    Kind::Stream,
    Kind::Session,
    Kind::Environment,
    Kind::Workshop,
    Kind::Slug,
    Kind::Device,
    Kind::Token,
    Kind::Cluster,
    Kind::Mail,
    Kind::Role,
    Kind::Service,
    Kind::Link,
    Kind::Passkey,
    Kind::Run,
    Kind::Draft,
    Kind::Registration,
    Kind::Payment,
    Kind::Refund,
    Kind::Community,
];

/// What all see alike: things of somebody else, of somebody who was erased, and of nobody. The workshop is published by somebody else.
pub(in crate::authorization) async fn common(platform: &Platform) -> (Things, Visitor) {
    let mut things = Things::default();
    for kind in KINDS {
        things.keep(kind, Absent, kind.absent());
    }
    let root = platform.person("root", &[Role::SuperAdministrator]).await;
    for (relation, name) in [(Others, "frankfurt"), (OthersGone, "bremen")] {
        things.keep(Kind::Cluster, relation, registered(platform, &root, name).await);
    }
    let remove = "mutation($input: ClusterRemoveInput!) { clusterRemove(input: $input) { errors { code } } }";
    platform.data(Some(&root), remove, json!({ "input": { "clusterId": things.0[&(Kind::Cluster, OthersGone)] } })).await;
    for relation in [Within, OtherTenants] {
        things.keep(Kind::Community, relation, communities::founded(platform, &root).await.to_string());
    }
    let define = "mutation($input: RoleDefineInput!) { roleDefine(input: $input) { role { id } } }";
    let role = json!({ "input": { "name": "Guests", "permissions": ["session:take"] } });
    let role = platform.data(Some(&root), define, role).await["roleDefine"]["role"]["id"].clone();
    things.keep(Kind::Role, Others, role.as_str().expect("an id"));
    let create = "mutation($input: ServiceAccountCreateInput!) { serviceAccountCreate(input: $input) { serviceAccountId } }";
    let until = chrono::Utc::now() + chrono::TimeDelta::days(30);
    let input = json!({ "name": "nightly", "scopes": ["session:take"], "expiresAt": until });
    let service = platform.data(Some(&root), create, json!({ "input": input })).await;
    things.keep(Kind::Service, Others, service["serviceAccountCreate"]["serviceAccountId"].as_str().expect("an id"));

    let other = platform.person("other", &[Role::Author]).await;
    let mut published = pages(2);
    published["environment"] = on_cluster()["environment"].clone();
    let public = platform.workshop(&other, "public", published).await;
    let account: AccountId = other.id.parse().expect("an id");
    let (identity, system) = (&platform.services.commands.identity, Request::system("test"));
    let visitor = runs::visitor(platform).await;
    things.keep(Kind::Run, Public, visitor.run.to_string());
    let others = of(platform, &other, &public, Asks::Anything).await.and(runs::of(platform, &other, visitor).await);
    let registration = &others.0[&(Kind::Registration, Own)];
    things.keep(Kind::Payment, Others, runs::payment(platform, visitor, registration).await);
    things.keep(Kind::Refund, Others, runs::refund(platform, visitor, registration).await);
    platform.data(Some(&other), COMPLETE, step(&others.0[&(Kind::Session, Own)], "page-1")).await;
    let environment = others.0[&(Kind::Environment, Own)].parse().expect("an id");
    place(platform, &things.0[&(Kind::Cluster, Others)], environment).await;
    identity.revoke_role(&system, account, Role::Author.into()).await.expect("decided");
    things.0.extend(others.renamed(|relation| match relation {
        Own => Some(Others),
        OwnGone => Some(OthersGone),
        _ => None,
    }));
    things.keep(Kind::Workshop, Public, public.clone());
    things.keep(Kind::Slug, Public, "public");

    let gone = platform.person("gone", &[]).await;
    let erased = of(platform, &gone, &public, Asks::Anything).await.and(runs::of(platform, &gone, visitor).await);
    let account: AccountId = gone.id.parse().expect("an id");
    identity.erase(&system, account, Some("asked for")).await.expect("decided");
    things.0.extend(erased.renamed(|relation| (relation == Own).then_some(Erased)));

    let register = "mutation($input: AccountRegisterInput!) { accountRegister(input: $input) { account { id } } }";
    let input = json!({ "email": "never@example.org", "displayName": "Never", "password": crate::platform::PASSWORD });
    platform.data(None, register, json!({ "input": input })).await;
    let parked = "{ outbox(parked: true) { nodes { id } } }";
    let there = |data: &Value| !data["outbox"]["nodes"][0].is_null();
    let mails = platform.until(&root, parked, json!({}), there).await;
    things.keep(Kind::Mail, Others, mails["outbox"]["nodes"][0]["id"].as_str().expect("an id"));
    (things, visitor)
}
