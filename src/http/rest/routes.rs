//! Which routes there are, and what each needs of whoever asks. There is no other way to become one than by this table, and none into
//! the table without saying it; the document of all routes says it as well.

use std::sync::Arc;

use commands::authorization::{Act, acts, reads};
use utoipa::openapi::OpenApi as Document;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

use super::{account_export, audit, avatars, calendars, check_ins, guests, infrastructures, keys, payments, registrations, runs, usage};
use crate::http::Shared;

type Route = UtoipaMethodRouter<Arc<Shared>>;

/// What a route needs of whoever asks.
enum Needs {
    /// What this needs wherever else it is asked for.
    For(Act),
    /// Nothing, for a reason.
    Public(&'static str),
}

use Needs::{For, Public};

fn table() -> Vec<(Route, Needs)> {
    vec![
        (routes!(infrastructures::list), For(reads::CLUSTERS)),
        (routes!(infrastructures::register), For(acts::CLUSTER_REGISTER)),
        (routes!(infrastructures::replace), For(acts::CLUSTER_REVISE)),
        (routes!(infrastructures::remove), For(acts::CLUSTER_REMOVE)),
        (routes!(infrastructures::test), For(acts::CLUSTER_TEST)),
        (routes!(usage::usage), For(reads::RESOURCE_USAGE)),
        (routes!(audit::export), For(reads::AUDIT_TRAIL)),
        (routes!(registrations::export), For(reads::REGISTRATIONS)),
        (routes!(runs::export), For(reads::RUN_DASHBOARD)),
        (routes!(account_export::export), For(acts::ACCOUNT_EXPORT_FETCH)),
        (routes!(avatars::put), For(acts::AVATAR_UPLOAD)),
        (routes!(avatars::get), Public("pictures are seen beside names, and their ids are not to be guessed")),
        (routes!(keys::jwks), Public("the public halves of keys")),
        (routes!(calendars::of_run), For(reads::RUN)),
        (routes!(calendars::of_registration), For(reads::REGISTRATION)),
        (routes!(calendars::create_feed), For(acts::CALENDAR_FEED_CREATE)),
        (routes!(calendars::feed), Public("the token of the private link is looked at")),
        (routes!(check_ins::code), For(reads::REGISTRATION)),
        (routes!(check_ins::text), For(reads::REGISTRATION)),
        (routes!(check_ins::check_in), For(acts::REGISTRATION_CHECK_IN)),
        (routes!(payments::open), For(acts::PAYMENT_OPEN)),
        (routes!(payments::hear), Public("the provider's signature is looked at")),
        (routes!(guests::see), Public("the token of the guest's link is looked at")),
        (routes!(guests::register), For(acts::GUEST_REGISTER)),
        (routes!(guests::withdraw), For(acts::GUEST_WITHDRAW)),
        (routes!(guests::transfer), For(acts::GUEST_TRANSFER)),
        (routes!(guests::answer_offer), For(acts::GUEST_ANSWER_OFFER)),
        (routes!(guests::pay), For(acts::GUEST_PAYMENT_OPEN)),
        (routes!(guests::erase), For(acts::GUEST_ERASE)),
        (routes!(guests::calendar), Public("the token of the guest's link is looked at")),
        (routes!(guests::code), Public("the token of the guest's link is looked at")),
    ]
}

/// All of them, behind what is said of them together.
pub(super) fn all(described: Document) -> OpenApiRouter<Arc<Shared>> {
    let add = |router: OpenApiRouter<Arc<Shared>>, (route, needs): (Route, Needs)| router.routes(needs.stated(route));
    table().into_iter().fold(OpenApiRouter::with_openapi(described), add)
}

impl Needs {
    /// A route that says in its document what it needs: the name of an act, or why it is public.
    fn stated(&self, (schemas, mut paths, methods): Route) -> Route {
        let (name, value) = match self {
            For(act) => ("x-needs", act.name),
            Public(why) => ("x-public", *why),
        };
        for item in paths.paths.values_mut() {
            let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
            for operation in operations.into_iter().flatten() {
                operation.extensions.get_or_insert_default().insert(name.to_owned(), value.into());
            }
        }
        (schemas, paths, methods)
    }
}
