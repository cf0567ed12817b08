//! Communities: who may do what to them, and that what is known of them in several streams goes together.

use commands::{Actor, Fault, Outcome, Request, communities::CommunityChange};
use domain::{
    communities::{CommunityRejection as No, circle::Circle, community::Community},
    identity::{Permission, Role, Scopes},
    kernel::{AccountId, CommunityId, Plan},
};
use futures_util::future::join_all;
use uuid::Uuid;

use crate::{
    platform::{FREE, Platform, accepted, account, administrator, anonymous, fault, keyed, learner, person, rejected},
    rules::{rewind, settle},
};

async fn founded(platform: &Platform, by: &Request) -> CommunityId {
    accepted(platform.commands.communities.found(by, "Gophers", "Go, together.").await)
}

/// Who is of a community, of those asked after.
async fn members(platform: &Platform, community: CommunityId, asked: &[&Request]) -> Vec<bool> {
    let community = platform.dispatcher().await.state::<Community>(community.into()).await.expect("readable");
    asked.iter().map(|request| community.has(account(request))).collect()
}

async fn circle(platform: &Platform, whose: AccountId) -> Vec<CommunityId> {
    platform.dispatcher().await.state::<Circle>(whose.into()).await.expect("readable").communities().collect()
}

fn named(name: &str) -> CommunityChange {
    CommunityChange { name: Some(name.to_owned()), description: None }
}

#[tokio::test]
async fn people_found_communities_join_and_leave_them() {
    let platform = Platform::init().await;
    let communities = &platform.commands.communities;
    let (ada, bob) = (learner(), learner());
    let before = platform.events().await.len();
    let community = founded(&platform, &ada).await;
    accepted(communities.join(&bob, community).await);
    accepted(communities.join(&bob, community).await);
    assert_eq!(members(&platform, community, &[&ada, &bob]).await, [true, true]);
    assert_eq!(platform.names_after(before).await, ["CircleFounded", "CommunityFounded", "CommunityJoined", "CircleEntered"]);
    accepted(communities.leave(&bob, community).await);
    assert_eq!(members(&platform, community, &[&ada, &bob]).await, [true, false]);
    assert_eq!((circle(&platform, account(&ada)).await, circle(&platform, account(&bob)).await), (vec![community], vec![]));
    assert_eq!(rejected(communities.leave(&ada, community).await), No::FounderStays);
    let nowhere = CommunityId(Uuid::now_v7());
    assert_eq!(rejected(communities.join(&bob, nowhere).await), No::NotFound);
    assert_eq!(rejected(communities.leave(&bob, nowhere).await), No::NotFound);
    assert_eq!(rejected(communities.found(&ada, " ", "").await), No::NameInvalid);
    assert_eq!(rejected(communities.found(&ada, "Gophers", "a\u{202e}b").await), No::DescriptionInvalid);
    for fault in [
        fault(communities.found(&anonymous(), "Gophers", "").await),
        fault(communities.join(&anonymous(), community).await),
        fault(communities.leave(&anonymous(), community).await),
        fault(communities.close(&anonymous(), community).await),
    ] {
        assert!(matches!(fault, Fault::Unauthenticated), "{fault}");
    }
}

#[tokio::test]
async fn it_is_looked_after_by_who_founded_it_and_by_moderators() {
    let platform = Platform::init().await;
    let communities = &platform.commands.communities;
    let (ada, bob, moderator) = (learner(), learner(), person(&[Role::Moderator]));
    let community = founded(&platform, &ada).await;
    accepted(communities.join(&bob, community).await);
    assert_eq!(rejected(communities.revise(&bob, community, named("Bob's")).await), No::NotFound);
    assert_eq!(rejected(communities.remove(&bob, community, account(&ada)).await), No::NotFound);
    assert_eq!(rejected(communities.close(&bob, community).await), No::NotFound);
    accepted(communities.revise(&ada, community, named("Rustaceans")).await);
    accepted(communities.revise(&moderator, community, named("Crustaceans")).await);
    assert_eq!(rejected(communities.revise(&ada, community, named("")).await), No::NameInvalid);
    assert_eq!(rejected(communities.remove(&moderator, community, account(&ada)).await), No::FounderStays);
    assert_eq!(rejected(communities.remove(&ada, community, account(&moderator)).await), No::NotMember);
    accepted(communities.remove(&moderator, community, account(&bob)).await);
    assert_eq!(members(&platform, community, &[&bob]).await, [false]);
    assert_eq!(circle(&platform, account(&bob)).await, vec![]);
    assert_eq!(rejected(communities.join(&bob, community).await), No::Removed);
    accepted(communities.close(&administrator(), community).await);
    accepted(communities.close(&ada, community).await);
    assert_eq!(platform.named("CommunityClosed").await.len(), 1);
    let of_ada = platform.dispatcher().await.state::<Circle>(account(&ada).into()).await.expect("readable");
    assert_eq!((of_ada.open(), of_ada.communities().count()), (0, 0));
    assert_eq!(rejected(communities.join(&learner(), community).await), No::Closed);
    assert_eq!(rejected(communities.revise(&ada, community, named("Late")).await), No::Closed);
}

#[tokio::test]
async fn a_token_moderates_if_that_is_in_its_scopes_and_a_program_by_itself_too() {
    let platform = Platform::init().await;
    let communities = &platform.commands.communities;
    let community = founded(&platform, &learner()).await;
    let moderator = person(&[Role::Moderator]);
    let with = |scope: &str| {
        let Actor::Account { account, sign_in, permissions, elsewhere, within, .. } = moderator.actor.clone() else { panic!("a person") };
        let scopes = Some(Scopes::try_new([scope]).expect("scopes"));
        Request { actor: Actor::Account { account, sign_in, permissions, elsewhere, within, scopes }, ..anonymous() }
    };
    assert!(matches!(fault(communities.revise(&with("workshop:manage"), community, named("A")).await), Fault::Forbidden));
    assert_eq!(rejected(communities.revise(&with("session:take"), community, named("B")).await), No::NotFound);
    accepted(communities.revise(&with("community:moderate"), community, named("C")).await);
    for refused in [
        fault(communities.found(&with("workshop:manage"), "Rustaceans", "").await),
        fault(communities.join(&with("workshop:manage"), community).await),
        fault(communities.leave(&with("workshop:manage"), community).await),
    ] {
        assert!(matches!(refused, Fault::Forbidden), "{refused}");
    }
    for scope in ["session:take", "community:moderate"] {
        accepted(communities.found(&with(scope), "Rustaceans", "").await);
        accepted(communities.join(&with(scope), community).await);
        accepted(communities.leave(&with(scope), community).await);
    }
    let service = |permission| Request {
        actor: Actor::Service {
            service: domain::kernel::ServiceAccountId(Uuid::now_v7()),
            creator: account(&moderator),
            permissions: [permission].into(),
            elsewhere: [].into(),
        },
        ..anonymous()
    };
    accepted(communities.revise(&service(Permission::ModerateCommunities), community, named("D")).await);
    assert!(matches!(fault(communities.revise(&service(Permission::ManageWorkshops), community, named("E")).await), Fault::Forbidden));
    assert!(matches!(fault(communities.join(&service(Permission::ModerateCommunities), community).await), Fault::Forbidden));
}

#[tokio::test]
async fn a_retry_founds_no_second_community() {
    let platform = Platform::init().await;
    let ada = keyed(&learner(), "once");
    let first = founded(&platform, &ada).await;
    assert_eq!(founded(&platform, &ada).await, first);
    assert_eq!(platform.named("CommunityFounded").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_and_is_removed_at_once_on_two_nodes_is_not_there_in_one_stream_alone() {
    let platform = Platform::init().await;
    let other = platform.commands_on(&platform.vault).await;
    let ada = learner();
    let community = founded(&platform, &ada).await;
    let people: Vec<_> = (0..8).map(|_| learner()).collect();
    let (here, there, ada) = (&platform.commands.communities, &other.communities, &ada);
    let come_and_go = people.iter().map(|bob| async move {
        accepted(here.join(bob, community).await);
        let (left, removed) = tokio::join!(there.leave(bob, community), here.remove(ada, community, account(bob)));
        accepted(left);
        assert!(matches!(removed.expect("decided"), Outcome::Accepted(_) | Outcome::Rejected(No::NotMember)));
    });
    join_all(come_and_go).await;
    for bob in &people {
        assert_eq!(members(&platform, community, &[bob]).await, [false]);
        assert_eq!(circle(&platform, account(bob)).await, vec![]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_founded_at_once_on_two_nodes_comes_to_no_more_communities_than_the_plan_allows() {
    let platform = Platform::init().await;
    let other = platform.commands_on(&platform.vault).await;
    let (ada, cap) = (learner(), FREE.communities);
    let nodes = [&platform.commands.communities, &other.communities];
    let (mut founded, mut refused) = (0, 0);
    for outcome in join_all(nodes.iter().cycle().take(8).map(|node| node.found(&ada, "Gophers", ""))).await {
        match outcome.expect("decided") {
            Outcome::Accepted(_) => founded += 1,
            Outcome::Rejected(rejection) => {
                assert_eq!(rejection, No::CommunitiesExceeded { limit: cap, used: cap, plan: Plan::Free });
                refused += 1;
            }
        }
    }
    assert_eq!((founded, refused), (cap, 8 - cap));
    let usage = platform.dispatcher().await.state::<Circle>(account(&ada).into()).await.expect("readable").open();
    assert_eq!(usage, cap);
}

#[tokio::test]
async fn who_is_erased_is_of_no_community_any_more() {
    let platform = Platform::init().await;
    let communities = &platform.commands.communities;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    let (own, bobs) = (founded(&platform, &ada).await, founded(&platform, &learner()).await);
    accepted(communities.join(&ada, bobs).await);
    accepted(platform.commands.identity.erase(&ada, account(&ada), None).await);
    settle(&platform).await;
    for community in [own, bobs] {
        assert_eq!(members(&platform, community, &[&ada]).await, [false]);
    }
    assert_eq!(circle(&platform, account(&ada)).await, vec![]);
    assert_eq!(rejected(communities.join(&ada, bobs).await), No::Erased, "what was on its way comes too late");
    accepted(communities.revise(&person(&[Role::Moderator]), own, named("Orphans")).await);
    let count = platform.events().await.len();
    rewind(&platform).await;
    settle(&platform).await;
    assert_eq!(platform.events().await.len(), count, "once is once");
}
