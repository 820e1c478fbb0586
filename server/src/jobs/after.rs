//! What happens to a page between the engine and the database: a model reads it, where the job may use one, or writes its formulas, and a translator translates it.
//!
//! It waits for servers, not for the CPU, so it has a task of its own: the reader of pages goes on with others.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt;
use ocr_chat_document::{Page, PageStatus, ReadBy, Warning, WarningCode};
use ocr_chat_vision::picture::Picture;
use ocr_chat_vision::provider::Provider;
use tokio::time::Instant;

use crate::db::jobs::{Job, JobState};
use crate::jobs::queue::Work;
use crate::jobs::translate::translate;
use crate::jobs::worker::{self, InWork};
use crate::jobs::{Jobs, formulas};

/// How often a page that waits for a server looks whether its job is still there.
const LOOK: Duration = Duration::from_millis(250);

/// Takes a page that more is to happen to; gives it back where nothing is, to be stored.
pub(super) async fn take(
    jobs: &Arc<Jobs>,
    work: &Arc<Work>,
    mut page: Page,
    started: Instant,
) -> Option<Page> {
    // Blank and failed pages have nothing more to come.
    if page.status != PageStatus::Done {
        return Some(page);
    }
    let job = match jobs.db.job(&work.page.job).await {
        Ok(Some(job)) if matches!(job.state, JobState::Kept(_)) => job,
        Ok(_) => {
            worker::gone(jobs, work).await;
            return None;
        }
        Err(error) => {
            tracing::error!(job = work.page.job.short(), %error, "a page waits: its job could not be looked at");
            jobs.try_later(work).await;
            return None;
        }
    };
    // Pages with text of their own are not the model's.
    let is_models = page.read_by == ReadBy::LocalPremium;
    // What was agreed to when the job was accepted: a process that is configured otherwise sends nothing.
    let is_agreed = |provider: &Arc<Provider>| {
        let agreed = job.model.as_ref();
        agreed.is_some_and(|model| model.at == provider.name() && model.name == provider.model())
    };
    let provider = jobs
        .vision
        .clone()
        .filter(|provider| is_models && is_agreed(provider));
    let wants_formulas = formulas::are_wanted(&job, &page);
    if provider.is_none()
        && job.translation.is_none()
        && !(wants_formulas && jobs.formulas.is_some())
    {
        if wants_formulas {
            formulas::warn(&job, &mut page, false);
        }
        return Some(page);
    }
    // A page waits with its text alone; beyond many of them, reading waits, too.
    let Ok(place) = Arc::clone(&jobs.waiting_for_models).acquire_owned().await else {
        return Some(page);
    };
    let (jobs, work) = (Arc::clone(jobs), Arc::clone(work));
    tokio::spawn(async move {
        let _place = place;
        let done = AssertUnwindSafe(go_on(
            &jobs,
            &work,
            provider.as_deref(),
            &job,
            page,
            started,
        ));
        if done.catch_unwind().await.is_err() {
            tracing::error!(
                job = work.page.job.short(),
                page = work.page.index,
                "a page ended by a bug behind its reading"
            );
            jobs.try_later(&work).await;
        }
    });
    None
}

async fn go_on(
    jobs: &Arc<Jobs>,
    work: &Work,
    provider: Option<&Provider>,
    job: &Job,
    page: Page,
    started: Instant,
) {
    let in_work = InWork::enter(jobs, &work.page);
    let flag = Arc::clone(&in_work.flag);
    // A deletion that came before the flag was there to be set.
    let kept = jobs.db.job(&job.id).await;
    if kept.is_ok_and(|kept| kept.is_none_or(|kept| !matches!(kept.state, JobState::Kept(_)))) {
        worker::gone(jobs, work).await;
        return;
    }
    let stopped = async {
        while !flag.load(Ordering::Acquire) {
            tokio::time::sleep(LOOK).await;
        }
    };
    let whole = async {
        let mut page = match provider {
            Some(provider) => by_model(jobs, work, provider, job, page).await,
            None => page,
        };
        if formulas::are_wanted(job, &page) {
            let local = page.clone();
            let picture = async || picture(jobs, work, &local).await;
            formulas::write(jobs, job, provider, &mut page, picture).await;
        }
        if let Some(wanted) = &job.translation {
            translate(jobs, wanted, &job.language, &mut page).await;
        }
        page
    };
    tokio::select! {
        page = whole => worker::finish(jobs, work, &page, started).await,
        () = stopped => {
            if jobs.is_stopping() {
                jobs.put_back(work).await;
            } else {
                worker::gone(jobs, work).await;
            }
        }
    }
}

/// The page as the model reads it, or as it was with a warning.
async fn by_model(
    jobs: &Arc<Jobs>,
    work: &Work,
    provider: &Provider,
    job: &Job,
    local: Page,
) -> Page {
    let picture = async || picture(jobs, work, &local).await;
    match provider.read(job.id.as_str(), &local, picture).await {
        Ok(page) => page,
        Err(error) => {
            tracing::warn!(job = job.id.short(), page = work.page.index, %error, "a model did not read a page; the local reading stands");
            let mut page = local;
            let message = format!("{error}; the local engine read the page");
            page.warnings
                .push(Warning::new(WarningCode::ModelFailed, message));
            page
        }
    }
}

/// The upright page in pixels, made when the model's turn comes.
async fn picture(jobs: &Arc<Jobs>, work: &Work, local: &Page) -> Option<Picture> {
    let document = worker::document(jobs, &work.page).await.ok()?;
    let (index, rotation) = (work.page.index as usize, local.rotation);
    let make = move || {
        let image = document.picture(index, rotation)?;
        Picture::new(image.width_px(), image.height_px(), image.into_rgb())
    };
    jobs.cpu.run(jobs.config.page_time_limit, make).await.ok()?
}
