//! Communities, and whose they are.

use commands::{Actor, Outcome, Request};
use domain::{
    identity::Permission,
    kernel::{AccountId, SignInId},
};
use uuid::Uuid;

use super::things::{Kind, Relation, Things};
use crate::platform::{Person, Platform};

/// One that somebody founded and closed, and one that is open.
pub(super) async fn of(platform: &Platform, person: &Person, things: &mut Things) {
    let account: AccountId = person.id.parse().expect("an id");
    let actor = Actor::person(account, SignInId(Uuid::new_v4()), [Permission::Learn].into());
    let (communities, request) = (&platform.services.commands.communities, Request { actor, ..Request::system("test") });
    for relation in [Relation::OwnGone, Relation::Own] {
        let Outcome::Accepted(founded) = communities.found(&request, "Gophers", "Go, together.").await.expect("decided") else {
            panic!("no community")
        };
        if relation == Relation::OwnGone {
            communities.close(&request, founded.value).await.expect("decided");
        }
        things.keep(Kind::Community, relation, founded.value.to_string());
    }
}
