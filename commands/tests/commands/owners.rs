//! The platform is always somebody's who can come in.

use commands::{Commands, Fault, Outcome, Request, identity::RoleDraft};
use domain::identity::{IdentityRejection as No, Role, account::Account, role_book::RoleBook};

use crate::platform::{Platform, accepted, account, rejected};

const REASON: &str = "a quarrel";

/// Two people who hold a role, and two nodes that they ask.
struct Pair {
    platform: Platform,
    other: Commands,
    one: Request,
    two: Request,
}

impl Pair {
    async fn of(role: Role) -> Self {
        let platform = Platform::init().await;
        let other = platform.commands_on(&platform.vault).await;
        let one = platform.signed_in("one@example.org", &[role]).await;
        let two = platform.signed_in("two@example.org", &[role]).await;
        Self { platform, other, one, two }
    }

    /// Sees that of two things asked for at once one was done, and that a super administrator can come in if there is any.
    async fn one_was_done(&self, outcomes: [Result<Outcome<(), No>, Fault>; 2]) {
        let refused: Vec<_> = outcomes
            .into_iter()
            .filter_map(|outcome| match outcome.expect("decided") {
                Outcome::Accepted(_) => None,
                Outcome::Rejected(rejection) => Some(rejection),
            })
            .collect();
        assert!(matches!(refused.as_slice(), [No::MoreThanHeld | No::LastSuperAdministrator]), "{refused:?}");
        let dispatcher = self.platform.dispatcher().await;
        let owners: Vec<_> = dispatcher.state::<RoleBook>(RoleBook::ID).await.expect("readable").super_administrators().collect();
        let mut let_in = owners.is_empty();
        for owner in owners {
            let_in |= dispatcher.state::<Account>(owner.into()).await.expect("readable").is_let_in();
        }
        assert!(let_in, "nobody who owns the platform can come in");
    }
}

fn owner() -> domain::identity::AnyRole {
    Role::SuperAdministrator.into()
}

#[tokio::test]
async fn whoever_is_suspended_is_not_the_one_who_is_left() {
    let Pair { platform, one, two, .. } = Pair::of(Role::SuperAdministrator).await;
    let identity = &platform.commands.identity;
    accepted(identity.suspend(&one, account(&two), REASON).await);
    assert_eq!(rejected(identity.revoke_role(&one, account(&one), owner()).await), No::LastSuperAdministrator);
    assert_eq!(rejected(identity.erase(&one, account(&one), None).await), No::LastSuperAdministrator);
    assert!(platform.named("SuperAdministratorDismissed").await.is_empty());
    accepted(identity.revoke_role(&one, account(&two), owner()).await);
    accepted(identity.reinstate(&one, account(&two)).await);
    assert_eq!(rejected(identity.revoke_role(&one, account(&one), owner()).await), No::LastSuperAdministrator, "two is none any more");
    accepted(identity.grant_role(&one, account(&two), owner(), None).await);
    accepted(identity.revoke_role(&one, account(&one), owner()).await);
}

#[tokio::test]
async fn nobody_puts_the_last_one_out_who_can_come_in() {
    let Pair { platform, one, two, .. } = Pair::of(Role::SuperAdministrator).await;
    let identity = &platform.commands.identity;
    let system = Request::system("test");
    let permissions = Role::SuperAdministrator.permissions();
    let draft = RoleDraft { name: "Regent".to_owned(), description: String::new(), permissions };
    let regent = accepted(identity.define_role(&system, draft).await);
    let three = platform.signed_in("three@example.org", &[]).await;
    accepted(identity.grant_role(&system, account(&three), regent.into(), None).await);
    let actor = identity.renewed(&three.actor, None).await.expect("readable").expect("signed in");
    let three = Request { actor, ..three };
    accepted(identity.suspend(&three, account(&one), REASON).await);
    for by in [&three, &system] {
        assert_eq!(rejected(identity.suspend(by, account(&two), REASON).await), No::LastSuperAdministrator);
        assert_eq!(rejected(identity.erase(by, account(&two), Some(REASON)).await), No::LastSuperAdministrator);
    }
    accepted(identity.suspend(&three, account(&one), REASON).await);
    accepted(identity.reinstate(&three, account(&one)).await);
    accepted(identity.erase(&three, account(&two), Some(REASON)).await);
    assert_eq!(rejected(identity.suspend(&three, account(&one), REASON).await), No::LastSuperAdministrator);
}

#[tokio::test]
async fn who_was_put_out_since_they_asked_puts_nobody_out() {
    let Pair { platform, one, two, .. } = Pair::of(Role::Administrator).await;
    let identity = &platform.commands.identity;
    let ada = accepted(platform.register("ada@example.org", &[]).await);
    accepted(identity.suspend(&one, account(&two), REASON).await);
    assert_eq!(rejected(identity.suspend(&two, account(&one), REASON).await), No::MoreThanHeld);
    assert_eq!(rejected(identity.erase(&two, ada, Some(REASON)).await), No::MoreThanHeld);
    assert_eq!(rejected(identity.reinstate(&two, account(&two)).await), No::MoreThanHeld);
    accepted(identity.erase(&one, account(&two), Some(REASON)).await);
    assert_eq!(rejected(identity.suspend(&two, ada, REASON).await), No::MoreThanHeld);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_put_each_other_out_at_once_one_stays() {
    for role in [Role::SuperAdministrator, Role::Administrator] {
        let pair = Pair::of(role).await;
        let (here, there) = (&pair.platform.commands.identity, &pair.other.identity);
        let both = tokio::join!(here.suspend(&pair.one, account(&pair.two), REASON), there.suspend(&pair.two, account(&pair.one), REASON));
        pair.one_was_done(both.into()).await;
        let pair = Pair::of(role).await;
        let (here, there) = (&pair.platform.commands.identity, &pair.other.identity);
        let reason = Some(REASON);
        let both = tokio::join!(here.erase(&pair.one, account(&pair.two), reason), there.erase(&pair.two, account(&pair.one), reason));
        pair.one_was_done(both.into()).await;
        let pair = Pair::of(role).await;
        let (here, there) = (&pair.platform.commands.identity, &pair.other.identity);
        let both = tokio::join!(here.suspend(&pair.one, account(&pair.two), REASON), there.erase(&pair.two, account(&pair.one), reason));
        pair.one_was_done(both.into()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_goes_while_the_other_is_put_out() {
    let pair = Pair::of(Role::SuperAdministrator).await;
    let (here, there) = (&pair.platform.commands.identity, &pair.other.identity);
    let both = tokio::join!(here.suspend(&pair.one, account(&pair.two), REASON), there.revoke_role(&pair.one, account(&pair.one), owner()));
    pair.one_was_done(both.into()).await;
    let pair = Pair::of(Role::SuperAdministrator).await;
    let (here, there) = (&pair.platform.commands.identity, &pair.other.identity);
    let both = tokio::join!(here.suspend(&pair.one, account(&pair.two), REASON), there.erase(&pair.one, account(&pair.one), None));
    pair.one_was_done(both.into()).await;
}
