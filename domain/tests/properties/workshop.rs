use domain::{
    kernel::{AccountId, Digest, Minutes, Points},
    workshops::{
        Outline, WorkshopRejection,
        content::{Category, Difficulty, StepOrder, Visibility},
        defects::Defect,
        slug_claim::{SlugClaim, SlugClaimCommand},
        workshop::{Edition, Editor, Workshop, WorkshopCommand as Do, WorkshopEvent as Did},
    },
};
use proptest::{collection::vec, prelude::*};
use uuid::Uuid;

use super::{at, events, play};

const AUTHOR: AccountId = AccountId(Uuid::from_u128(1));
const OTHER: AccountId = AccountId(Uuid::from_u128(2));

fn edition(letter: char) -> Edition {
    let outline = Outline {
        title: letter.to_string(),
        summary: String::new(),
        category: Category::Other("networking".to_owned()),
        difficulty: Difficulty::Beginner,
        duration: Minutes(1),
        tags: vec![],
        languages: vec![],
        visibility: Visibility::Public,
        order: StepOrder::Free,
        completion_points: Points(0),
        lifetime: None,
        steps: vec![],
    };
    Edition { content: Digest::try_from(letter.to_string().repeat(64)).expect("64 digits"), outline }
}

fn command() -> impl Strategy<Value = Do> {
    let by = prop_oneof![3 => Just(Editor::Author(AUTHOR)), 1 => Just(Editor::Author(OTHER)), 1 => Just(Editor::Manager)];
    let letter = prop_oneof![Just('a'), Just('b'), Just('c')];
    let defects = prop_oneof![4 => Just(vec![]), 1 => Just(vec![Defect::new("title", "a title")])];
    (by, letter, defects, 0..20_u8).prop_map(|(by, letter, defects, which)| match which {
        0..2 => Do::Draft { author: AUTHOR, slug: "docker".to_owned(), edition: edition(letter), defects },
        2..9 => Do::Revise { by, edition: edition(letter), defects },
        9..19 => Do::Publish { by, content: edition(letter).content, defects },
        _ => Do::Archive { by },
    })
}

proptest! {
    #[test]
    fn revisions_and_versions_count_up_and_a_version_is_the_latest_draft(all in vec(command(), 0..60)) {
        let (mut revisions, mut versions, mut archived) = (0, 0, false);
        let (mut draft, mut published) = (None, None);
        for event in events(play::<Workshop>(all.into_iter().map(|command| (command, at(0))))) {
            prop_assert!(!archived, "{event:?} after the archive");
            match event {
                Did::Drafted { content, outline, .. } => {
                    prop_assert_eq!(revisions, 0, "a second first draft");
                    (revisions, draft) = (1, Some(Edition { content, outline }));
                }
                Did::Revised { revision, content, outline } => {
                    let edition = Some(Edition { content, outline });
                    prop_assert!(draft != edition, "a revision that changes nothing");
                    prop_assert_eq!(revision, revisions + 1);
                    (revisions, draft) = (revision, edition);
                }
                Did::Published { version, content, outline } => {
                    let edition = Some(Edition { content, outline });
                    prop_assert!(published != edition, "a version that changes nothing");
                    prop_assert_eq!((version, &edition), (versions + 1, &draft));
                    (versions, published) = (version, edition);
                }
                Did::Archived => archived = true,
            }
        }
    }

    #[test]
    fn any_text_claims_a_slug_or_is_refused_and_a_slug_is_held_once(text in "\\PC{0,90}|[a-z0-9-]{0,90}") {
        let claim = || (SlugClaimCommand::Claim { slug: text.clone(), workshop: Uuid::from_u128(1).into() }, at(0));
        let decided = play::<SlugClaim>([claim(), claim()]);
        match &decided[0] {
            Ok(events) => prop_assert_eq!((events.len(), &decided[1]), (1, &Err(WorkshopRejection::SlugTaken))),
            Err(refused) => prop_assert_eq!((refused, &decided[1]), (&WorkshopRejection::SlugInvalid, &decided[0])),
        }
    }
}
