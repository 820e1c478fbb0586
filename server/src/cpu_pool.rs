//! The one pool of threads on which documents are opened and pages are read: plain threads, a bounded queue.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

/// Threads that may be lost to work that never ends and are replaced. Each keeps a core busy, so there is a bound: a
/// decoder that loops for ever must not take the server down with its first file, nor the machine with its hundredth.
const MAX_LOST_THREADS: usize = 4;

/// Stack of a thread: deeply nested PDF objects need more than the usual 2 MB of a spawned thread. Only touched pages count.
const STACK_BYTES: usize = 16 << 20;

/// Why work has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CpuError {
    /// Too much work is waiting.
    #[error("too much work is waiting")]
    Full,
    /// It panicked.
    #[error("it panicked")]
    Panicked,
    /// It took longer than its limit.
    #[error("it took too long")]
    TimedOut,
    /// The pool was closed.
    #[error("the pool is closed")]
    Closed,
}

/// Threads that run work one after the other. They end with the pool.
pub struct CpuPool {
    shared: Arc<Shared>,
    max_waiting: usize,
}

struct Shared {
    queue: Mutex<Queue>,
    ready: Condvar,
}

#[derive(Default)]
struct Queue {
    tasks: VecDeque<Task>,
    is_closed: bool,
    n_lost_threads: usize,
}

struct Task {
    run: Box<dyn FnOnce() + Send>,
    state: Arc<AtomicU8>,
}

/// A task is open until it ends or its caller stops waiting, whichever comes first.
const OPEN: u8 = 0;
const ENDED: u8 = 1;
const ABANDONED: u8 = 2;

impl CpuPool {
    /// A pool of `n_threads` with at most `max_waiting` tasks in front of it.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(n_threads: usize, max_waiting: usize) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            ready: Condvar::new(),
        });
        for _ in 0..n_threads.max(1) {
            spawn_thread(&shared)?;
        }
        Ok(Self {
            shared,
            max_waiting,
        })
    }

    /// Runs `work` on a thread of the pool. The time limit counts from its start, not while it waits; work whose caller
    /// has gone before its start is dropped.
    ///
    /// # Errors
    /// [`CpuError`]. Work that is over its limit goes on without anybody waiting for it, on a thread that is replaced.
    pub async fn run<T: Send + 'static>(
        &self,
        time_limit: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, CpuError> {
        let (started_tx, started_rx) = oneshot::channel();
        let (result_tx, result_rx) = oneshot::channel();
        let state = Arc::new(AtomicU8::new(OPEN));
        let task = Task {
            run: Box::new(move || {
                if started_tx.send(()).is_ok() {
                    let _ = result_tx.send(catch_unwind(AssertUnwindSafe(work)));
                }
            }),
            state: Arc::clone(&state),
        };
        {
            let mut queue = self.shared.lock();
            if queue.tasks.len() >= self.max_waiting {
                return Err(CpuError::Full);
            }
            queue.tasks.push_back(task);
        }
        self.shared.ready.notify_one();
        started_rx.await.map_err(|_| CpuError::Closed)?;
        match tokio::time::timeout(time_limit, result_rx).await {
            Ok(Ok(Ok(result))) => Ok(result),
            Ok(Ok(Err(_panic))) => Err(CpuError::Panicked),
            Ok(Err(_)) => Err(CpuError::Closed),
            Err(_) => {
                self.abandon(&state);
                Err(CpuError::TimedOut)
            }
        }
    }

    /// Gives up on a running task and starts a thread in place of its own.
    fn abandon(&self, state: &AtomicU8) {
        let mut queue = self.shared.lock();
        if queue.n_lost_threads >= MAX_LOST_THREADS {
            tracing::error!("no thread is left to replace one that hangs; restart the server");
            return;
        }
        let is_ours = state
            .compare_exchange(OPEN, ABANDONED, Ordering::AcqRel, Ordering::Acquire)
            .is_ok();
        if is_ours {
            // Counted in any case: the thread takes one off when its task ends after all.
            queue.n_lost_threads += 1;
            if let Err(error) = spawn_thread(&self.shared) {
                tracing::error!(%error, "a thread that hangs could not be replaced");
            }
        }
    }
}

impl Drop for CpuPool {
    fn drop(&mut self) {
        let mut queue = self.shared.lock();
        queue.is_closed = true;
        queue.tasks.clear();
        drop(queue);
        self.shared.ready.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next task; `None` once the pool is closed.
    fn next(&self) -> Option<Task> {
        let mut queue = self.lock();
        loop {
            if queue.is_closed {
                return None;
            }
            if let Some(task) = queue.tasks.pop_front() {
                return Some(task);
            }
            queue = self
                .ready
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn spawn_thread(shared: &Arc<Shared>) -> std::io::Result<()> {
    let shared = Arc::clone(shared);
    std::thread::Builder::new()
        .name("ocr-cpu".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            while let Some(task) = shared.next() {
                (task.run)();
                let is_replaced = task
                    .state
                    .compare_exchange(OPEN, ENDED, Ordering::AcqRel, Ordering::Acquire)
                    .is_err();
                if is_replaced {
                    shared.lock().n_lost_threads -= 1;
                    return;
                }
            }
        })
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    const LONG: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn a_panic_is_the_error_of_its_own_work_only() {
        let pool = CpuPool::new(1, 8).unwrap();
        let panicked = pool.run(LONG, || panic!("as planned")).await;
        assert_eq!(panicked, Err::<(), _>(CpuError::Panicked));
        assert_eq!(pool.run(LONG, || 7).await, Ok(7));
    }

    #[tokio::test]
    async fn a_thread_that_hangs_is_replaced() {
        let pool = CpuPool::new(1, 8).unwrap();
        let (release, held) = mpsc::channel::<()>();
        let hanging = pool
            .run(Duration::from_millis(20), move || held.recv().is_ok())
            .await;
        assert_eq!(hanging, Err(CpuError::TimedOut));
        assert_eq!(pool.run(LONG, || 7).await, Ok(7));
        release.send(()).unwrap();
        assert_eq!(pool.run(LONG, || 8).await, Ok(8));
    }

    #[tokio::test]
    async fn the_queue_is_bounded_and_work_whose_caller_has_gone_is_dropped() {
        let pool = Arc::new(CpuPool::new(1, 1).unwrap());
        let (release, held) = mpsc::channel::<()>();
        let (started_tx, started_rx) = oneshot::channel();
        let busy = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move {
                pool.run(LONG, move || {
                    let _ = started_tx.send(());
                    held.recv().is_ok()
                })
                .await
            }
        });
        started_rx.await.unwrap();
        let (ran_tx, ran_rx) = mpsc::channel::<()>();
        let waiting = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move { pool.run(LONG, move || ran_tx.send(())).await }
        });
        while pool.shared.lock().tasks.is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(pool.run(LONG, || ()).await, Err(CpuError::Full));
        waiting.abort();
        assert!(waiting.await.unwrap_err().is_cancelled());
        release.send(()).unwrap();
        assert_eq!(busy.await.unwrap(), Ok(true));
        while !pool.shared.lock().tasks.is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(pool.run(LONG, || 1).await, Ok(1));
        assert!(ran_rx.try_recv().is_err(), "the abandoned work ran");
    }
}
