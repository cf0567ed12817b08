use super::*;
use crate::fixtures::{World, catch_up, id, recorded, rows, second};

const ADA: AccountId = AccountId(id(9));
const BOB: AccountId = AccountId(id(8));

fn sealed(account: AccountId) -> Personal<Sighting> {
    Personal::sealed(account, "sealed".into())
}

fn found(number: u32, account: AccountId, unusual: &[Unusual]) -> WhereaboutsEvent {
    let (sign_in, at) = (SignInId(id(number.into())), second(number.into()));
    let unusual = unusual.iter().copied().collect();
    WhereaboutsEvent::FoundUnusual { sign_in, at, unusual, sighting: sealed(account), too_far_from: Some(sealed(account)) }
}

#[test]
fn what_is_unusual_has_a_row_and_what_is_not_has_none() {
    let usual = WhereaboutsEvent::Seen { sign_in: SignInId(id(1)), at: second(1), sighting: sealed(ADA) };
    let again = WhereaboutsEvent::SeenAgain { sign_in: SignInId(id(2)), at: second(2), like: SignInId(id(1)) };
    let events = [usual, again, found(3, ADA, &[Unusual::NewDevice, Unusual::TooFar])].map(|event| recorded(7, ADA.0, event));
    let [row] = &rows(&Entity, &events)[..] else { panic!("one row") };
    assert_eq!((row.sign_in, row.account, row.at), (id(3), ADA.0, second(3)), "as it was opened, not as it was found out");
    assert_eq!(row.unusual().collect::<Vec<_>>(), [Unusual::NewDevice, Unusual::TooFar]);
    assert_eq!((&*row.sighting, row.too_far_from.as_deref()), (&sealed(ADA), Some(&sealed(ADA))));
}

#[tokio::test]
async fn they_are_listed_by_whose_they_are_why_and_when() {
    use Unusual::{NewCountry, NewDevice};
    let world = World::new().await;
    let mut head = world.head().await;
    let all = [(1, ADA, vec![NewDevice]), (2, BOB, vec![NewCountry]), (3, ADA, vec![NewDevice, NewCountry]), (4, ADA, vec![NewDevice])];
    for (number, account, unusual) in all {
        head = world.append(Whereabouts::STREAM, account.0, &[found(number, account, &unusual)]).await;
    }
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, head).await;
    let db = projections.db();
    let listed = async |filter: Filter| {
        let (mut all, mut after) = (vec![], None);
        loop {
            let Page { rows, more } = page(db, filter, after, 1).await.expect("rows");
            after = rows.last().map(Model::after);
            all.extend(rows.iter().map(|row| row.sign_in.as_u128()));
            if !more {
                return all;
            }
        }
    };
    assert_eq!(listed(Filter::default()).await, [4, 3, 2, 1]);
    assert_eq!(listed(Filter { account: Some(ADA), ..Filter::default() }).await, [4, 3, 1]);
    assert_eq!(listed(Filter { unusual: Some(NewCountry), ..Filter::default() }).await, [3, 2]);
    assert_eq!(listed(Filter { unusual: Some(Unusual::TooFar), ..Filter::default() }).await, [] as [u128; 0]);
    let range = Filter { since: Some(second(2)), until: Some(second(4)), ..Filter::default() };
    assert_eq!(listed(Filter { account: Some(ADA), ..range }).await, [3]);
    let some = find_many(db, &[SignInId(id(2)), SignInId(id(5))]).await.expect("rows");
    assert_eq!(some.iter().map(|row| row.account).collect::<Vec<_>>(), [BOB.0]);
}
