use super::{Permission, Role};

#[test]
fn each_role_permits_what_it_is_for_and_nothing_else() {
    use Permission::{
        Learn, ManageAccounts, ManageClusters, ManageSessions, ManageWorkshops, OperateEnvironments, OperatePlatform, ReadClusters,
        ReadEvents, RotateClusterCredentials, WriteWorkshops,
    };
    let all = [
        Learn,
        WriteWorkshops,
        ManageWorkshops,
        ReadEvents,
        ManageAccounts,
        ManageSessions,
        ReadClusters,
        ManageClusters,
        RotateClusterCredentials,
        OperateEnvironments,
        OperatePlatform,
    ];
    let permitted = |role: Role| all.into_iter().filter(|permission| role.permits(*permission)).collect::<Vec<_>>();
    assert_eq!(permitted(Role::Learner), [Learn]);
    assert_eq!(permitted(Role::Author), [Learn, WriteWorkshops]);
    assert_eq!(permitted(Role::Analyst), [Learn, ReadEvents]);
    assert_eq!(permitted(Role::Administrator), all);
}

#[test]
fn a_role_is_stored_under_its_name() {
    for role in Role::ALL {
        assert_eq!(serde_json::to_value(role).expect("a role is JSON"), role.name());
    }
}
