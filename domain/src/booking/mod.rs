//! Workshops at a time and a place: who may come, who waits, what they pay.

mod answers;
mod discount;
mod invitation;
mod place;
mod plan;
pub mod programme;
pub mod recurrence;
pub mod registrant;
mod rejection;
pub mod run;
pub mod tax;
// The same as the crate `test-runs`, which as a dependency would be of another build's types.
#[cfg(test)]
#[path = "../../../tests/runs/src/lib.rs"]
pub mod test_runs;
mod ticket;
mod timing;
pub mod zone;

pub use answers::{Answer, Answers, Question, QuestionKind};
pub use discount::{Discount, Reduction};
pub use invitation::Invitation;
pub use place::{Format, PlaceBefore, Venue};
pub use plan::{Admission, Plan, RefundStep, Visibility};
pub use rejection::{BookingRejection, Flaw};
pub use ticket::{Audience, Quote, Ticket, Tier};
pub use timing::{Times, Timing};
