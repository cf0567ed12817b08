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
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        even if even % 2 == 0 => f64::midpoint(values[middle - 1], values[middle]),
        _ => values[middle],
    }
}
