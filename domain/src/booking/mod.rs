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
mod ticket;
mod timing;
pub mod zone;

pub use answers::{Answer, Answers, Question, QuestionKind};
pub use discount::{Discount, Reduction};
pub use invitation::Invitation;
pub use place::{Format, Venue};
pub use plan::{Admission, Plan, RefundStep, Visibility};
pub use rejection::{BookingRejection, Flaw};
pub use ticket::{Audience, Quote, Ticket, Tier};
pub use timing::{Times, Timing};
