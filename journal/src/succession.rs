use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Appends of which each was decided on those before it, though it was not known yet whether these are written. Once one is not, none
/// after it is: at the sequence that it expects there may be other events by then.
#[derive(Clone, Debug, Default)]
pub struct Succession(Arc<AtomicBool>);

impl Succession {
    /// Has none be written that is still to come.
    pub fn fail(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether one was not written.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Whether it is this one.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
