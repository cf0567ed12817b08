use super::*;

#[test]
fn scopes_are_permissions_by_name_and_permit_nothing_else() {
    let scopes = Scopes::try_new(["workshop:write", "session:take", "session:take"]).expect("known");
    assert_eq!(scopes.names().collect::<Vec<_>>(), ["session:take", "workshop:write"]);
    for permission in Permission::ALL {
        let name = permission.name();
        assert_eq!(scopes.permit(*permission), ["session:take", "workshop:write"].contains(&name), "{name}");
    }
    for wrong in [&[][..], &["Learn"], &["session:take", "everything"], &[""]] {
        assert_eq!(Scopes::try_new(wrong.iter().copied()), Err(Rejection::ScopesInvalid));
    }
}
