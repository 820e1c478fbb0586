//! Threads for the networks: one pool a page, or one thread a line.

use std::sync::Arc;

use rten::{Model, ModelOptions, RunOptions, ThreadPool, op_registry};

use crate::error::EngineError;

/// Loads a network from the bytes of its ONNX file. `role` names it in errors.
///
/// Only the operators that our networks use are registered, which takes a third off the size of the WebAssembly build.
pub(crate) fn model(role: &'static str, bytes: Vec<u8>) -> Result<Model, EngineError> {
    let operators = op_registry!(
        Add,
        AveragePool,
        BatchNormalization,
        Cast,
        Clip,
        Concat,
        ConstantOfShape,
        Conv,
        ConvTranspose,
        Div,
        Erf,
        GlobalAveragePool,
        HardSigmoid,
        HardSwish,
        Identity,
        MatMul,
        MaxPool,
        Mul,
        Pow,
        ReduceMean,
        ReduceSum,
        Relu,
        Reshape,
        Resize,
        Shape,
        Sigmoid,
        Slice,
        Softmax,
        Sqrt,
        Squeeze,
        Sub,
        Transpose,
        Unsqueeze
    );
    ModelOptions::with_ops(operators)
        .prepack_weights(true)
        .load(bytes)
        .map_err(|error| EngineError::Model {
            role,
            reason: error.to_string(),
        })
}

/// The threads of one engine.
///
/// A detector runs once a page and uses all threads. A recogniser runs once a line: there, each thread reads lines of its own
/// with a network on a single thread, which is twice as fast as all threads on a batch of padded lines (docs/benchmarks.md).
#[derive(Clone)]
pub(crate) struct Runtime {
    page_pool: Arc<ThreadPool>,
    line_pools: Vec<Arc<ThreadPool>>,
}

impl Runtime {
    /// `n_threads` threads for pages and as many for lines, at least one. They never work at the same time for one page.
    pub(crate) fn new(n_threads: usize) -> Self {
        let n_threads = if cfg!(target_arch = "wasm32") {
            1
        } else {
            n_threads.max(1)
        };
        Self {
            page_pool: Arc::new(ThreadPool::with_num_threads(n_threads)),
            line_pools: (0..n_threads)
                .map(|_| Arc::new(ThreadPool::with_num_threads(1)))
                .collect(),
        }
    }

    /// Options to run a network on all threads.
    pub(crate) fn whole_page(&self) -> RunOptions {
        RunOptions::default().with_thread_pool(Some(Arc::clone(&self.page_pool)))
    }

    /// Does `work(0)` to `work(n - 1)`, the lowest numbers first, and gives the answers in order. `work` runs its network with
    /// the options it is handed.
    pub(crate) fn each_line<T: Send>(
        &self,
        n: usize,
        work: impl Fn(usize, RunOptions) -> T + Sync,
    ) -> Vec<T> {
        let options =
            |pool: &Arc<ThreadPool>| RunOptions::default().with_thread_pool(Some(Arc::clone(pool)));
        if self.line_pools.len() == 1 || n <= 1 {
            let pool = &self.line_pools[0];
            return (0..n).map(|idx| work(idx, options(pool))).collect();
        }
        self.in_parallel(n, |idx, pool| work(idx, options(pool)))
    }

    #[cfg(target_arch = "wasm32")]
    fn in_parallel<T: Send>(
        &self,
        n: usize,
        work: impl Fn(usize, &Arc<ThreadPool>) -> T + Sync,
    ) -> Vec<T> {
        (0..n).map(|idx| work(idx, &self.line_pools[0])).collect()
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn in_parallel<T: Send>(
        &self,
        n: usize,
        work: impl Fn(usize, &Arc<ThreadPool>) -> T + Sync,
    ) -> Vec<T> {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let next = AtomicUsize::new(0);
        let take = |pool: &Arc<ThreadPool>| {
            let mut done = Vec::new();
            loop {
                let idx = next.fetch_add(1, Ordering::Relaxed);
                if idx >= n {
                    return done;
                }
                done.push((idx, work(idx, pool)));
            }
        };
        let mut answers: Vec<(usize, T)> = std::thread::scope(|scope| {
            let threads: Vec<_> = self
                .line_pools
                .iter()
                .map(|pool| scope.spawn(|| pool.run(|| take(pool))))
                .collect();
            threads
                .into_iter()
                .flat_map(|thread| match thread.join() {
                    Ok(done) => done,
                    Err(panic) => std::panic::resume_unwind(panic),
                })
                .collect()
        });
        answers.sort_by_key(|(idx, _)| *idx);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn answers_come_in_order_from_any_number_of_threads() {
        for n_threads in [1, 2, 3] {
            let runtime = Runtime::new(n_threads);
            let answers = runtime.each_line(50, |idx, _| idx * 2);
            assert_eq!(answers, (0..50).map(|idx| idx * 2).collect::<Vec<_>>());
            assert!(runtime.each_line(0, |idx, _| idx).is_empty());
        }
    }
}
