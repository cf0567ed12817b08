use uuid::Uuid;

use super::{AnyRole, Permission, Role, RoleDescription, RoleName};
use crate::{identity::IdentityRejection as Rejection, kernel::RoleId};

#[test]
fn each_role_permits_what_it_is_for_and_nothing_else() {
    use Permission::{
        Learn, ManageSessions, ManageWorkshops, ModerateCommunities, OrganiseRuns, OwnPlatform, PublishWorkshops, ReadAccounts, ReadAudit,
        ReadEvents, WriteWorkshops,
    };
    let permitted = |role: Role| role.permissions().into_iter().collect::<Vec<_>>();
    assert_eq!(permitted(Role::Learner), [Learn]);
    assert_eq!(permitted(Role::Author), [Learn, WriteWorkshops, PublishWorkshops]);
    assert_eq!(permitted(Role::Organiser), [Learn, OrganiseRuns]);
    assert_eq!(permitted(Role::Moderator), [Learn, ManageWorkshops, ModerateCommunities]);
    assert_eq!(permitted(Role::Support), [Learn, ManageSessions, ReadAccounts]);
    assert_eq!(permitted(Role::Sales), [Learn, ReadAccounts]);
    assert_eq!(permitted(Role::Finance), [Learn, ReadAccounts]);
    assert_eq!(permitted(Role::Analyst), [Learn, ReadEvents, ReadAudit]);
    let all: Vec<_> = Permission::ALL.to_vec();
    assert_eq!(permitted(Role::SuperAdministrator), all);
    assert_eq!(permitted(Role::Administrator), all.into_iter().filter(|permission| *permission != OwnPlatform).collect::<Vec<_>>());
}

#[test]
fn a_role_is_stored_under_its_name() {
    for role in Role::ALL {
        assert_eq!(serde_json::to_value(role).expect("a role is JSON"), role.name());
        let any = AnyRole::from(role);
        assert_eq!(serde_json::to_value(any).expect("JSON"), role.name());
        assert_eq!(role.name().parse(), Ok(any));
    }
    let defined = AnyRole::from(RoleId(Uuid::from_u128(7)));
    let stored = serde_json::to_value(defined).expect("JSON");
    assert_eq!(stored, "rol_00000000000000000000000000000007");
    assert_eq!(serde_json::from_value::<AnyRole>(stored).expect("a role"), defined);
}

#[test]
fn roles_of_the_platform_are_not_held_within_anything() {
    let everywhere = [Role::Learner, Role::Administrator, Role::SuperAdministrator];
    for role in Role::ALL {
        assert_eq!(AnyRole::from(role).may_be_within(), !everywhere.contains(&role), "{role:?}");
    }
    assert!(AnyRole::from(RoleId(Uuid::from_u128(7))).may_be_within());
}

#[test]
fn what_is_no_role_is_said_to_be_none() {
    for text in ["", "Learner", "owner", "rol_7", "acc_00000000000000000000000000000007"] {
        assert_eq!(text.parse::<AnyRole>(), Err(Rejection::RoleNotFound), "{text}");
    }
}

#[test]
fn names_and_descriptions_are_short_and_hide_nothing() {
    assert_eq!(RoleName::try_new("  Night shift ").expect("a name").as_str(), "Night shift");
    for text in ["", " ", "a\nb", "a\u{202e}b", &"x".repeat(61)] {
        assert_eq!(RoleName::try_new(text), Err(Rejection::RoleNameInvalid), "{text:?}");
    }
    assert_eq!(RoleDescription::try_new("").expect("nothing to say").as_str(), "");
    for text in ["a\u{7}", &"x".repeat(501)] {
        assert_eq!(RoleDescription::try_new(text), Err(Rejection::RoleDescriptionInvalid), "{text:?}");
    }
}
