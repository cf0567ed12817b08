//! Communities, whose they are, and who is trusted with one of them alone.

use commands::{Actor, Outcome, Request, identity::RoleDraft};
use domain::{
    identity::{AnyRole, Permission, Permissions, Role},
    kernel::{AccountId, CommunityId, SignInId},
};
use uuid::Uuid;

use super::{
    Caller,
    things::{Kind, Relation, Things},
};
use crate::platform::{Person, Platform};

/// One that somebody founds.
pub(super) async fn founded(platform: &Platform, person: &Person) -> CommunityId {
    let founded = platform.services.commands.communities.found(&learner(person), "Gophers", "Go, together.").await;
    let Outcome::Accepted(founded) = founded.expect("decided") else { panic!("no community") };
    founded.value
}

/// As somebody who may learn, whatever they may otherwise.
fn learner(person: &Person) -> Request {
    let actor = Actor::person(account(person), SignInId(Uuid::new_v4()), [Permission::Learn].into());
    Request { actor, ..Request::system("test") }
}

fn account(person: &Person) -> AccountId {
    person.id.parse().expect("an id")
}

/// One that somebody founded and closed, and one that is open.
pub(super) async fn of(platform: &Platform, person: &Person, things: &mut Things) {
    for relation in [Relation::OwnGone, Relation::Own] {
        let community = founded(platform, person).await;
        if relation == Relation::OwnGone {
            platform.services.commands.communities.close(&learner(person), community).await.expect("decided");
        }
        things.keep(Kind::Community, relation, community.to_string());
    }
}

/// Whoever moderates one community, and whoever gives roles in another: each holds nothing in that of the other, and everywhere what
/// learners do.
pub(super) async fn tenants(platform: &Platform, common: &Things) -> Vec<Caller> {
    let system = Request::system("test");
    let permissions = Permissions::from([Permission::GrantRoles]);
    let draft = RoleDraft { name: "Warden".to_owned(), description: String::new(), permissions: permissions.clone() };
    let defined = platform.services.commands.identity.define_role(&system, draft).await.expect("decided");
    let Outcome::Accepted(warden) = defined else { panic!("no role") };
    let moderates = ("moderator within", AnyRole::from(Role::Moderator), Role::Moderator.permissions(), Relation::Within);
    let grants = ("warden within", AnyRole::from(warden.value), permissions, Relation::OtherTenants);
    let communities = [Relation::Within, Relation::OtherTenants].map(|relation| common.id(Kind::Community, relation).expect("a community"));
    let mut tenants = Vec::new();
    for (name, role, permissions, relation) in [moderates, grants] {
        let person = platform.person(&name.replace(' ', "-"), &[]).await;
        let [here, there] = communities;
        let (here, there) = if relation == Relation::Within { (here, there) } else { (there, here) };
        let community = here.parse().expect("an id");
        let granted = platform.services.commands.identity.grant_role_within(&system, (account(&person), community), role, None).await;
        assert!(matches!(granted.expect("decided"), Outcome::Accepted(_)), "{name}");
        let mut tenant = Caller::of(name, Some((Role::Learner.permissions(), person)));
        tenant.own.keep(Kind::Community, Relation::Within, here);
        tenant.own.keep(Kind::Community, Relation::OtherTenants, there);
        tenant.within = Some((here.clone(), permissions));
        tenants.push(tenant);
    }
    tenants
}
