use commands::authorization::reads;
use domain::kernel::SignInId;
use futures_util::stream;
use uuid::Uuid;

use super::{AccountId, Actor, Known, Permission, body, grounds, io};

#[test]
fn who_may_read_something_does_so_by_what_they_hold_of_what_it_needs() {
    use Permission::{ManageRuns, OrganiseRuns, ReadAudit};
    for (held, read, expected) in [
        (vec![ReadAudit, ManageRuns], &reads::AUDIT_TRAIL, vec![ReadAudit]),
        (vec![ReadAudit, OrganiseRuns], &reads::RUN_DASHBOARD, vec![OrganiseRuns]),
        (vec![OrganiseRuns, ManageRuns], &reads::REGISTRATIONS, vec![OrganiseRuns, ManageRuns]),
        (vec![ReadAudit], &reads::ME, vec![]),
    ] {
        let actor = Actor::person(AccountId(Uuid::nil()), SignInId(Uuid::nil()), held.into_iter().collect());
        assert_eq!(grounds(&actor, read), expected, "{}", read.name);
    }
}

#[tokio::test]
async fn what_breaks_off_has_no_end() {
    let known = Known::system("test");
    let whole = body(&known, stream::iter([Ok("a"), Ok("b")]));
    assert_eq!(axum::body::to_bytes(whole, 10).await.expect("all of it"), "ab");
    let broken = body(&known, stream::iter([Ok("a"), Err(io::Error::other("they may not"))]));
    assert!(axum::body::to_bytes(broken, 10).await.is_err());
}
