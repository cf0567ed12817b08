//! Who gets in, and who is there.

use chrono::TimeDelta;
use domain::{
    booking::{
        Reduction,
        run::{Requested, RunEvent as Did},
    },
    kernel::{RegistrationId, Timestamp},
};
use proptest::prelude::*;

use super::{At, Known, Model};
use crate::Checked;

impl Model {
    pub(super) fn request(&mut self, asked: &Requested) -> Checked {
        prop_assert!(self.all.values().all(|other| other.number < asked.number), "numbers go up");
        let invitation = self.invitations.get(asked.person.address.as_str());
        let invitation = invitation.filter(|invitation| invitation.ticket.as_ref().is_none_or(|ticket| *ticket == asked.ticket));
        let is_invited = invitation.is_some_and(|invitation| invitation.registration == asked.registration);
        prop_assert!(asked.person.account.is_some() || is_invited, "guests come by invitation");
        prop_assert!(invitation.is_none_or(|invitation| invitation.priority <= asked.priority), "who is invited is before others");
        self.is_quoted(asked)?;
        prop_assert!(self.all.insert(asked.registration, Known::new(asked)).is_none(), "a registration of its own");
        Ok(())
    }

    /// What it costs is what the ticket does, for each seat, where the first are cheaper, less what the code takes off. Tax is rounded by a
    /// cent a seat at most.
    fn is_quoted(&self, asked: &Requested) -> Checked {
        let ticket = self.plan().ticket(&asked.ticket).expect("a ticket of the run");
        let seats = i64::from(asked.seats);
        let have = self.all.values().filter(|known| known.at.takes() && known.ticket == asked.ticket);
        let taken: i64 = have.map(|known| i64::from(known.seats)).sum();
        let early = ticket.tiers.iter().map(|tier| {
            let cheaper = (i64::from(tier.first.expect("so many places")) - taken).clamp(0, seats);
            cheaper * (ticket.price.amount - tier.price.amount)
        });
        let full = ticket.price.amount * seats - early.sum::<i64>();
        let off = match &asked.code {
            None => 0,
            Some(code) => match self.codes.get(code).expect("a code that there is").reduction {
                Reduction::None => 0,
                Reduction::Share(share) => full * i64::from(share) / 10_000,
                Reduction::Amount(off) => off.amount.min(full),
            },
        };
        let (discount, total) = (asked.quote.discount.amount, asked.quote.total.amount);
        prop_assert_eq!(discount, off, "what is taken off");
        prop_assert!((total - (full - off)).abs() <= seats, "{total} for {full} less {off}");
        Ok(())
    }

    /// It counts from now on: places are given until the run begins, and a code is used as often as it may be.
    pub(super) fn comes_in(&self, registration: RegistrationId, now: Timestamp) -> Checked {
        prop_assert!(self.gives_places(now), "nobody comes to a run that has begun or ended");
        if let Some(code) = &self.all[&registration].code {
            let uses = self.all.values().filter(|known| known.at.counts() && known.code.as_ref() == Some(code)).count();
            let most = self.codes.get(code).and_then(|code| code.uses);
            prop_assert!(most.is_none_or(|most| uses < most as usize), "{code} is used up");
        }
        Ok(())
    }

    /// Who has a place is there, from the day before the start on, or is not, which is known from the start on; both are taken back.
    pub(super) fn attend(&mut self, event: &Did, now: Timestamp) -> Checked {
        let (is_completed, starts_at) = (self.is_completed, self.plan().starts_at);
        let (is_near, has_begun) = (now >= starts_at - TimeDelta::days(1), now >= starts_at);
        let (registration, came) = match event {
            Did::CheckedIn { registration, .. } => (registration, Some(true)),
            Did::NoShowRecorded { registration } => (registration, Some(false)),
            Did::CheckInUndone { registration } | Did::NoShowUndone { registration } => (registration, None),
            _ => return Ok(()),
        };
        let known = self.known(*registration);
        prop_assert_eq!(known.at, At::Place, "who comes, or does not, has a place");
        match event {
            Did::CheckedIn { .. } => {
                prop_assert!(known.came.is_none() || is_completed && known.came == Some(false), "they came once");
                prop_assert!(is_near, "nobody comes days ahead");
            }
            Did::NoShowRecorded { .. } => prop_assert!(known.came.is_none() && has_begun, "nobody is missed ahead"),
            Did::CheckInUndone { .. } => prop_assert_eq!(known.came, Some(true)),
            _ => prop_assert_eq!(known.came, Some(false)),
        }
        known.came = came;
        Ok(())
    }

    /// Who is let in begins, or who comes along with them; a guest by an account of the same address.
    pub(super) fn begin(&mut self, event: &Did) -> Checked {
        let Did::SessionBegun { registration, account, .. } = event else { return Ok(()) };
        let known = self.known(*registration);
        prop_assert!(known.at == At::Place && known.came != Some(false), "who begins is let in");
        let is_theirs = known.person.account.is_none_or(|own| own == *account);
        prop_assert!(is_theirs || !known.members.is_empty(), "who begins comes by it");
        known.at_work.insert(*account);
        let at_work = u32::try_from(known.at_work.len());
        prop_assert!(at_work.is_ok_and(|at_work| at_work <= known.seats), "no more begin than come");
        Ok(())
    }
}
