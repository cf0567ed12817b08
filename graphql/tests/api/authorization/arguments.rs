//! The least that a field can be asked with, about things that are nobody's.

use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, ServiceDocument, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A field of a root, and how it is asked for.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) operation: String,
    pub(super) variables: Value,
}

impl Field {
    pub(super) fn of(schema: &ServiceDocument, root: &str, field: &FieldDefinition) -> Self {
        let name = field.name.node.to_string();
        let arguments: Vec<_> =
            field.arguments.iter().map(|argument| &argument.node).filter(|argument| is_asked(&name, argument)).collect();
        let values = arguments.iter().map(|argument| (argument.name.node.to_string(), value(schema, &name, argument)));
        let variables: Map<_, _> = values.collect();
        let listed = |text: fn(&InputValueDefinition) -> String| {
            let all = arguments.iter().map(|argument| text(argument)).collect::<Vec<_>>().join(", ");
            if all.is_empty() { all } else { format!("({all})") }
        };
        let declared = listed(|argument| format!("${}: {}", argument.name.node, argument.ty.node));
        let given = listed(|argument| format!("{0}: ${0}", argument.name.node));
        let kind = root.to_lowercase();
        let selection = if is_leaf(schema, &field.ty.node) { "" } else { " { __typename }" };
        Self { operation: format!("{kind}{declared} {{ {name}{given}{selection} }}"), name, variables: variables.into() }
    }
}

/// What must be given, and what asks for somebody else's.
pub(super) fn is_asked(field: &str, argument: &InputValueDefinition) -> bool {
    let required = !argument.ty.node.nullable && argument.default_value.is_none();
    // Where a run takes place, and who has come to it, is said in one of two ways.
    let asked = [
        ("sessions", "filter"),
        ("planUsage", "accountId"),
        ("runSchedule", "link"),
        ("runRevise", "link"),
        ("registrationCheckIn", "registrationId"),
    ];
    required || asked.contains(&(field, argument.name.node.as_str()))
}

/// Where in the arguments of a field an id is given, as names from the argument inwards.
pub(super) fn ids(schema: &ServiceDocument, field: &FieldDefinition) -> Vec<Vec<String>> {
    field.arguments.iter().flat_map(|argument| ids_below(schema, &argument.node)).collect()
}

fn ids_below(schema: &ServiceDocument, argument: &InputValueDefinition) -> Vec<Vec<String>> {
    let (name, of) = (argument.name.node.to_string(), base(&argument.ty.node));
    if of == "ID" || (of == "String" && TEXTS.contains(&name.as_str())) {
        return vec![vec![name]];
    }
    let Some(TypeKind::InputObject(object)) = definition(schema, of).map(|found| &found.kind) else { return vec![] };
    let inner = object.fields.iter().flat_map(|member| ids_below(schema, &member.node));
    inner.map(|path| [vec![name.clone()], path].concat()).collect()
}

/// Texts that name a thing as an id does.
const TEXTS: [&str; 4] = ["slug", "streamId", "actor", "subject"];

pub(super) fn definition<'s>(schema: &'s ServiceDocument, name: &str) -> Option<&'s TypeDefinition> {
    schema.definitions.iter().find_map(|definition| match definition {
        TypeSystemDefinition::Type(found) if found.node.name.node == name => Some(&found.node),
        _ => None,
    })
}

pub(super) fn base(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(of) => base(of),
    }
}

pub(super) fn is_leaf(schema: &ServiceDocument, of: &Type) -> bool {
    definition(schema, base(of)).is_none_or(|found| matches!(found.kind, TypeKind::Scalar | TypeKind::Enum(_)))
}

pub(super) fn value(schema: &ServiceDocument, field: &str, argument: &InputValueDefinition) -> Value {
    let name = argument.name.node.as_str();
    match (field, name) {
        ("sessions", "filter") => return json!({ "everybody": true }),
        // Without a challenge it is for whoever is signed in.
        ("secondFactorCodeSend", "input") => return json!({ "channel": "TEXT", "challenge": "x" }),
        ("roleDefine", "permissions") => return json!(["session:take"]),
        ("registrationTransfer" | "guestInvite" | "guestWithdrawInvitation", "email") => return "never@example.org".into(),
        (_, "currency") => return "EUR".into(),
        (_, "timeZone") => return "UTC".into(),
        _ => {}
    }
    let of = match &argument.ty.node.base {
        BaseType::List(_) => return json!([]),
        BaseType::Named(name) => name.as_str(),
    };
    match (of, definition(schema, of).map(|found| &found.kind)) {
        ("ID", _) => id(field, name).into(),
        ("String", _) => "x".into(),
        ("Int" | "Float", _) => 1.into(),
        ("Boolean", _) => true.into(),
        ("DateTime", _) => "2020-01-01T00:00:00Z".into(),
        ("LocalDateTime", _) => "2030-01-01T09:00".into(),
        (_, Some(TypeKind::Enum(values))) => values.values[0].node.value.node.as_str().into(),
        (_, Some(TypeKind::InputObject(object))) => {
            let one_of = definition(schema, of).is_some_and(|found| found.directives.iter().any(|found| found.node.name.node == "oneOf"));
            let members = object.fields.iter().map(|member| &member.node);
            let wanted: Vec<_> =
                if one_of { members.take(1).collect() } else { members.filter(|member| is_asked(field, member)).collect() };
            wanted.into_iter().map(|member| (member.name.node.to_string(), value(schema, field, member))).collect::<Map<_, _>>().into()
        }
        (other, _) => panic!("{field}.{name}: what is a {other}?"),
    }
}

/// An id of the right kind of something that is not there.
fn id(field: &str, argument: &str) -> String {
    let prefix = match (field, argument) {
        ("roleRevise", "role") => "rol",
        (_, "role") => return "author".into(),
        ("providerUnlink", "identity") => return Uuid::new_v4().to_string(),
        ("node", "id") | ("history", "nodeId") | (_, "accountId" | "instructorId" | "learnerId") => "acc",
        ("session" | "sessionChanged", "id") | (_, "sessionId") => "ses",
        ("environment", "id") | (_, "environmentId") => "env",
        ("cluster" | "clusterChanged", "id") | (_, "clusterId") => "cls",
        (_, "workshopId") => "wks",
        ("run", "id") | (_, "runId") => "run",
        ("registration", "id") | (_, "registrationId") => "reg",
        (_, "paymentId") => "pay",
        (_, "refundId") => "rfd",
        ("community", "id") | (_, "communityId" | "within") => "com",
        (_, "deviceId") => "sgn",
        (_, "tokenId" | "accessTokenId") => "pat",
        (_, "serviceAccountId") => "svc",
        (_, "mailId") => "mal",
        (_, "passkeyId") => "psk",
        _ => panic!("{field}.{argument}: of what is it the id?"),
    };
    format!("{prefix}_{}", Uuid::new_v4().simple())
}
