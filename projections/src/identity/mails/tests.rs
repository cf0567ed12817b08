use domain::{
    Decider,
    identity::{
        Language,
        mail::{Failure, Letter, Mail, MailEvent, Needless, Occasion},
    },
    kernel::{AccountId, Personal},
};

use super::{Entity, Model, page};
use crate::{
    column::{Json, Word},
    fixtures::{World, catch_up, id, recorded, rows, second},
    read_model::{MissingRow, ReadModel},
};

fn queued() -> MailEvent {
    let to = Personal::sealed(AccountId(id(7)), "address".into());
    MailEvent::Queued(Letter::of(to, Occasion::PasswordChanged, Language::En, second(0)))
}

fn row() -> Model {
    Model {
        mail: id(1),
        account: id(7),
        occasion: Word(Occasion::PasswordChanged),
        queued_at: second(1),
        attempts: 0,
        failure: None,
        next_at: None,
        parked_at: None,
    }
}

#[test]
fn a_mail_is_there_until_it_is_sent_or_dropped() {
    let failure = Failure::Reply(450);
    let history = [
        queued(),
        MailEvent::Deferred { failure, attempts: 1, until: second(60) },
        MailEvent::Parked { failure: Failure::Reply(550), attempts: 2 },
        MailEvent::Requeued {},
        MailEvent::Sent { attempts: 1 },
    ]
    .into_iter()
    .zip(1..)
    .map(|(event, at)| recorded(at, id(1), event))
    .collect::<Vec<_>>();
    assert_eq!(rows(&Entity, &history[..1]), [row()]);
    let deferred = Model { attempts: 1, failure: Some(Json(failure)), next_at: Some(second(60)), ..row() };
    assert_eq!(rows(&Entity, &history[..2]), [deferred]);
    let parked = Model { attempts: 2, failure: Some(Json(Failure::Reply(550))), parked_at: Some(second(3)), ..row() };
    assert_eq!(rows(&Entity, &history[..3]), [parked]);
    assert_eq!(rows(&Entity, &history[..4]), [Model { failure: Some(Json(Failure::Reply(550))), ..row() }]);
    assert_eq!(rows(&Entity, &history), []);
    let dropped = recorded(2, id(1), MailEvent::Dropped { because: Needless::Erased });
    assert_eq!(rows(&Entity, &[history[0].clone(), dropped.clone()]), []);
    assert_eq!(Entity.fold(&id(1), None, &dropped), Err(MissingRow));
}

#[tokio::test]
async fn pages_list_all_or_those_that_were_set_aside() {
    let world = World::new().await;
    let parked = MailEvent::Parked { failure: Failure::Address, attempts: 1 };
    world.append(Mail::STREAM, id(1), &[queued()]).await;
    world.append(Mail::STREAM, id(2), &[queued(), parked]).await;
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, world.head().await).await;
    let mails = async |parked| {
        let page = page(projections.db(), parked, None, 10).await.expect("readable");
        page.rows.into_iter().map(|row| row.mail).collect::<Vec<_>>()
    };
    assert_eq!((mails(false).await, mails(true).await), (vec![id(2), id(1)], vec![id(2)]));
}
