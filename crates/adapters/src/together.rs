//! Questions that come while one is on its way wait, and go together in the next: whoever asks
//! much takes one connection and few round trips, and nobody is refused.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot::{self, error::TryRecvError};

/// The most questions that go together.
const MOST: usize = 200;

struct Asked<K, A> {
    question: K,
    tell: oneshot::Sender<A>,
}

/// Questions of one kind, and the turn to ask them.
pub struct Together<K, A> {
    waiting: Mutex<Vec<Asked<K, A>>>,
    turn: tokio::sync::Mutex<()>,
}

impl<K, A> Default for Together<K, A> {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }
}

impl<K: Clone, A> Together<K, A> {
    fn waiting(&self) -> MutexGuard<'_, Vec<Asked<K, A>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Vec<Asked<K, A>> {
        let mut waiting = self.waiting();
        let count = waiting.len().min(MOST);
        waiting.drain(..count).collect()
    }

    /// Asks by `ask`, which answers as many questions as it is given, in their order, and began
    /// after this one came.
    pub async fn ask<R>(&self, question: K, ask: impl Fn(Vec<K>) -> R) -> A
    where
        R: Future<Output = Vec<A>>,
    {
        self.ask_within(Duration::ZERO, question, ask).await
    }

    /// The same, by whoever asks something else within `patience`; then by itself.
    pub async fn ask_within<R>(
        &self,
        patience: Duration,
        question: K,
        ask: impl Fn(Vec<K>) -> R,
    ) -> A
    where
        R: Future<Output = Vec<A>>,
    {
        loop {
            let (tell, mut told) = oneshot::channel();
            let question = question.clone();
            self.waiting().push(Asked { question, tell });
            if !patience.is_zero()
                && let Ok(Ok(answer)) = tokio::time::timeout(patience, &mut told).await
            {
                return answer;
            }
            let _turn = self.turn.lock().await;
            loop {
                match told.try_recv() {
                    Ok(answer) => return answer,
                    // Whoever took it along was cut off in the middle.
                    Err(TryRecvError::Closed) => break,
                    Err(TryRecvError::Empty) => {}
                }
                let now = self.next();
                let questions = now.iter().map(|asked| asked.question.clone()).collect();
                for (asked, answer) in now.into_iter().zip(ask(questions).await) {
                    // Who does not wait any more need not know.
                    let _ = asked.tell.send(answer);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Notify;

    #[tokio::test]
    async fn those_who_ask_meanwhile_go_together_and_each_gets_its_own_answer() {
        let (together, trips) = (Together::default(), AtomicUsize::default());
        let one = |n: usize| {
            let (together, trips) = (&together, &trips);
            async move {
                let ask = |all: Vec<usize>| async move {
                    trips.fetch_add(1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    all.iter().map(|n| n * 10).collect()
                };
                together.ask(n, ask).await
            }
        };
        let answers = futures::future::join_all((0..1000).map(one)).await;
        assert!(answers.into_iter().eq((0..1000).map(|n| n * 10)));
        // The first alone, and all that came meanwhile.
        assert!(trips.into_inner() <= 1 + 1000_usize.div_ceil(MOST));
    }

    #[tokio::test]
    async fn a_patient_one_is_taken_along_or_asks_by_itself_in_the_end() {
        let together = Together::<u8, u8>::default();
        let trips = AtomicUsize::default();
        let ask = async |all: Vec<u8>| {
            trips.fetch_add(1, Ordering::SeqCst);
            all
        };
        let patient = together.ask_within(Duration::from_secs(3600), 1, ask);
        let other = async {
            tokio::task::yield_now().await;
            together.ask(2, ask).await
        };
        assert_eq!(futures::future::join(patient, other).await, (1, 2));
        assert_eq!(trips.load(Ordering::SeqCst), 1);
        let soon = Duration::from_millis(1);
        assert_eq!(together.ask_within(soon, 3, ask).await, 3);
        assert_eq!(trips.into_inner(), 2);
    }

    #[tokio::test]
    async fn one_who_goes_away_while_asking_leaves_the_others_answered() {
        let together = Arc::new(Together::<u8, u8>::default());
        let (asking, gone) = (Arc::new(Notify::new()), together.clone());
        let tell = asking.clone();
        let first = tokio::spawn(async move {
            let never = |_: Vec<u8>| {
                tell.notify_one();
                std::future::pending()
            };
            gone.ask(1, never).await
        });
        asking.notified().await;
        let second = together.ask(2, async |all: Vec<u8>| all);
        let end = async {
            tokio::task::yield_now().await;
            first.abort();
        };
        assert_eq!(futures::future::join(second, end).await.0, 2);
    }
}
