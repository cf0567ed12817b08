//! What can be wrong with a plan.

use super::{
    super::{Flaw, zone},
    Plan, RefundStep, Taxation,
};
use crate::kernel::Minutes;

/// The most places.
const PLACES: u32 = 100_000;
/// The longest that something is held: 60 days.
const LONGEST: Minutes = Minutes(60 * 24 * 60);
/// The most bytes of all of it.
const LARGEST: usize = 48 * 1024;

impl Plan {
    /// All that is not as expected, in the order of the fields.
    #[must_use]
    pub fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = self.texts();
        flaws.extend(self.format.flaws());
        flaws.extend(self.times());
        flaws.extend(self.places());
        for (index, ticket) in self.tickets.iter().enumerate() {
            let at = format!("tickets[{index}]");
            flaws.extend(ticket.flaws(&at));
            if ticket.price.currency != self.currency {
                flaws.push(Flaw::new(&format!("{at}.price"), &format!("an amount in {}, as all of the run's", self.currency)));
            }
            if self.tickets[..index].iter().any(|earlier| earlier.key == ticket.key) {
                flaws.push(Flaw::new(&format!("{at}.key"), "a key that no other ticket has"));
            }
        }
        for (index, question) in self.questions.iter().enumerate() {
            let at = format!("questions[{index}]");
            flaws.extend(question.flaws(&at));
            if self.questions[..index].iter().any(|earlier| earlier.key == question.key) {
                flaws.push(Flaw::new(&format!("{at}.key"), "a key that no other question has"));
            }
        }
        // It has to fit into an event.
        if serde_json::to_vec(self).is_ok_and(|text| text.len() > LARGEST) {
            flaws.push(Flaw::new("description", "48 KiB at most of texts, tickets and questions altogether"));
        }
        flaws
    }

    fn texts(&self) -> Vec<Flaw> {
        let long = |text: &str, most: usize| (1..=most).contains(&text.trim().chars().count());
        let plain = |text: &str, most: usize| long(text, most) && !text.contains(char::is_control);
        let tags = self.tags.len() <= 20 && self.tags.iter().all(|tag| plain(tag, 40));
        [
            (plain(&self.title, 150), "title", "1 to 150 characters"),
            (self.description.chars().count() <= 10_000, "description", "at most 10000 characters"),
            (plain(&self.category, 40), "category", "1 to 40 characters"),
            (tags, "tags", "at most 20 of 1 to 40 characters"),
            (is_language(&self.language), "language", "a language tag, such as en or fr-CH (BCP 47)"),
            (plain(&self.instructor, 120), "instructor", "1 to 120 characters"),
        ]
        .into_iter()
        .filter(|(is_met, ..)| !is_met)
        .map(|(_, at, expected)| Flaw::new(at, expected))
        .collect()
    }

    fn times(&self) -> Vec<Flaw> {
        let closes = self.closes_at.unwrap_or(self.starts_at);
        let is_held = |minutes: Minutes| (Minutes(1)..=LONGEST).contains(&minutes);
        let is_share = |step: &RefundStep| step.share <= Taxation::HIGHEST;
        let unknown = zone::named(&self.time_zone).err();
        let times = [
            (self.starts_at < self.ends_at, "endsAt", "a time after the start"),
            (self.ends_at - self.starts_at <= chrono::TimeDelta::days(60), "endsAt", "a time within 60 days of the start"),
            (self.closes_at.is_none_or(|closes| closes <= self.ends_at), "closesAt", "a time that is not after the end"),
            (self.opens_at.is_none_or(|opens| opens < closes), "opensAt", "a time before registration closes"),
            (is_held(self.hold), "holdMinutes", "1 minute to 60 days"),
            (is_held(self.offer), "offerMinutes", "1 minute to 60 days"),
            (self.refunds.len() <= 10 && self.refunds.iter().all(is_share), "refunds", "at most 10, of 0 to 100 percent"),
        ];
        let unmet = times.into_iter().filter(|(is_met, ..)| !is_met);
        unknown.into_iter().chain(unmet.map(|(_, at, expected)| Flaw::new(at, expected))).collect()
    }

    fn places(&self) -> Vec<Flaw> {
        [
            ((1..=PLACES).contains(&self.capacity), "capacity", "1 to 100000"),
            (self.taxation.rate <= Taxation::HIGHEST, "vatPercent", "0 to 100"),
            ((1..=20).contains(&self.tickets.len()), "tickets", "1 to 20"),
            (self.questions.len() <= 30, "questions", "at most 30"),
            ((1..=50).contains(&self.group), "groupLimit", "1 to 50"),
        ]
        .into_iter()
        .filter(|(is_met, ..)| !is_met)
        .map(|(_, at, expected)| Flaw::new(at, expected))
        .collect()
    }
}

/// Whether it looks like a language tag: letters first, then parts of letters and digits.
fn is_language(tag: &str) -> bool {
    let is_part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_first = |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    tag.len() <= 35 && tag.split('-').enumerate().all(|(index, part)| if index == 0 { is_first(part) } else { is_part(part) })
}
