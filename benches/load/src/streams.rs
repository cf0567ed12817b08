//! Which aggregates commands go to.

use uuid::Uuid;

use crate::{Fault, Order};

/// Chooses an aggregate for each command.
#[derive(Clone, Copy, Debug)]
pub enum Streams {
    /// One that is not there yet.
    New,
    /// Any of those numbered from the first to before the last, as likely as the others.
    Among(u64, u64),
}

impl Streams {
    /// As an order says: `new`, or `0..1000`.
    pub fn of(order: &Order) -> Result<Self, Fault> {
        if order.work == "new" {
            return Ok(Self::New);
        }
        let bounds = order.work.split_once("..").ok_or_else(|| format!("no streams: {}", order.work))?;
        Ok(Self::Among(bounds.0.parse()?, bounds.1.parse()?))
    }

    /// The next one.
    #[must_use]
    pub fn pick(self) -> Uuid {
        match self {
            Self::New => Uuid::now_v7(),
            Self::Among(first, last) => stream(rand::random_range(first..last)),
        }
    }
}

/// The aggregate with a number: `00000000-0000-7000-8000-<the number in 12 hexadecimal digits>`.
#[must_use]
pub fn stream(number: u64) -> Uuid {
    Uuid::from_u128((0x7000_8000_u128 << 48) | u128::from(number))
}
