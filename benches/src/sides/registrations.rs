//! Registrations for one popular run, as the API asks for them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use ::commands::{
    Actor, Commands, Outcome, Request, Settings, StreamOptions,
    booking::{Booking, Wanted},
    identity::{Hashing, HashingCost, TokenSettings},
    plans::PlanLimits,
    system_clock,
};
use domain::{
    booking::{Answers, run::Run},
    identity::Role,
    kernel::{AccountId, RunId, SignInId},
};
use load::{Fault, Figures, Order, drive, serve};
use test_races::{Nobody, Person, crowd, enter, free_run};
use uuid::Uuid;

use crate::store::Store;

/// Places of the run: who comes later waits.
pub(crate) const PLACES: u32 = 100;
/// How often a registration is asked for again that was told to.
const TRIES: u32 = 5;

/// Takes orders for registrations; for each there is a new run that nobody is registered for.
pub(super) async fn run(store: &Store, people: usize) -> Result<(), Fault> {
    let vault = store.vault().await?;
    let journal = store.journal(&vault).await?;
    let settings = Settings {
        tokens: TokenSettings::default(),
        hashing: Hashing { at_once: 1, cost: HashingCost::Recommended },
        plans: PlanLimits::default(),
        streams: StreamOptions::default(),
    };
    let nobody = Arc::new(Nobody);
    let init = Commands::init(journal.clone(), vault, system_clock, nobody.clone(), nobody.clone(), nobody, settings);
    let commands = Arc::new(init.await?);
    let people: Arc<[Person]> = crowd(people).into();
    enter(&journal, &people).await?;
    let (booked, registrants) = (&commands, &people);
    serve(|order: Order| async move { measure(booked, registrants, &order).await }).await?;
    journal.close().await;
    Ok(())
}

async fn measure(commands: &Arc<Commands>, people: &Arc<[Person]>, order: &Order) -> Result<Figures, Fault> {
    let run = open(&commands.booking).await?;
    let came = Arc::new(AtomicUsize::new(0));
    let figures = {
        let (commands, people, came) = (Arc::clone(commands), Arc::clone(people), Arc::clone(&came));
        drive(order, move |_, _| {
            let (commands, people, number) = (Arc::clone(&commands), Arc::clone(&people), came.fetch_add(1, Ordering::Relaxed));
            async move {
                let person = people.get(number).ok_or("expected more people to be there than can register in this time")?;
                register(&commands.booking, &person.request, run).await
            }
        })
        .await?
    };
    let came = u32::try_from(came.load(Ordering::Relaxed))?;
    match commands.booking.run(run).await? {
        Run::Scheduled(run) if (run.taken(), run.waiting()) == (came.min(PLACES), came.saturating_sub(PLACES)) => Ok(figures),
        _ => Err(format!("{came} came, and the run knows of others").into()),
    }
}

async fn open(booking: &Booking) -> Result<RunId, Fault> {
    let actor = Actor::person(AccountId(Uuid::now_v7()), SignInId(Uuid::now_v7()), Role::Organiser.permissions());
    let organiser = Request { actor, ..Request::system("bench") };
    let run = match booking.schedule(&organiser, &free_run(PLACES)?).await? {
        Outcome::Accepted(accepted) => *accepted.value.first().ok_or("expected a run")?,
        Outcome::Rejected(rejection) => return Err(rejection.into()),
    };
    match booking.publish(&organiser, run).await? {
        Outcome::Accepted(_) => Ok(run),
        Outcome::Rejected(rejection) => Err(rejection.into()),
    }
}

async fn register(booking: &Booking, request: &Request, run: RunId) -> Result<(), Fault> {
    let wanted =
        Wanted { run, ticket: "free".to_owned(), attendees: vec![], members: vec![], answers: Answers::new(), code: None, wait: true };
    for _ in 0..TRIES {
        match booking.request(request, &wanted).await {
            Ok(Outcome::Accepted(_)) => return Ok(()),
            Ok(Outcome::Rejected(rejection)) => return Err(rejection.into()),
            Err(::commands::Fault::Contention) => {}
            Err(fault) => return Err(fault.into()),
        }
    }
    Err(format!("the run was contended {TRIES} times").into())
}
