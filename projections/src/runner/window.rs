//! While the read models are far behind, pages are folded one after another and written together: a row that many events
//! change is loaded once and written once.

use std::time::{Duration, Instant};

use journal::Position;

use super::{Fault, LONGER, Projections, turn::soon};
use crate::{
    checkpoints::Checkpoint,
    held::Held,
    projector::{Incoming, Taken},
};

/// About how many bytes rows may take that are not written yet.
pub(super) const ROOM: usize = 100 << 20;
/// How long rows are held back; so much is folded again after a crash.
const LONGEST: Duration = Duration::from_secs(30);

/// Pages that are folded and not written.
pub(super) struct Window {
    /// Where the read models stand in the database.
    base: Position,
    members: Vec<Member>,
    /// The last event that was folded.
    position: Position,
    events: usize,
    began: Instant,
}

struct Member {
    model: usize,
    held: Held,
    /// Where it stands once this is written.
    checkpoint: Checkpoint,
}

impl Window {
    /// Where to read on, if this is about these read models as the database has them.
    pub(super) fn goes_on(&self, base: Position, models: &[usize]) -> Option<Position> {
        let same = self.base == base && self.members.iter().map(|member| member.model).eq(models.iter().copied());
        same.then_some(self.position)
    }
}

impl Projections {
    /// Whether so much is to be folded before `head` that it is not written page by page.
    pub(super) fn is_far(&self, position: Position, head: Position) -> bool {
        head.0.saturating_sub(position.0) > i64::from(self.page.saturating_mul(LONGER))
    }

    pub(super) fn open_window(&self, base: Position, models: &[usize]) -> Window {
        let checkpoints = self.checkpoints();
        let member = |model: usize| {
            let checkpoint = checkpoints[model].clone();
            Member { model, held: self.models[model].hold(checkpoint.position == Position(0), checkpoint.complete), checkpoint }
        };
        let members = models.iter().map(|model| member(*model)).collect();
        Window { base, members, position: base, events: 0, began: Instant::now() }
    }

    /// Folds a page, and writes what there is once it is enough; `None`, if no more is to be held back.
    pub(super) async fn gather(&self, mut window: Window, events: &[Incoming], head: Position) -> Result<Option<Window>, Fault> {
        let Some(last) = events.last().map(|incoming| incoming.event.position) else { return Ok(Some(window)) };
        let (mut weight, mut parks) = (0, false);
        for member in &mut window.members {
            let model = &self.models[member.model];
            let (taken, bytes) = model.gather(&self.store.writer, &mut member.held, events).await?;
            weight += bytes;
            parks |= matches!(taken, Taken::Until(..));
            member.checkpoint = self.after(member.model, &member.checkpoint, events, &taken, head);
        }
        window.position = last;
        window.events += events.len();
        let is_far = self.is_far(last, head);
        let fits = weight <= self.room;
        if parks || !fits || window.began.elapsed() > LONGEST || !is_far {
            self.write_window(&mut window, fits && is_far && !parks).await?;
        }
        Ok((is_far && !parks).then_some(window))
    }

    /// Writes what is held back, if there is nothing to read after it.
    pub(super) async fn end_window(&self, window: Option<Window>) -> Result<(), Fault> {
        match window.filter(|window| window.events > 0) {
            Some(mut window) => self.write_window(&mut window, false).await,
            None => Ok(()),
        }
    }

    /// Writes all, and begins the window anew. Rows that `stay` need not be loaded again.
    async fn write_window(&self, window: &mut Window, stay: bool) -> Result<(), Fault> {
        let per_second = self.per_second(window.events);
        let tx = self.begin_to_write().await?;
        let mut moved = Vec::with_capacity(window.members.len());
        for member in &mut window.members {
            self.models[member.model].write(&tx, &mut member.held, stay).await?;
            member.checkpoint = member.checkpoint.clone().at_speed(per_second);
            moved.push((member.model, member.checkpoint.clone()));
        }
        self.complete(&tx, &moved).await?;
        // It may have taken longer than the lease lasts.
        if !soon(self.lease.hold(&tx)).await? {
            return Err(Fault::Fenced);
        }
        self.commit(tx, moved).await?;
        (window.base, window.events, window.began) = (window.position, 0, Instant::now());
        Ok(())
    }
}
