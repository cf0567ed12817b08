//! What a document may ask for, checked in the order in which checking it gets dearer: before it is parsed, before
//! it is validated, and (complexity, which needs the schema) while it is.

mod document;
mod roots;
mod shape;
mod texts;

use async_graphql::Request;

pub(crate) use roots::roots;

use crate::{failure::Failure, options::Limits};

/// Refuses a document that is too large before anything costly is done with it.
///
/// # Errors
/// The limit that it exceeds, or a syntax error.
pub(crate) fn check(request: &mut Request, limits: &Limits, development: bool) -> Result<(), async_graphql::ServerError> {
    let measure = document::measure(&request.query);
    let counts = [
        ("tokens", measure.tokens, limits.tokens),
        ("aliases", measure.aliases, limits.aliases),
        ("directives", measure.directives, limits.directives),
        ("levels of brackets", measure.nesting, limits.nesting),
    ];
    for (what, has, limit) in counts {
        if has > limit {
            return Err(exceeded(what, limit));
        }
    }
    let (variables, has_escapes) = (std::mem::take(&mut request.variables), request.query.contains(['\0', '\\']));
    let document = request.parsed_query()?;
    if texts::have_nul(document, &variables, has_escapes) {
        return Err(bad("texts are taken without the character U+0000".into()));
    }
    let shape = shape::of(document).map_err(bad)?;
    if shape.introspects && !development {
        return Err(bad("introspection is off; the schema is published as schema.graphql".into()));
    }
    if shape.depth > limits.depth {
        return Err(exceeded("levels of fields", limits.depth));
    }
    // Each field counts at least once, so what is more than this would be too complex anyway: only later, and dearer.
    if shape.fields > limits.complexity {
        return Err(exceeded("fields", limits.complexity));
    }
    request.variables = variables;
    Ok(())
}

fn exceeded(what: &str, limit: usize) -> async_graphql::ServerError {
    bad(format!("the query has too many {what}; expected at most {limit}"))
}

fn bad(message: String) -> async_graphql::ServerError {
    refusal(Failure::BadInput { argument: "query".into(), message })
}

/// Why a document is not executed.
pub(crate) fn refusal(failure: Failure) -> async_graphql::ServerError {
    async_graphql::Error::from(failure).into_server_error(async_graphql::Pos::default())
}
