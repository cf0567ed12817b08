//! Events and read models to try the runner with.

use std::{collections::BTreeSet, ops::RangeInclusive};

use domain::{
    Decider,
    fact::Fact,
    identity::{
        DisplayName, Email, Role,
        account::AccountEvent,
        sign_in::{SignIn, SignInEvent},
    },
    kernel::{AccountId, Personal},
};
use journal::Position;
use sea_orm::entity::prelude::*;

use crate::{
    fixtures::{World, id},
    read_model::{MissingRow, ReadModel, Recorded},
};

pub(super) fn registered(account: u128) -> AccountEvent {
    let subject = AccountId(id(account));
    AccountEvent::Registered {
        email: Personal::new(subject, Email::try_new("ada@example.org").expect("an address")),
        display_name: Personal::new(subject, DisplayName::try_new("Ada").expect("a name")),
        password: Personal::new(subject, "$argon2id$".into()),
        roles: BTreeSet::from([Role::Learner]),
    }
}

/// Account 1 signs in on several devices; the head afterwards.
pub(super) async fn sign_in_many(world: &World, devices: RangeInclusive<u128>) -> Position {
    let mut head = Position(0);
    for device in devices {
        head = world.append(SignIn::STREAM, id(device), &[SignInEvent::opened(AccountId(id(1)))]).await;
    }
    head
}

/// The number of open sign-ins under a badge. No two sign-ins may have the same badge, says its table; that is what makes
/// the database refuse a row that the fold thinks fine. A closed sign-in's row is deleted.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "badges")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub sign_in: Uuid,
    #[sea_orm(unique)]
    pub badge: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "badges";
    const VERSION: u32 = 1;
    const STREAMS: &'static [&'static str] = &[SignIn::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        vec![event.stream.id]
    }

    fn fold(&self, sign_in: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::SignIn(fact) = &event.fact else { return Ok(row) };
        Ok(match fact {
            SignInEvent::Opened { .. } => {
                let badge = i64::try_from(sign_in.as_u128() % 100).expect("a small number");
                Some(Model { sign_in: *sign_in, badge })
            }
            SignInEvent::Proven { .. } | SignInEvent::Revoked { .. } | SignInEvent::TokenReused { .. } => row,
            SignInEvent::Closed { .. } => None,
        })
    }
}
