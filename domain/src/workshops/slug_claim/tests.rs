use uuid::Uuid;

use super::{Rejection, SlugClaim, SlugClaimCommand, SlugClaimEvent};
use crate::{
    Decider, given,
    kernel::{Timestamp, WorkshopId},
};

const WORKSHOP: WorkshopId = WorkshopId(Uuid::from_u128(1));

fn claim(slug: &str) -> SlugClaimCommand {
    SlugClaimCommand::Claim { slug: slug.to_owned(), workshop: WORKSHOP }
}

#[test]
fn a_free_slug_goes_to_the_workshop_that_claims_it() {
    let outcome = SlugClaim::Free.decide(claim("docker-101"), Timestamp::UNIX_EPOCH);
    assert_eq!(outcome, Ok(vec![SlugClaimEvent::Claimed { slug: "docker-101".to_owned(), workshop: WORKSHOP }]));
}

#[test]
fn a_slug_that_is_held_is_taken() {
    let held: SlugClaim = given([SlugClaimEvent::Claimed { slug: "docker-101".to_owned(), workshop: WORKSHOP }]);
    assert_eq!(held.decide(claim("docker-101"), Timestamp::UNIX_EPOCH), Err(Rejection::SlugTaken));
}

#[test]
fn a_slug_that_would_not_stand_in_an_address_is_refused() {
    for slug in ["", "Docker", "docker 101", "docker_101", "-docker", "docker-", "docker--101", "döcker", "a/b", &"a".repeat(81)] {
        assert_eq!(SlugClaim::Free.decide(claim(slug), Timestamp::UNIX_EPOCH), Err(Rejection::SlugInvalid), "{slug}");
    }
    assert!(SlugClaim::Free.decide(claim(&"a".repeat(80)), Timestamp::UNIX_EPOCH).is_ok());
}

#[test]
fn every_slug_has_one_stream_that_never_moves() {
    assert_eq!(SlugClaim::stream_id("docker-101").to_string(), "3734cc5a-3e8a-512c-a3d8-3dd5d46e396a");
    assert_ne!(SlugClaim::stream_id("docker-101"), SlugClaim::stream_id("docker-102"));
}
