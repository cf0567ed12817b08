//! Pictures that people show of themselves.

use commands::Fault;
use domain::{
    identity::{Avatar, IdentityRejection as No, account::Account},
    kernel::AccountId,
};

use crate::{
    access_tokens::{create, with},
    platform::{Platform, accepted, account, anonymous, fault, keyed, rejected},
};

/// A PNG of one pixel.
const PIXEL: &[u8] = &[
    137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 31, 21, 196, 137, 0, 0, 0, 13, 73,
    68, 65, 84, 120, 156, 99, 248, 207, 192, 240, 31, 0, 5, 0, 1, 255, 137, 153, 61, 29, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130,
];

async fn shown(platform: &Platform, whose: AccountId) -> Option<Avatar> {
    match platform.dispatcher().await.state::<Account>(whose.into()).await.expect("readable") {
        Account::Open { avatar, .. } => avatar.map(|avatar| *avatar),
        Account::Absent | Account::Erased => None,
    }
}

#[tokio::test]
async fn a_picture_is_kept_sealed_until_it_is_replaced_removed_or_its_owner_erased() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    let own = account(&ada);
    accepted(identity.upload_avatar(&ada, PIXEL.to_vec()).await);
    let first = shown(&platform, own).await.expect("a picture");
    let png = identity.avatar(own, &first.content).await.expect("readable").expect("hers");
    assert!(png.starts_with(b"\x89PNG"));
    let stored = platform.journal.content(first.content.as_str()).await.expect("readable").expect("kept");
    assert!(stored.starts_with(b"v1.") && !stored.windows(4).any(|part| part == b"IHDR"), "sealed");
    accepted(identity.upload_avatar(&ada, PIXEL.to_vec()).await);
    let second = shown(&platform, own).await.expect("a picture");
    assert_ne!((first.id, &first.content), (second.id, &second.content), "sealed anew, under another name");
    accepted(identity.remove_avatar(&ada).await);
    accepted(identity.remove_avatar(&ada).await);
    assert_eq!(shown(&platform, own).await, None);
    assert_eq!(platform.named("AvatarRemoved").await.len(), 1);
    accepted(identity.erase(&ada, own, None).await);
    assert_eq!(identity.avatar(own, &second.content).await.expect("readable"), None, "nobody opens it any more");
}

#[tokio::test]
async fn people_alone_show_pictures_and_a_retry_shows_nothing_twice() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    assert!(matches!(fault(identity.upload_avatar(&anonymous(), PIXEL.to_vec()).await), Fault::Unauthenticated));
    assert!(matches!(fault(identity.remove_avatar(&anonymous()).await), Fault::Unauthenticated));
    let token = accepted(create(&platform, &ada, &["session:take"]).await).token;
    let program = with(&platform, &token).await.expect("good");
    assert!(matches!(fault(identity.upload_avatar(&program, PIXEL.to_vec()).await), Fault::Forbidden));
    assert_eq!(rejected(identity.upload_avatar(&ada, b"<svg/>".to_vec()).await), No::AvatarKindInvalid);
    for _ in 0..2 {
        accepted(identity.upload_avatar(&keyed(&ada, "once"), PIXEL.to_vec()).await);
    }
    assert_eq!(platform.named("AvatarChosen").await.len(), 1);
    assert!(matches!(fault(identity.upload_avatar(&keyed(&ada, "once"), b"other".to_vec()).await), Fault::KeyReused));
}
