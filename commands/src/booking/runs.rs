//! What organisers do about runs.

use domain::{
    booking::{
        BookingRejection as Rejection, Discount, Plan, Times, Timing,
        programme::Showing,
        run::{Run, RunCommand, Scheduled},
    },
    identity::{Permission, account::Account},
    kernel::{RunId, WorkshopId},
    workshops::{
        content::Visibility,
        workshop::{Live, Workshop},
    },
};
use serde_json::json;
use uuid::Uuid;

use super::{Booking, flawed, staff};
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Halt, Operation, Transaction},
};

/// What an organiser says of a run; the plan's own times are those of the timing.
#[derive(Clone, Debug)]
pub struct RunDraft {
    pub timing: Timing,
    pub plan: Plan,
}

/// A code for a run.
#[derive(Clone, Debug)]
pub struct DiscountDraft {
    pub run: RunId,
    pub discount: Discount,
}

impl RunDraft {
    /// As many plans as it is repeated.
    fn plans(&self) -> Result<Vec<Plan>, Rejection> {
        let times = self.timing.times().map_err(Rejection::Flawed)?;
        let Some(first) = times.first().map(|first| first.starts_at) else { return Ok(vec![]) };
        let at = |times| Plan { time_zone: self.timing.time_zone.clone(), ..self.plan.at(times, first) };
        Ok(times.into_iter().map(at).collect())
    }

    fn only(&self) -> Result<Plan, Rejection> {
        if self.timing.recurrence.is_some() {
            return Err(flawed("recurrence", "none: each run of a series is changed by itself"));
        }
        self.plans()?.pop().ok_or_else(|| flawed("startsAt", "a time"))
    }
}

impl Booking {
    /// Schedules a run, or a series of them, as drafts: all of them, or none.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn schedule(&self, request: &Request, draft: &RunDraft) -> Result<Outcome<Vec<RunId>, Rejection>, Fault> {
        let organiser = request.person(&acts::RUN_SCHEDULE)?;
        let plans = match draft.plans() {
            Ok(plans) => plans,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let runs: Vec<(RunId, Plan)> = plans.into_iter().map(|plan| (RunId(Uuid::now_v7()), plan)).collect();
        let series = if runs.len() > 1 { runs.first().map(|(run, _)| *run) } else { None };
        let input = json!({ "plan": draft.plan, "timing": draft.timing });
        let (runs, manages) = (&runs, request.actor.may(Permission::ManageWorkshops));
        let work = |transaction: Transaction| async move {
            self.expect_there(&draft.plan, |author| manages || author == organiser).await?;
            let showings = runs.iter().map(|(run, plan)| Showing { run: *run, until: plan.ends_at }).collect();
            for (run, plan) in runs {
                let schedule = RunCommand::Schedule { organiser, series, plan: Box::new(plan.clone()) };
                transaction.decide::<Run>((*run).into(), schedule).await?;
            }
            self.put_on((request, &transaction), organiser, showings).await?;
            Ok(runs.iter().map(|(run, _)| *run).collect())
        };
        self.dispatcher.execute(request, Operation::new(acts::RUN_SCHEDULE, input), work).await
    }

    /// Changes what was said of a run. Once it is published, its time is changed by rescheduling.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn revise(&self, request: &Request, run: RunId, draft: &RunDraft) -> Result<Outcome<(), Rejection>, Fault> {
        let by = staff(request, &acts::RUN_REVISE)?;
        let plan = match draft.only() {
            Ok(plan) => plan,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let (plan, account) = (&plan, request.actor.account());
        let manages = request.actor.may(Permission::ManageWorkshops);
        let work = |transaction: Transaction| async move {
            self.expect_there(plan, |author| manages || Some(author) == account).await?;
            if transaction.decide::<Run>(run.into(), RunCommand::Revise { by, plan: Box::new(plan.clone()) }).await? {
                self.moved((request, &transaction), run, plan.ends_at).await?;
            }
            Ok(())
        };
        let input = json!({ "run": run, "plan": draft.plan, "timing": draft.timing });
        self.dispatcher.execute(request, Operation::new(acts::RUN_REVISE, input), work).await
    }

    /// Opens a run for registration.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn publish(&self, request: &Request, run: RunId) -> Result<Outcome<(), Rejection>, Fault> {
        let by = staff(request, &acts::RUN_PUBLISH)?;
        let operation = Operation::new(acts::RUN_PUBLISH, json!({ "run": run }));
        self.dispatcher.command::<Run>(request, operation, run.into(), || RunCommand::Publish { by }).await
    }

    /// Moves a run to another time, or changes when it ends. Who registered before and withdraws before it starts gets back all they paid.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn reschedule(&self, request: &Request, run: RunId, timing: &Timing) -> Result<Outcome<(), Rejection>, Fault> {
        let by = staff(request, &acts::RUN_RESCHEDULE)?;
        let times = match timing.times() {
            Ok(times) if timing.recurrence.is_none() => times[0],
            Ok(_) => return Ok(Outcome::Rejected(flawed("recurrence", "none: each run of a series is moved by itself"))),
            Err(flaws) => return Ok(Outcome::Rejected(Rejection::Flawed(flaws))),
        };
        let Times { starts_at, ends_at, closes_at, .. } = times;
        let work = |transaction: Transaction| async move {
            let time_zone = Some(timing.time_zone.clone());
            if transaction.decide::<Run>(run.into(), RunCommand::Reschedule { by, starts_at, ends_at, closes_at, time_zone }).await? {
                self.moved((request, &transaction), run, ends_at).await?;
            }
            Ok(())
        };
        let operation = Operation::new(acts::RUN_RESCHEDULE, json!({ "run": run, "timing": timing }));
        self.dispatcher.execute(request, operation, work).await
    }

    /// Calls a run off. All that came in for it is owed.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn cancel(&self, request: &Request, run: RunId, reason: &str) -> Result<Outcome<(), Rejection>, Fault> {
        let by = staff(request, &acts::RUN_CANCEL)?;
        let work = |transaction: Transaction| async move {
            if transaction.decide::<Run>(run.into(), RunCommand::Cancel { by, reason: reason.to_owned() }).await? {
                self.called_off(&transaction, run).await?;
            }
            Ok(())
        };
        let operation = Operation::new(acts::RUN_CANCEL, json!({ "run": run, "reason": reason }));
        self.dispatcher.execute(request, operation, work).await
    }

    /// Says that a run is over: who was not checked in did not come.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn complete(&self, request: &Request, run: RunId) -> Result<Outcome<(), Rejection>, Fault> {
        let by = staff(request, &acts::RUN_COMPLETE)?;
        let operation = Operation::new(acts::RUN_COMPLETE, json!({ "run": run }));
        self.dispatcher.command::<Run>(request, operation, run.into(), || RunCommand::Complete { by }).await
    }

    /// Makes a code that reduces a price, or admits.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn create_discount(&self, request: &Request, draft: &DiscountDraft) -> Result<Outcome<(), Rejection>, Fault> {
        let by = staff(request, &acts::DISCOUNT_CREATE)?;
        let DiscountDraft { run, discount } = draft;
        let operation = Operation::new(acts::DISCOUNT_CREATE, json!({ "run": run, "discount": discount }));
        let command = || RunCommand::CreateDiscount { by, discount: discount.clone() };
        self.dispatcher.command::<Run>(request, operation, (*run).into(), command).await
    }

    /// Makes a code worth nothing from now on.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn revoke_discount(&self, request: &Request, run: RunId, code: &str) -> Result<Outcome<(), Rejection>, Fault> {
        let by = staff(request, &acts::DISCOUNT_REVOKE)?;
        let operation = Operation::new(acts::DISCOUNT_REVOKE, json!({ "run": run, "code": code }));
        let command = || RunCommand::RevokeDiscount { by, code: code.to_owned() };
        self.dispatcher.command::<Run>(request, operation, run.into(), command).await
    }

    /// Lets go of what was held for too long, and offers what is free; until nothing is left to be done.
    ///
    /// # Errors
    /// A fault.
    pub async fn settle(&self, request: &Request, run: RunId) -> Result<Outcome<(), Rejection>, Fault> {
        // Without a receipt: under a key, all but the first time nothing would be done, and something be left for ever.
        let asked = Request { key: None, ..request.clone() };
        loop {
            let operation = Operation::new(acts::RUN_SETTLE, json!({ "run": run }));
            let outcome = self.dispatcher.command::<Run>(&asked, operation, run.into(), || RunCommand::Settle).await?;
            let now = self.dispatcher.now();
            if !self.look(run, |run: &Scheduled| Some(run.is_behind(now))).await?.unwrap_or_default() {
                return Ok(outcome);
            }
        }
    }

    /// The workshop of a run is published, and may be seen by who asks; its instructor has the account that is named.
    async fn expect_there(&self, plan: &Plan, is_theirs: impl Fn(domain::kernel::AccountId) -> bool) -> Result<(), Halt<Rejection>> {
        if let Some(workshop) = plan.workshop
            && !self.is_published(workshop, is_theirs).await?
        {
            return Err(Halt::Rejected(Rejection::WorkshopNotFound));
        }
        if let Some(instructor) = plan.instructor_account
            && !matches!(self.dispatcher.state::<Account>(instructor.into()).await?, Account::Open { .. })
        {
            return Err(Halt::Rejected(flawed("instructorId", "an account there is")));
        }
        Ok(())
    }

    async fn is_published(&self, workshop: WorkshopId, is_theirs: impl Fn(domain::kernel::AccountId) -> bool) -> Result<bool, Fault> {
        let Workshop::Live(live) = self.dispatcher.state::<Workshop>(workshop.into()).await? else { return Ok(false) };
        let Live { author, published, .. } = *live;
        Ok(published.is_some_and(|(_, edition)| edition.outline.visibility != Visibility::Private || is_theirs(author)))
    }
}
