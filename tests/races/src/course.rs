//! Where races are run: nodes on one journal, people with accounts, and the plan of a run.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use chrono::TimeDelta;
use commands::{
    Actor, Commands, Outcome, Request, Settings, StreamOptions,
    booking::RunDraft,
    identity::{Hashing, HashingCost, TokenSettings},
    plans::PlanLimits,
};
use domain::{
    booking::{
        Admission, Audience, Format, Plan, RefundStep, Ticket, Timing, Visibility,
        tax::{Rounding, Taxation},
    },
    identity::{
        Role,
        plan_book::{Limits, PlanBook},
    },
    kernel::{AccountId, Currency, Minutes, Money, RunId, SignInId},
};
use journal::{Journal, vault::Vault};
use uuid::Uuid;

use crate::{Fault, Nobody, Person, Size, Verified, clock::now, crowd, enter, race::Race};

/// What a seat costs, in cents.
const PRICE: i64 = 10_000;
/// How long a place is held, for a payment or for who waited.
pub(crate) const HELD: Minutes = Minutes(60);

/// What a node stands on: keys, and events.
pub type Stored = (Arc<dyn Vault>, Arc<dyn Journal>);

/// Nodes on one journal, and people.
pub struct Course {
    pub(crate) nodes: Vec<Arc<Commands>>,
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) people: Vec<Person>,
    pub(crate) by_account: HashMap<AccountId, usize>,
    pub(crate) organiser: Request,
    pub(crate) size: Size,
}

impl Course {
    /// A node on each of these, which are of one journal, and an account for everybody. It is empty before.
    ///
    /// # Errors
    /// The stores could not be read or written.
    pub async fn lay(stores: &[Stored], size: Size) -> Result<Self, Fault> {
        let mut nodes = Vec::new();
        for (vault, journal) in stores {
            nodes.push(Arc::new(node(vault, journal).await?));
        }
        let (_, journal) = stores.first().ok_or("expected a journal")?;
        let people = crowd(size.people);
        enter(journal, &people).await?;
        let by_account = people.iter().enumerate().map(|(number, person)| (person.account, number)).collect();
        let actor = Actor::person(AccountId(Uuid::now_v7()), SignInId(Uuid::now_v7()), Role::Organiser.permissions());
        let organiser = Request { actor, ..Request::system("races") };
        Ok(Self { nodes, journal: Arc::clone(journal), people, by_account, organiser, size })
    }

    /// One race, as the seed has it. Every second is for a run whose organiser approves each.
    ///
    /// # Errors
    /// Something could not be done, or is not as it has to be.
    pub async fn race(self: &Arc<Self>, seed: u64) -> Result<Verified, Fault> {
        let begun = self.journal.head().await?;
        let plan = plan(self.size.places, seed % 2 == 1)?;
        let run = self.open(&plan).await?;
        Race::new(Arc::clone(self), run, seed).run(begun).await.map_err(|fault| format!("seed {seed}: {fault}").into())
    }

    /// A run that people may register for.
    async fn open(&self, draft: &RunDraft) -> Result<RunId, Fault> {
        let booking = &self.nodes[0].booking;
        let run = match booking.schedule(&self.organiser, draft).await? {
            Outcome::Accepted(accepted) => *accepted.value.first().ok_or("expected a run")?,
            Outcome::Rejected(rejection) => return Err(rejection.into()),
        };
        match booking.publish(&self.organiser, run).await? {
            Outcome::Accepted(_) => Ok(run),
            Outcome::Rejected(rejection) => Err(rejection.into()),
        }
    }
}

async fn node(vault: &Arc<dyn Vault>, journal: &Arc<dyn Journal>) -> Result<Commands, Fault> {
    // One organiser puts on all races.
    let usual = PlanLimits::default();
    let plans = PlanLimits { free: Limits { runs: PlanBook::MOST_RUNS, ..usual.free }, ..usual };
    let (tokens, streams) = (TokenSettings::default(), StreamOptions::default());
    let settings = Settings { tokens, hashing: Hashing { at_once: 1, cost: HashingCost::Least }, plans, streams };
    let nobody = Arc::new(Nobody);
    let (vault, journal) = (Arc::clone(vault), Arc::clone(journal));
    Ok(Commands::init(journal, vault, now, nobody.clone(), nobody.clone(), nobody, settings).await?)
}

/// A run that costs nothing, with a line behind it.
///
/// # Errors
/// None: the currency is one.
pub fn free_run(places: u32) -> Result<RunDraft, Fault> {
    let free = plan(places, false)?;
    let tickets = vec![Ticket { quota: None, ..ticket("free", 0)? }];
    Ok(RunDraft { plan: Plan { tickets, ..free.plan }, ..free })
}

/// How many of so many places are free of charge.
pub(crate) const fn free_of(places: u32) -> u32 {
    if places < 4 { 1 } else { places / 4 }
}

fn plan(places: u32, needs_approval: bool) -> Result<RunDraft, Fault> {
    let starts_at = (now() + TimeDelta::days(1000)).naive_utc();
    let (ends_at, time_zone) = (starts_at + TimeDelta::hours(8), "UTC".to_owned());
    let timing = Timing { starts_at, ends_at, opens_at: None, closes_at: None, time_zone: time_zone.clone(), recurrence: None };
    let few = Ticket { quota: Some(free_of(places)), ..ticket("free", 0)? };
    let plan = Plan {
        workshop: None,
        title: "Containers".to_owned(),
        description: String::new(),
        category: "containers".to_owned(),
        tags: BTreeSet::new(),
        level: None,
        language: "en".to_owned(),
        instructor: "Grace Hopper".to_owned(),
        instructor_account: None,
        format: Format::Online { link: "https://meet.example.org/1".to_owned() },
        starts_at: now(),
        ends_at: now(),
        time_zone,
        opens_at: None,
        closes_at: None,
        capacity: places,
        currency: Currency::try_new("EUR")?,
        taxation: Taxation { rate: 1900, rounding: Rounding::Line },
        tickets: vec![few, ticket("paid", PRICE)?],
        admission: if needs_approval { Admission::Approval { holds_place: true } } else { Admission::Automatic },
        hold: HELD,
        waitlist: true,
        offer: HELD,
        refunds: vec![RefundStep { before: Minutes(0), share: 10_000 }],
        questions: vec![],
        visibility: Visibility::Public,
        group: 3,
    };
    Ok(RunDraft { timing, plan })
}

fn ticket(key: &str, price: i64) -> Result<Ticket, Fault> {
    let price = Money::new(price, Currency::try_new("EUR")?);
    Ok(Ticket { key: key.to_owned(), name: key.to_owned(), price, tiers: vec![], quota: None, audience: Audience::Everyone })
}
