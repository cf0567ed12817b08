//! What is read of runs to keep a copy.

use domain::{
    booking::{Visibility, run::Life},
    kernel::Timestamp,
    workshops::content::Difficulty,
};
use hashbrown::HashMap;
use sea_orm::{
    DatabaseConnection, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    prelude::{ColumnTrait, Uuid},
    sea_query::Query,
};

use super::super::{
    registrations, run_tickets,
    runs::{Column, Entity, Quota, RunFormat},
};
use crate::{
    checkpoints,
    column::{Json, Word},
    read_model::ReadModel,
};

/// One run.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Line {
    pub(super) run: Uuid,
    pub(super) number: i64,
    pub(super) changed: i64,
    pub(super) described: i64,
    pub(super) organiser: Uuid,
    pub(super) instructor: Option<Uuid>,
    pub(super) life: Word<Life>,
    pub(super) visibility: Word<Visibility>,
    pub(super) category: String,
    pub(super) language: String,
    pub(super) format: Word<RunFormat>,
    pub(super) level: Option<Word<Difficulty>>,
    pub(super) city: Option<String>,
    pub(super) latitude: Option<i64>,
    pub(super) longitude: Option<i64>,
    pub(super) starts_at: Timestamp,
    pub(super) price: i64,
    pub(super) currency: String,
    pub(super) capacity: i64,
    pub(super) taken: i64,
    pub(super) requests: i64,
    pub(super) tags: Json<Vec<String>>,
    pub(super) quotas: Option<Json<Vec<Quota>>>,
}

/// Places taken with each ticket of each run.
type Taken = HashMap<Uuid, HashMap<String, i64>>;

impl Line {
    /// Whether everybody may still have a place: the run has one, and so has a ticket that is for everybody.
    fn has_places(&self, taken: &Taken) -> bool {
        let of = |ticket: &str| taken.get(&self.run).and_then(|taken| taken.get(ticket)).copied().unwrap_or_default();
        let is_left = |quota: &Quota| of(&quota.ticket) < quota.places;
        self.taken < self.capacity && self.quotas.as_ref().is_none_or(|quotas| quotas.iter().any(is_left))
    }
}

const COLUMNS: [Column; 23] = [
    Column::Run,
    Column::Number,
    Column::Changed,
    Column::Described,
    Column::Organiser,
    Column::Instructor,
    Column::Life,
    Column::Visibility,
    Column::Category,
    Column::Language,
    Column::Format,
    Column::Level,
    Column::City,
    Column::Latitude,
    Column::Longitude,
    Column::StartsAt,
    Column::Price,
    Column::Currency,
    Column::Capacity,
    Column::Taken,
    Column::Requests,
    Column::Tags,
    Column::Quotas,
];

/// The position of the last event that changed a run; 0 without any.
pub(super) async fn latest(db: &DatabaseConnection) -> Result<i64, DbErr> {
    let last = Entity::find().select_only().column(Column::Changed).order_by_desc(Column::Changed).limit(1);
    Ok(last.into_tuple::<i64>().one(db).await?.unwrap_or(0))
}

/// Whether it is known how many places are taken with each ticket of the runs as they are: that is summed up once all registrations are
/// there, and they are behind the runs where they were parked.
pub(super) async fn are_counted(db: &DatabaseConnection) -> Result<bool, DbErr> {
    let names = [registrations::Entity::NAME, Entity::NAME];
    // Both at one moment.
    let both = checkpoints::Entity::find().filter(checkpoints::Column::Name.is_in(names)).all(db).await?;
    let [registrations, runs] = names.map(|name| {
        let complete = both.iter().find(|checkpoint| checkpoint.name == name && checkpoint.complete);
        complete.map(|checkpoint| checkpoint.position)
    });
    Ok(registrations.zip(runs).is_some_and(|(registrations, runs)| registrations >= runs))
}

/// Runs that changed after a position, and whether each has places for everybody.
pub(super) async fn changed(db: &DatabaseConnection, after: i64) -> Result<Vec<(Line, bool)>, DbErr> {
    let changed = Entity::find().select_only().columns(COLUMNS).filter(Column::Changed.gt(after));
    let lines = changed.order_by_asc(Column::Changed).into_model::<Line>().all(db).await?;
    // After the runs: what is taken since changes a run as well, which is then looked at again.
    let taken = if lines.iter().any(|line| line.quotas.is_some()) { taken(db, after).await? } else { Taken::default() };
    let with_places = |line: Line| {
        let has_places = line.has_places(&taken);
        (line, has_places)
    };
    Ok(lines.into_iter().map(with_places).collect())
}

/// Places taken with the tickets of runs that changed after a position, where quotas limit them.
async fn taken(db: &DatabaseConnection, after: i64) -> Result<Taken, DbErr> {
    let mut limited = Query::select();
    limited.column(Column::Run).from(Entity).and_where(Column::Changed.gt(after)).and_where(Column::Quotas.is_not_null());
    let mut taken = Taken::default();
    for total in run_tickets::Entity::find().filter(run_tickets::Column::Run.in_subquery(limited)).all(db).await? {
        taken.entry(total.run).or_default().insert(total.ticket, total.taken);
    }
    Ok(taken)
}
