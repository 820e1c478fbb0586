//! A model in service: how many pages it reads at a time, when it is left alone, what it costs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ocr_chat_document::{BBox, Page};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::client::{Place, TokenUsage};
use crate::formula::{FormulaTask, Written};
use crate::model::{PageTask, ReadError, VisionModel};
use crate::normalise::normalise;
use crate::picture::Picture;

/// Failures of the server in a row after which it is left alone.
const MAX_FAILURES: u32 = 5;

/// How long it is left alone; then one page tries it.
const REST: Duration = Duration::from_secs(30);

/// What models cost, in millionths of the operator's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prices {
    /// A million tokens that are sent.
    pub prompt_micros: u64,
    /// A million tokens that are answered.
    pub completion_micros: u64,
    /// A thousand pages, at providers that charge by the page.
    pub page_micros: u64,
}

impl Prices {
    /// What `usage` and `n_pages` cost, rounded up.
    pub fn cost_micros(self, usage: TokenUsage, n_pages: u32) -> u64 {
        let part = |price: u64, n: u64, of: u64| {
            u64::try_from((u128::from(price) * u128::from(n)).div_ceil(u128::from(of)))
                .unwrap_or(u64::MAX)
        };
        part(self.prompt_micros, usage.prompt, 1_000_000)
            .saturating_add(part(self.completion_micros, usage.completion, 1_000_000))
            .saturating_add(part(self.page_micros, u64::from(n_pages), 1_000))
    }
}

/// What a job may spend on models; `None` for no limit. Each process counts for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    /// Tokens, sent and answered.
    pub max_tokens: Option<u64>,
    /// Money, in millionths of the operator's currency.
    pub max_micros: Option<u64>,
}

/// What a job has spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// Tokens, sent and answered.
    pub tokens: u64,
    /// Money, in millionths.
    pub micros: u64,
}

/// How a provider is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// Whether it is this host.
    pub place: Place,
    /// Pages that it reads at a time.
    pub n_slots: usize,
    /// What it costs.
    pub prices: Prices,
    /// What a job may spend on it.
    pub budget: Budget,
}

/// A model in service.
pub struct Provider {
    /// What it is called in answers.
    name: String,
    model: Arc<dyn VisionModel>,
    service: Service,
    slots: Semaphore,
    health: Mutex<Health>,
    spent: Mutex<HashMap<String, Spent>>,
}

#[derive(Default)]
struct Health {
    n_failures: u32,
    rests_until: Option<Instant>,
}

impl Provider {
    /// `model` of the provider called `name`.
    pub fn new(name: String, model: Arc<dyn VisionModel>, service: Service) -> Self {
        Self {
            name,
            model,
            slots: Semaphore::new(service.n_slots.max(1)),
            service,
            health: Mutex::default(),
            spent: Mutex::default(),
        }
    }

    /// What it is called in answers.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The model's name.
    pub fn model(&self) -> &str {
        self.model.name()
    }

    /// Whether it is this host.
    pub fn place(&self) -> Place {
        self.service.place
    }

    /// Reads a page for `job`: waits for a place, makes the picture by `picture` only then, asks the model, and makes a page of the answer.
    ///
    /// # Errors
    /// Why the local reading has to stay.
    pub async fn read<P>(&self, job: &str, local: &Page, picture: P) -> Result<Page, ReadError>
    where
        P: AsyncFnOnce() -> Option<Picture>,
    {
        self.left(job)?;
        let _place = self.slots.acquire().await.map_err(|_| ReadError::Resting)?;
        // Both may have changed while it waited.
        let max_tokens = self.left(job)?;
        self.may_try()?;
        let picture = picture().await.ok_or(ReadError::Picture)?;
        let task = PageTask {
            picture: &picture,
            local,
            max_tokens,
        };
        let attempt = self.model.read(task).await;
        self.spend(job, attempt.usage, attempt.n_pages);
        let error = attempt.outcome.as_ref().err();
        self.note(
            error.is_some_and(
                |error| matches!(error, ReadError::Model(error) if error.is_of_server()),
            ),
        );
        normalise(attempt.outcome?, local, &picture)
    }

    /// Whether its model can be asked for single formulas.
    pub fn writes_formulas(&self) -> bool {
        self.model.formulas().is_some()
    }

    /// Writes the formula at `bbox` of `picture` for `job`, as [`Self::read`] reads a page.
    ///
    /// # Errors
    /// Why the formula stays as it was read.
    pub async fn write_formula(
        &self,
        job: &str,
        picture: &Picture,
        bbox: BBox,
    ) -> Result<Written, ReadError> {
        let model = self.model.formulas().ok_or(ReadError::Unusable)?;
        self.left(job)?;
        let _place = self.slots.acquire().await.map_err(|_| ReadError::Resting)?;
        let max_tokens = self.left(job)?;
        self.may_try()?;
        let task = FormulaTask {
            picture,
            bbox,
            max_tokens,
        };
        let attempt = model.write(task).await;
        self.spend(job, attempt.usage, 0);
        let error = attempt.outcome.as_ref().err();
        self.note(
            error.is_some_and(
                |error| matches!(error, ReadError::Model(error) if error.is_of_server()),
            ),
        );
        attempt.outcome
    }

    /// What `job` has spent so far in this process.
    pub fn spent(&self, job: &str) -> Spent {
        lock(&self.spent).get(job).copied().unwrap_or_default()
    }

    /// Forgets what `job` has spent: it has ended.
    pub fn forget(&self, job: &str) {
        lock(&self.spent).remove(job);
    }

    /// The tokens that are left to `job`.
    fn left(&self, job: &str) -> Result<Option<u64>, ReadError> {
        let spent = self.spent(job);
        let Budget {
            max_tokens,
            max_micros,
        } = self.service.budget;
        let is_spent = max_micros.is_some_and(|max| spent.micros >= max)
            || max_tokens.is_some_and(|max| spent.tokens >= max);
        if is_spent {
            return Err(ReadError::OverBudget);
        }
        Ok(max_tokens.map(|max| max - spent.tokens))
    }

    fn spend(&self, job: &str, usage: TokenUsage, n_pages: u32) {
        let mut jobs = lock(&self.spent);
        let spent = jobs.entry(job.to_owned()).or_default();
        spent.tokens = spent
            .tokens
            .saturating_add(usage.prompt)
            .saturating_add(usage.completion);
        spent.micros = spent
            .micros
            .saturating_add(self.service.prices.cost_micros(usage, n_pages));
    }

    fn may_try(&self) -> Result<(), ReadError> {
        let mut health = lock(&self.health);
        match health.rests_until {
            Some(until) if Instant::now() < until => Err(ReadError::Resting),
            Some(_) => {
                // This page tries it; the others wait for what comes of it.
                health.rests_until = Some(Instant::now() + REST);
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn note(&self, is_failure: bool) {
        let mut health = lock(&self.health);
        if !is_failure {
            *health = Health::default();
            return;
        }
        health.n_failures += 1;
        if health.n_failures >= MAX_FAILURES {
            health.rests_until = Some(Instant::now() + REST);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
