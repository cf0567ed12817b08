use domain::{
    Decider,
    identity::{
        Permission, RoleDescription, RoleName,
        role_book::{Definition, RoleBook, RoleBookEvent},
    },
    kernel::{AccountId, RoleId},
};

use super::{Entity, Model, all, find_many};
use crate::{
    column::Json,
    fixtures::{World, catch_up, id, recorded, rows, second},
};

fn definition(name: &str, permissions: &[Permission]) -> Definition {
    let description = RoleDescription::try_new("for tests").expect("a description");
    Definition { name: RoleName::try_new(name).expect("a name"), description, permissions: permissions.iter().copied().collect() }
}

fn defined(role: u128, name: &str) -> RoleBookEvent {
    RoleBookEvent::Defined { role: RoleId(id(role)), definition: definition(name, &[Permission::Learn]) }
}

#[test]
fn a_role_is_as_it_was_last_revised() {
    let revised = RoleBookEvent::Revised { role: RoleId(id(7)), definition: definition("Nights", &[Permission::ReadEvents]) };
    let appointed = RoleBookEvent::SuperAdministratorAppointed { account: AccountId(id(1)) };
    let events = [recorded(1, RoleBook::ID, defined(7, "Days")), recorded(2, RoleBook::ID, revised), recorded(3, RoleBook::ID, appointed)];
    let expected = Model {
        role: id(7),
        name: "Nights".into(),
        description: "for tests".into(),
        permissions: Json([Permission::ReadEvents].into()),
        defined_at: second(1),
    };
    assert_eq!(rows(&Entity, &events), [expected]);
}

#[tokio::test]
async fn roles_are_listed_by_name_and_found_by_id() {
    let world = World::new().await;
    world.append(RoleBook::STREAM, RoleBook::ID, &[defined(7, "Nights"), defined(8, "Days")]).await;
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, world.head().await).await;
    let names = |rows: Vec<Model>| rows.into_iter().map(|row| row.name).collect::<Vec<_>>();
    assert_eq!(names(all(projections.db()).await.expect("rows")), ["Days", "Nights"]);
    let found = find_many(projections.db(), &[RoleId(id(7)), RoleId(id(9))]).await.expect("rows");
    assert_eq!(names(found), ["Nights"]);
}
