//! Two sides measured in turns, so that whatever the machine does meanwhile it does to both.

use load::{Fault, Figures, Order};

use crate::process::Measured;

/// What both sides measured, round by round.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pair {
    pub(crate) ours: Vec<Figures>,
    pub(crate) peer: Vec<Figures>,
}

impl Pair {
    /// Ours first in one round, the peer first in the next.
    pub(crate) fn measure(
        (ours, our_order): (&mut dyn Measured, &Order),
        (peer, peer_order): (&mut dyn Measured, &Order),
        rounds: usize,
    ) -> Result<Self, Fault> {
        let mut pair = Self::default();
        for round in 0..rounds {
            if round % 2 == 0 {
                pair.ours.push(ours.measure(our_order)?);
                pair.peer.push(peer.measure(peer_order)?);
            } else {
                pair.peer.push(peer.measure(peer_order)?);
                pair.ours.push(ours.measure(our_order)?);
            }
        }
        Ok(pair)
    }

    /// The median of our rates, and of the peer's.
    pub(crate) fn rates(&self) -> (f64, f64) {
        let rates = |side: &[Figures]| median(side.iter().map(Figures::rate).collect());
        (rates(&self.ours), rates(&self.peer))
    }

    /// The least and the greatest ratio of a round.
    pub(crate) fn spread(&self) -> (f64, f64) {
        let ratios = || self.ours.iter().zip(&self.peer).map(|(ours, peer)| ours.rate() / peer.rate());
        (ratios().fold(f64::INFINITY, f64::min), ratios().fold(0.0, f64::max))
    }

    /// The median of our medians, in microseconds.
    pub(crate) fn p50(&self) -> f64 {
        median(self.ours.iter().map(|figures| figures.p50).collect())
    }

    /// The median of our 99th percentiles, in microseconds.
    pub(crate) fn p99(&self) -> f64 {
        median(self.ours.iter().map(|figures| figures.p99).collect())
    }

    /// The same with the sides changed.
    pub(crate) fn turned(self) -> Self {
        Self { ours: self.peer, peer: self.ours }
    }

    /// By how much our median is above the peer's: the median of the rounds, in microseconds.
    pub(crate) fn added(&self) -> f64 {
        median(self.ours.iter().zip(&self.peer).map(|(ours, peer)| ours.p50 - peer.p50).collect())
    }
}

/// What came of requests of which each took so long, in microseconds, one after the other.
pub(crate) fn figures(mut taken: Vec<f64>) -> Figures {
    taken.sort_by(f64::total_cmp);
    let at = |percent: usize| taken.get((taken.len() * percent / 100).min(taken.len().saturating_sub(1))).copied().unwrap_or(f64::NAN);
    let seconds = taken.iter().sum::<f64>() / 1e6;
    Figures { p50: at(50), p99: at(99), ..Figures::of(taken.len() as u64, std::time::Duration::from_secs_f64(seconds)) }
}

/// Microseconds since an instant.
pub(crate) fn micros(since: std::time::Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e6
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        even if even % 2 == 0 => f64::midpoint(values[middle - 1], values[middle]),
        _ => values[middle],
    }
}
