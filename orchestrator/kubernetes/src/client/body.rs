//! Answers under bounds.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, Sleep, sleep},
};

use crate::unreachable::Unreachable;

/// An answer that ends with an error when it is too large or too slow.
pub(crate) struct Bounded {
    inner: Incoming,
    largest: usize,
    left: usize,
    /// A watch goes on; its bounds hold for each line and each pause.
    is_stream: bool,
    patience: Duration,
    deadline: Pin<Box<Sleep>>,
    /// Given back when the answer has been read.
    _place: Option<OwnedSemaphorePermit>,
}

impl Bounded {
    pub(super) fn new(inner: Incoming, largest: usize, is_stream: bool, patience: Duration, place: Option<OwnedSemaphorePermit>) -> Self {
        let deadline = Box::pin(sleep(patience));
        Self { inner, largest, left: largest, is_stream, patience, deadline, _place: place }
    }

    /// Whether so many more bytes are within the bound.
    fn takes(&mut self, data: &Bytes) -> bool {
        let counted = match data.iter().rposition(|byte| *byte == b'\n').filter(|_| self.is_stream) {
            Some(end) => {
                self.left = self.largest;
                data.len() - end - 1
            }
            None => data.len(),
        };
        let fits = counted <= self.left;
        self.left = self.left.saturating_sub(counted);
        fits
    }
}

impl Body for Bounded {
    type Data = Bytes;
    type Error = Unreachable;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Unreachable>>> {
        if self.deadline.as_mut().poll(context).is_ready() {
            let seconds = self.patience.as_secs();
            return Poll::Ready(Some(Err(Unreachable::TimedOut { what: "the answer", seconds })));
        }
        let frame = match ready!(Pin::new(&mut self.inner).poll_frame(context)) {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return Poll::Ready(Some(Err(Unreachable::Broken(error.to_string())))),
            None => return Poll::Ready(None),
        };
        if let Some(data) = frame.data_ref()
            && !self.takes(data)
        {
            return Poll::Ready(Some(Err(Unreachable::TooLarge(self.largest))));
        }
        if self.is_stream {
            let next = Instant::now() + self.patience;
            self.deadline.as_mut().reset(next);
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
