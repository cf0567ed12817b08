//! What plans allow, held by whichever node decides.

use commands::{Fault, Outcome, Request};
use domain::{
    identity::{
        IdentityRejection, Role,
        plan_book::{Limits, Revision},
    },
    kernel::{Digest, Mebibytes, Plan},
    learning::LearningRejection,
    workshops::{WorkshopRejection, content::Content},
};
use futures_util::future::join_all;
use sha2::{Digest as _, Sha256};

use crate::{
    platform::{FREE, Platform, accepted, account, administrator, anonymous, author, fault, learner, rejected},
    texts::reading,
};

fn sessions(most: u32) -> Revision {
    Revision { sessions: Some(most), ..Revision::default() }
}

fn storage(most: u32) -> Revision {
    Revision { storage: Some(Mebibytes(most)), ..Revision::default() }
}

/// As it is stored.
fn stored(content: &Content) -> (String, u64) {
    let bytes = serde_json::to_vec(content).expect("JSON");
    (Digest::from(<[u8; 32]>::from(Sha256::digest(&bytes))).to_string(), bytes.len() as u64)
}

/// What an author's workshops take, by their stream.
async fn used(platform: &Platform, author: &Request) -> u64 {
    let dispatcher = platform.dispatcher().await;
    dispatcher.state::<domain::workshops::shelf::Shelf>(account(author).into()).await.expect("readable").used()
}

#[tokio::test(flavor = "multi_thread")]
async fn starts_at_once_on_two_nodes_come_to_no_more_sessions_than_the_plan_allows() {
    let platform = Platform::init().await;
    let other = platform.commands_on(&platform.vault).await;
    let (grace, ada) = (author(), learner());
    let mut workshops = Vec::new();
    for nth in 0..8 {
        workshops.push(platform.published(&grace, &format!("docker-{nth}"), &reading("Docker")).await);
    }
    let nodes = [&platform.commands.learning, &other.learning];
    let starts = workshops.iter().zip(nodes.iter().cycle()).map(|(workshop, node)| node.start(&ada, *workshop, false));
    let (mut started, mut refused) = (0, 0);
    for outcome in join_all(starts).await {
        match outcome.expect("decided") {
            Outcome::Accepted(_) => started += 1,
            Outcome::Rejected(rejection) => {
                let cap = FREE.sessions;
                assert_eq!(rejection, LearningRejection::TooManyActive { cap, active: cap, plan: Plan::Free });
                refused += 1;
            }
        }
    }
    assert_eq!((started, refused), (FREE.sessions, 8 - FREE.sessions));
}

#[tokio::test]
async fn what_is_said_of_a_plan_on_one_node_holds_for_what_another_decides_next() {
    let platform = Platform::init().await;
    let other = platform.commands_on(&platform.vault).await;
    let (grace, ada, root) = (author(), learner(), administrator());
    let (one, two) = (platform.published(&grace, "one", &reading("One")).await, platform.published(&grace, "two", &reading("Two")).await);
    accepted(other.learning.start(&ada, one, false).await);
    accepted(platform.commands.identity.revise_plan(&root, Plan::Free, sessions(1)).await);
    let refused = LearningRejection::TooManyActive { cap: 1, active: 1, plan: Plan::Free };
    assert_eq!(rejected(other.learning.start(&ada, two, false).await), refused);
    accepted(platform.commands.identity.revise_plan(&root, Plan::Free, sessions(2)).await);
    accepted(other.learning.start(&ada, two, false).await);
    let too_many = sessions(domain::identity::plan_book::PlanBook::MOST_SESSIONS + 1);
    let refused = rejected(platform.commands.identity.revise_plan(&root, Plan::Free, too_many).await);
    assert_eq!(refused, IdentityRejection::PlanSessionsInvalid);
}

#[tokio::test]
async fn an_account_has_what_the_plan_allows_that_it_was_put_on() {
    let platform = Platform::init().await;
    let other = platform.commands_on(&platform.vault).await;
    let (identity, root) = (&platform.commands.identity, platform.administrator().await);
    let ada = platform.signed_in("ada@example.org", &[Role::Learner]).await;
    let before = other.plans.usage(account(&ada)).await.expect("readable").expect("an account");
    assert_eq!((before.plan, before.limits), (Plan::Free, FREE));
    assert_eq!((before.sessions, before.storage, before.runs, before.communities), (0, 0, 0, 0));
    accepted(identity.revise_plan(&root, Plan::Enterprise, sessions(7)).await);
    accepted(identity.assign_plan(&root, account(&ada), Plan::Enterprise).await);
    let workshop = platform.published(&author(), "docker", &reading("Docker")).await;
    accepted(platform.commands.learning.start(&ada, workshop, false).await);
    let after = other.plans.usage(account(&ada)).await.expect("readable").expect("an account");
    assert_eq!((after.plan, after.limits.sessions, after.sessions), (Plan::Enterprise, 7, 1));
    accepted(identity.assign_plan(&root, account(&ada), Plan::Enterprise).await);
    assert_eq!(platform.named("PlanAssigned").await.len(), 1, "it was on it already");

    let nobody = account(&learner());
    assert_eq!(rejected(identity.assign_plan(&root, nobody, Plan::Team).await), IdentityRejection::NotFound);
    assert_eq!(other.plans.usage(nobody).await.expect("readable"), None);
    accepted(identity.erase(&ada, account(&ada), None).await);
    assert_eq!(rejected(identity.assign_plan(&root, account(&ada), Plan::Team).await), IdentityRejection::Erased);
    assert_eq!(other.plans.usage(account(&ada)).await.expect("readable"), None);
}

#[tokio::test]
async fn plans_are_for_administrators_to_change() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    for (request, expected) in [(learner(), "Forbidden"), (author(), "Forbidden"), (anonymous(), "Unauthenticated")] {
        let revised = fault(identity.revise_plan(&request, Plan::Free, sessions(9)).await);
        let assigned = fault(identity.assign_plan(&request, account(&learner()), Plan::Team).await);
        for fault in [revised, assigned] {
            assert_eq!(format!("{fault:?}"), expected);
            assert!(matches!(fault, Fault::Forbidden | Fault::Unauthenticated));
        }
    }
}

#[tokio::test]
async fn an_authors_workshops_take_what_is_stored_of_their_drafts_and_latest_versions() {
    let platform = Platform::init().await;
    let (workshops, grace) = (&platform.commands.workshops, author());
    let (short, long) = (reading("Docker"), reading("Docker, from the first image to the last"));
    let ((_, short_bytes), (_, long_bytes)) = (stored(&short), stored(&long));
    let workshop = accepted(workshops.draft(&grace, "docker".into(), &short).await);
    assert_eq!(used(&platform, &grace).await, short_bytes);
    accepted(workshops.publish(&grace, workshop).await);
    assert_eq!(used(&platform, &grace).await, short_bytes, "it is the same content");
    accepted(workshops.revise(&grace, workshop, &long).await);
    assert_eq!(used(&platform, &grace).await, short_bytes + long_bytes, "the version stays beside the draft");
    accepted(workshops.revise(&grace, workshop, &long).await);
    assert_eq!(used(&platform, &grace).await, short_bytes + long_bytes, "the same again");
    accepted(workshops.revise(&grace, workshop, &short).await);
    assert_eq!(used(&platform, &grace).await, short_bytes, "back to what is published");
    accepted(workshops.revise(&administrator(), workshop, &long).await);
    accepted(workshops.publish(&grace, workshop).await);
    assert_eq!(used(&platform, &grace).await, long_bytes, "whoever revises it");
    accepted(workshops.archive(&grace, workshop).await);
    assert_eq!(used(&platform, &grace).await, 0);
}

#[tokio::test]
async fn content_beyond_the_plan_is_refused_and_not_kept() {
    let platform = Platform::init().await;
    let (commands, grace, root) = (&platform.commands, author(), administrator());
    let (first, second) = (reading("Docker"), reading("Docker, from the first image to the last"));
    let workshop = accepted(commands.workshops.draft(&grace, "docker".into(), &first).await);
    accepted(commands.identity.revise_plan(&root, Plan::Free, storage(0)).await);
    let ((_, used_bytes), (digest, _)) = (stored(&first), stored(&second));
    let refused = WorkshopRejection::StorageExceeded { limit: 0, used: used_bytes, plan: Plan::Free };
    assert_eq!(rejected(commands.workshops.draft(&grace, "another".into(), &second).await), refused);
    assert_eq!(rejected(commands.workshops.revise(&grace, workshop, &second).await), refused);
    assert!(platform.journal.content(&digest).await.expect("readable").is_none());
    accepted(commands.workshops.publish(&grace, workshop).await);
    accepted(commands.workshops.archive(&grace, workshop).await);
    assert_eq!(used(&platform, &grace).await, 0, "what there is too much of can be made less");

    let nobody = domain::kernel::AccountId(uuid::Uuid::nil());
    let (imported, _) = accepted(commands.workshops.import(&Request::system("test"), nobody, "imported", &second).await);
    accepted(commands.workshops.revise(&root, imported, &first).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_at_once_on_two_nodes_take_no_more_than_the_plan_allows() {
    let platform = Platform::init().await;
    let other = platform.commands_on(&platform.vault).await;
    let grace = author();
    // Four have room in a mebibyte, and five have not.
    let files: Vec<_> = (0..6).map(|nth| large(nth, 220 << 10)).collect();
    let nodes = [&platform.commands.workshops, &other.workshops];
    let drafts =
        files.iter().zip(nodes.iter().cycle()).zip(0..).map(|((content, node), nth)| node.draft(&grace, format!("large-{nth}"), content));
    let outcomes = join_all(drafts).await;
    let drafted = outcomes.into_iter().filter(|outcome| matches!(outcome, Ok(Outcome::Accepted(_)))).count();
    assert_eq!(drafted, 4);
    let Limits { storage, .. } = FREE;
    assert!(used(&platform, &grace).await <= storage.bytes());
}

/// Content of about so many bytes.
fn large(nth: u32, bytes: usize) -> Content {
    let mut content = reading(&format!("Large {nth}"));
    let page = "x".repeat(bytes);
    content.steps[0].body = vec![domain::workshops::content::Block::Text(page)];
    content
}
