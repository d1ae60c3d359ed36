//! What happens, as a stream: for `while let`, for combinators, and for frameworks that end a task with its component.

use alloc::{boxed::Box, collections::VecDeque, rc::Rc};
use core::{
    any::Any,
    cell::RefCell,
    fmt,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use futures_core::{FusedStream, Stream};

/// What happens from now on, in its order; nothing is lost between two polls. Dropping it ends the listening.
///
/// It goes on for as long as it is kept. Where nothing can happen, as on a server that renders, it ends at once.
///
/// # Example
///
/// ```no_run
/// use futures_util::StreamExt;
/// use tidings::page::{Options, Push};
///
/// # async fn run() {
/// let push = Push::new(Options::default());
/// let mut clicks = push.clicks();
/// while let Some(click) = clicks.next().await {
///     // route to click.url()
/// }
/// # }
/// ```
#[must_use = "a stream does nothing unless it is polled"]
pub struct Events<T> {
    queue: Rc<RefCell<Queue<T>>>,
    /// What listens; none if nothing can come.
    source: Option<Box<dyn Any>>,
}

struct Queue<T> {
    waiting: VecDeque<T>,
    waker: Option<Waker>,
}

/// Where a callback puts what happens.
pub(crate) struct Sender<T>(Rc<RefCell<Queue<T>>>);

impl<T> Sender<T> {
    pub(crate) fn send(&self, item: T) {
        let mut queue = self.0.borrow_mut();
        queue.waiting.push_back(item);
        let waker = queue.waker.take();
        // An executor may poll at once.
        drop(queue);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Events<T> {
    /// The events that a source sends, for as long as it is kept.
    pub(crate) fn of<S: 'static>(listen: impl FnOnce(Sender<T>) -> Option<S>) -> Self {
        let queue = Rc::new(RefCell::new(Queue { waiting: VecDeque::new(), waker: None }));
        let source = listen(Sender(Rc::clone(&queue))).map(|source| Box::new(source) as Box<dyn Any>);
        Self { queue, source }
    }
}

impl<T> Stream for Events<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut queue = self.queue.borrow_mut();
        match queue.waiting.pop_front() {
            Some(item) => Poll::Ready(Some(item)),
            None if self.source.is_none() => Poll::Ready(None),
            None => {
                queue.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<T> FusedStream for Events<T> {
    fn is_terminated(&self) -> bool {
        self.source.is_none() && self.queue.borrow().waiting.is_empty()
    }
}

impl<T> fmt::Debug for Events<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Events")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll<T>(events: &mut Events<T>) -> Poll<Option<T>> {
        Pin::new(events).poll_next(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn keeps_what_comes_between_two_polls_and_its_source() {
        let source = Rc::new(());
        let mut sender = None;
        let mut events = Events::of(|given| {
            sender = Some(given);
            Some(Rc::clone(&source))
        });
        assert_eq!(poll(&mut events), Poll::Pending);
        let sender = sender.expect("given");
        for number in [1, 2] {
            sender.send(number);
        }
        assert_eq!(
            [poll(&mut events), poll(&mut events), poll(&mut events)],
            [Poll::Ready(Some(1)), Poll::Ready(Some(2)), Poll::Pending]
        );
        assert_eq!(Rc::strong_count(&source), 2);
        drop(events);
        assert_eq!(Rc::strong_count(&source), 1);
    }

    #[test]
    fn ends_where_nothing_can_come() {
        let mut events = Events::<u32>::of(|_| None::<()>);
        assert!(events.is_terminated());
        assert_eq!(poll(&mut events), Poll::Ready(None));
    }
}
