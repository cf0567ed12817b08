//! Rows of one read model, as they are after events that are not written yet.

mod absent;
mod entries;

use std::{any::Any, ops::Range};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Iterable, ModelTrait, sea_query::Value};

use self::{
    absent::Absent,
    entries::{Entries, Entry},
};
use crate::{
    projector::{Incoming, Taken},
    read_model::{ReadModel, Table},
    rows,
    tally::Sum,
};

/// Rows written at a time.
const CHUNK: usize = 20_000;
/// About how many bytes of sums are collected before they are written.
const SUMS: usize = 32 << 20;

/// Rows of a page that are looked at to learn how long texts are.
const SAMPLES: usize = 16;

type KeyOf<M> = <<M as ReadModel>::Table as Table>::Key;
type RowOf<M> = <<M as ReadModel>::Table as Table>::Row;

/// Rows of any read model.
pub(crate) struct Held(Box<dyn Any + Send>);

impl Held {
    /// Of a read model that has taken no event, if it is `fresh`: there are no rows to load then. Totals follow if they are `summed`
    /// up already.
    pub(crate) fn new<M: ReadModel>(fresh: bool, summed: bool) -> Self {
        Self(Box::new(Rows::<M>::new(Absent::new(fresh), summed, false)))
    }

    pub(crate) fn of<M: ReadModel>(&mut self) -> Result<&mut Rows<M>, DbErr> {
        self.0.downcast_mut().ok_or_else(|| DbErr::Custom(format!("rows held for {} are another's", M::NAME)))
    }
}

/// How much rows take beside their own width.
#[derive(Default)]
struct Sample {
    rows: usize,
    bytes: usize,
}

impl Sample {
    const fn add(&mut self, bytes: usize) {
        (self.rows, self.bytes) = (self.rows + 1, self.bytes + bytes);
    }

    fn mean(&self) -> usize {
        self.bytes.checked_div(self.rows).unwrap_or_default()
    }
}

/// About how many bytes the texts of a row take.
fn outside<T: Table>(row: &T::Row) -> usize {
    let bytes = |column| match row.get(column) {
        Value::String(Some(text)) => text.len(),
        // As a structure it takes more than as text.
        Value::Json(Some(json)) => 3 * json.to_string().len(),
        _ => 0,
    };
    T::Column::iter().map(bytes).sum()
}

/// Rows of one read model.
pub(crate) struct Rows<M: ReadModel> {
    absent: Absent,
    /// Whether it is kept what the database has: rows are few then.
    compares: bool,
    entries: Entries<KeyOf<M>, RowOf<M>>,
    sums: Vec<Box<dyn Sum<RowOf<M>>>>,
    sample: Sample,
}

impl<M: ReadModel> Rows<M> {
    fn new(absent: Absent, summed: bool, compares: bool) -> Self {
        let sums = M::totals().iter().filter(|_| summed).map(|totals| totals.begin()).collect();
        Self { absent, compares, entries: Entries::default(), sums, sample: Sample::default() }
    }

    /// For one page of events, which is written at once.
    pub(crate) fn of_page(summed: bool) -> Self {
        Self::new(Absent::new(false), summed, true)
    }

    /// About how many bytes they take.
    pub(crate) fn weight(&self) -> usize {
        let sums: usize = self.sums.iter().map(|sum| sum.weight()).sum();
        self.entries.weight(self.sample.mean()) + self.absent.weight() + sums
    }

    /// Loads what is missing, and folds events in memory.
    pub(crate) async fn take<C: ConnectionTrait>(&mut self, model: &M, db: &C, events: &[Incoming]) -> Result<Taken, DbErr> {
        let (mut places, mut ends, mut missing) = (Vec::new(), Vec::with_capacity(events.len()), Vec::new());
        for incoming in events {
            let keys = if reads::<M>(incoming) { model.keys(&incoming.event) } else { vec![] };
            for key in keys {
                let hash = self.entries.hash(&key);
                let (place, is_new) = self.entries.place(hash, key);
                if is_new && !self.absent.is_certain(hash) {
                    missing.push(place);
                }
                places.push(place);
            }
            ends.push(places.len());
        }
        self.load(db, missing).await?;
        let mut begin = 0;
        for (index, (incoming, end)) in events.iter().zip(ends).enumerate() {
            if let Err(reason) = self.fold(model, incoming, &places[begin..end]) {
                return Ok(Taken::Until(index, reason));
            }
            begin = end;
        }
        for place in places.iter().take(SAMPLES) {
            self.sample.add(self.entries[*place].row.as_ref().map_or(0, outside::<M::Table>));
        }
        Ok(Taken::All)
    }

    async fn load<C: ConnectionTrait>(&mut self, db: &C, missing: Vec<usize>) -> Result<(), DbErr> {
        let mut keys: Vec<_> = missing.into_iter().map(|place| self.entries[place].key.clone()).collect();
        keys.sort_unstable();
        for row in rows::load::<M::Table, C>(db, &keys).await? {
            let key = rows::key::<M::Table>(&row);
            let (place, _) = self.entries.place(self.entries.hash(&key), key);
            let entry = &mut self.entries[place];
            (entry.row, entry.stored) = (Some(row), true);
        }
        Ok(())
    }

    /// Folds one event into all rows it touches, or into none of them.
    fn fold(&mut self, model: &M, incoming: &Incoming, places: &[usize]) -> Result<(), String> {
        if let Some(reason) = incoming.undecodable.as_ref().filter(|_| reads::<M>(incoming)) {
            return Err(reason.clone());
        }
        let fold = |place: &usize| {
            let Entry { key, row, .. } = &self.entries[*place];
            model.fold(key, row.clone(), &incoming.event).map_err(|missing| missing.to_string())
        };
        let folded: Vec<_> = places.iter().map(fold).collect::<Result<_, _>>()?;
        for (place, row) in places.iter().zip(folded) {
            self.change(*place, row);
        }
        Ok(())
    }

    fn change(&mut self, place: usize, row: Option<RowOf<M>>) {
        let entry = &mut self.entries[place];
        if !entry.changed {
            if entry.row == row {
                return;
            }
            entry.changed = true;
            if let Some(stored) = &entry.row {
                for sum in &mut self.sums {
                    sum.add(stored, -1);
                }
            }
            if self.compares && entry.stored {
                entry.was = entry.row.take();
            }
        }
        entry.row = row;
    }

    /// Writes what changed, and what follows from it. Other events may be taken after that; if rows are to `stay`, without loading
    /// them again.
    pub(crate) async fn write(&mut self, tx: &DatabaseTransaction, stay: bool) -> Result<(), DbErr> {
        let changed = self.entries.arrange().await;
        // What is gone makes room before anything is put there.
        let entries = &self.entries.all()[..changed];
        let gone = entries.iter().filter(|entry| entry.stored && entry.row.is_none()).map(|entry| entry.key.clone());
        rows::delete::<M::Table>(tx, &gone.collect::<Vec<_>>()).await?;
        for begin in (0..changed).step_by(CHUNK) {
            self.write_chunk(tx, begin..changed.min(begin + CHUNK)).await?;
            if self.sums.iter().map(|sum| sum.weight()).sum::<usize>() > SUMS {
                self.write_sums(tx).await?;
            }
        }
        self.write_sums(tx).await?;
        if stay {
            self.entries.written(changed);
        } else {
            self.absent.expect(self.entries.all().len());
            for entry in self.entries.all().iter().filter(|entry| entry.row.is_some()) {
                self.absent.exclude(self.entries.hash(&entry.key));
            }
            self.entries.clear();
        }
        Ok(())
    }

    async fn write_chunk(&mut self, tx: &DatabaseTransaction, chunk: Range<usize>) -> Result<(), DbErr> {
        let (mut new, mut others, mut beside) = (Vec::new(), Vec::new(), Vec::new());
        let replaces = self.entries.all()[chunk.clone()].iter().any(|entry| entry.was.is_some());
        let indexed = if replaces { rows::indexed::<M::Table>(&M::indexes()) } else { vec![] };
        for Entry { row, stored, was, .. } in &self.entries.all()[chunk] {
            let Some(row) = row else { continue };
            for sum in &mut self.sums {
                sum.add(row, 1);
            }
            let stays = |was: &RowOf<M>| indexed.iter().all(|column| was.get(*column) == row.get(*column));
            match was {
                _ if !stored => new.push(row.clone()),
                // It changed back.
                Some(was) if was == row => {}
                Some(was) if stays(was) => beside.push(row.clone()),
                _ => others.push(row.clone()),
            }
        }
        // As above: what another row gives up may be what a new one takes.
        rows::upsert::<M::Table>(tx, &others).await?;
        rows::replace::<M::Table>(tx, &beside, &indexed).await?;
        rows::insert::<M::Table>(tx, &new).await
    }

    async fn write_sums(&mut self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        for sum in &mut self.sums {
            sum.write(tx, false).await?;
        }
        Ok(())
    }
}

/// Sums up all rows of a read model whose totals did not follow them until now.
pub(crate) async fn sum_up<M: ReadModel>(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    for totals in M::totals() {
        totals.discard(tx).await?;
        let (mut sum, mut fresh) = (totals.begin(), true);
        let mut page = rows::page_after::<M::Table, _>(tx, None).await?;
        while let Some(last) = page.last() {
            for row in &page {
                sum.add(row, 1);
            }
            if sum.weight() > SUMS {
                sum.write(tx, std::mem::take(&mut fresh)).await?;
            }
            page = rows::page_after::<M::Table, _>(tx, Some(last)).await?;
        }
        sum.write(tx, fresh).await?;
    }
    Ok(())
}

fn reads<M: ReadModel>(incoming: &Incoming) -> bool {
    M::STREAMS.contains(&incoming.event.stream.kind.as_ref())
}
