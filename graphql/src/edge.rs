//! Where requests come in: HTTP for queries and mutations, web sockets for subscriptions.

mod authentication;
mod circumstances;
mod client;
mod http;
mod origin;
mod refusal;
mod request;
mod socket;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};

use crate::{
    options::Options,
    schema::{Schema, schema},
    services::Services,
};
pub use authentication::{Unidentified, anonymous, identify};
use circumstances::Circumstances;
pub use client::{Client, address};
pub use origin::is_allowed as origin_is_allowed;
use refusal::Refusal;

/// What `GraphiQL` needs, which comes from elsewhere: it is served in development alone.
const GRAPHIQL: &str = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// What all requests share.
struct Api {
    schema: Schema,
    services: Services,
    options: Options,
}

impl Api {
    /// Counts a request, whatever becomes of it.
    ///
    /// # Errors
    /// [`Failure::RateLimited`](crate::failure::Failure).
    fn count(&self, circumstances: &Circumstances) -> crate::failure::Result<()> {
        Ok(self.options.rates.address(circumstances.address, 1)?)
    }
}

/// Serves `/graphql` and `/graphql/ws`. Must be called within a Tokio runtime. Addresses of callers are recorded if the
/// server is made with `into_make_service_with_connect_info::<SocketAddr>()`.
pub fn router(services: Services, options: Options) -> Router {
    let api = Arc::new(Api { schema: schema(services.clone(), &options), services, options });
    Router::new()
        .route("/graphql", post(http::execute).get(graphiql).fallback(no_such_method))
        .route("/graphql/ws", get(socket::upgrade))
        .with_state(api)
}

async fn graphiql(State(api): State<Arc<Api>>) -> Response {
    if !api.options.development {
        return no_such_method().await;
    }
    let page = async_graphql::http::GraphiQLSource::build().endpoint("/graphql").subscription_endpoint("/graphql/ws").finish();
    ([("content-security-policy", GRAPHIQL)], Html(page)).into_response()
}

async fn no_such_method() -> Response {
    let refusal = Refusal::bad(StatusCode::METHOD_NOT_ALLOWED, "expected POST; subscriptions are at /graphql/ws");
    ([("allow", "POST")], refusal).into_response()
}
