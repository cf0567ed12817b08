//! One race: who comes when, and what is looked at afterwards.

use std::{
    iter,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use commands::booking::Booking;
use domain::{
    booking::run::{Entry, Run, Scheduled, Stage},
    kernel::RunId,
};
use journal::Position;
use tokio::task::JoinSet;

use crate::{
    Course, Fault, Verified,
    fate::{Fate, Runner, mixed},
    job::Job,
    story,
};

/// In how many parts those come who are not there from the start.
const PARTS: usize = 20;
/// After so many more rounds all is decided, or something is wrong.
const LAST: u64 = 300;
/// How many are named who keep it from being over.
const TOLD: usize = 10;

/// A race on its way.
pub(crate) struct Race {
    pub(crate) course: Arc<Course>,
    pub(crate) run: RunId,
    pub(crate) seed: u64,
    /// Cents that were sent, as who sent them has it.
    pub(crate) sent: AtomicI64,
    pub(crate) commands: AtomicU64,
}

impl Race {
    pub(crate) const fn new(course: Arc<Course>, run: RunId, seed: u64) -> Self {
        Self { course, run, seed, sent: AtomicI64::new(0), commands: AtomicU64::new(0) }
    }

    /// The node that somebody asks.
    pub(crate) fn booking(&self, person: usize) -> &Booking {
        &self.course.nodes[person % self.course.nodes.len()].booking
    }

    /// Half of all come at once, the others by and by. `begun`: where the journal stood before.
    pub(crate) async fn run(self, begun: Position) -> Result<Verified, Fault> {
        let race = Arc::new(self);
        let mut people: Vec<usize> = (0..race.course.people.len()).collect();
        people.sort_by_key(|person| mixed(race.seed.rotate_left(7), *person as u64));
        let (first, others) = people.split_at(people.len() / 2);
        let mut round = 0;
        for some in iter::once(first).chain(others.chunks(others.len().div_ceil(PARTS).max(1))) {
            let mut jobs: Vec<Job> = some.iter().copied().map(Job::Register).collect();
            jobs.extend(race.open_jobs().await?);
            jobs.extend([Job::Settle, Job::Settle]);
            jobs.extend(race.passes(round));
            race.all(jobs, round).await?;
            round += 1;
        }
        while !race.is_decided().await? {
            if round == LAST {
                return Err(race.undecided().await?.into());
            }
            let mut jobs = race.open_jobs().await?;
            jobs.push(Job::Settle);
            jobs.extend(race.passes(round));
            race.all(jobs, round).await?;
            round += 1;
        }
        let state = race.state().await?;
        let owed = state.registrations().filter(|(_, entry)| entry.owed > 0);
        race.all(owed.map(|(registration, _)| Job::Refund { registration }).collect(), round).await?;
        race.verify(begun).await
    }

    /// Clients do all of them, in an order that the seed decides.
    async fn all(self: &Arc<Self>, jobs: Vec<Job>, round: u64) -> Result<(), Fault> {
        let mut jobs: Vec<(u64, Job)> = (0..).map(|number| mixed(self.seed, mixed(round, number))).zip(jobs).collect();
        jobs.sort_by_key(|(place, _)| *place);
        let queue = Arc::new(Mutex::new(jobs.into_iter()));
        let mut clients = JoinSet::new();
        for _ in 0..self.course.size.clients {
            let (race, queue) = (Arc::clone(self), Arc::clone(&queue));
            clients.spawn(async move {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((_, job)) = next else { return Ok::<(), Fault>(()) };
                    Box::pin(race.job(job)).await?;
                }
            });
        }
        while let Some(ended) = clients.join_next().await {
            ended??;
        }
        Ok(())
    }

    /// Time goes by in every third round or so: were it each third, whoever needs three rounds to pay could be late for ever. It does so at
    /// once, where all else takes a while: who has a place by then is late if they have not done anything yet.
    const fn passes(&self, round: u64) -> Option<Job> {
        if mixed(self.seed.rotate_left(23), round).is_multiple_of(3) { Some(Job::Pass) } else { None }
    }

    pub(crate) async fn state(&self) -> Result<Scheduled, Fault> {
        match self.booking(0).run(self.run).await? {
            Run::Scheduled(run) => Ok(*run),
            Run::Absent => Err("the run is gone".into()),
        }
    }

    /// What people would do about what has become of them.
    async fn open_jobs(&self) -> Result<Vec<Job>, Fault> {
        let state = self.state().await?;
        let job = |(registration, entry): (_, &Entry)| {
            let person = *self.course.by_account.get(&entry.person.account?)?;
            moves(Runner::of(self.seed, person), entry).then_some(Job::Go { person, registration })
        };
        Ok(state.registrations().filter_map(job).collect())
    }

    /// Nobody has a place for a time alone.
    async fn is_decided(&self) -> Result<bool, Fault> {
        Ok(!self.state().await?.registrations().any(|(_, entry)| is_open(entry.stage)))
    }

    /// Who keeps the race from being over.
    async fn undecided(&self) -> Result<String, Fault> {
        let state = self.state().await?;
        let open = state.registrations().filter(|(_, entry)| is_open(entry.stage));
        let told: Vec<String> = open.take(TOLD).map(|(registration, entry)| format!("{registration} is {:?}", entry.stage)).collect();
        let (taken, waiting) = (state.taken(), state.waiting());
        Ok(format!("expected all to be decided by now, with {taken} places taken and {waiting} waiting: {}", told.join(", ")))
    }

    /// Tells the story again, and compares.
    async fn verify(&self, begun: Position) -> Result<Verified, Fault> {
        let state = self.state().await?;
        let story = story::told(&self.course.journal, begun, self.run).await?;
        story.ends_well(self.sent.load(Ordering::Relaxed))?;
        if (state.taken(), u64::from(state.waiting())) != (story.taken(), story.waiting()) {
            return Err("the state is not what its events come to".into());
        }
        let idle = self.course.size.places.saturating_sub(state.taken());
        Ok(Verified { commands: self.commands.load(Ordering::Relaxed), idle, told: story.told })
    }
}

/// Whether somebody has a place for a time alone.
const fn is_open(stage: Stage) -> bool {
    matches!(stage, Stage::PendingApproval { .. } | Stage::AwaitingPayment { .. } | Stage::Offered { .. })
}

/// Whether somebody does something about what has become of their registration.
fn moves(runner: Runner, entry: &Entry) -> bool {
    match entry.stage {
        Stage::PendingApproval { .. } | Stage::AwaitingPayment { .. } | Stage::Offered { .. } => true,
        Stage::Expired => runner.fate == Fate::PaysLate && entry.quote.total.amount > 0 && entry.kept() == 0,
        Stage::Waitlisted => runner.is_one_of(32, 3) || runner.is_one_of(64, 2) && entry.priority == 0,
        Stage::Confirmed => runner.is_one_of(32, 3),
        _ => false,
    }
}
