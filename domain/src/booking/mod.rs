//! Workshops at a time and a place: who may come, who waits, what they pay.

mod answers;
mod discount;
mod place;
mod plan;
mod rejection;
pub mod run;
pub mod tax;
mod ticket;

pub use answers::{Answer, Answers, Question, QuestionKind};
pub use discount::{Discount, Reduction};
pub use place::{Format, Venue};
pub use plan::{Admission, Plan, RefundStep, Visibility};
pub use rejection::{BookingRejection, Flaw};
pub use ticket::{Quote, Ticket, Tier};
