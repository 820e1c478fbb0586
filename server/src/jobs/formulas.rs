//! Writes the formulas of a page that was read as LaTeX, where a model for that is there.

use std::sync::Arc;

use ocr_chat_document::{Page, ReadBy, Tier};
use ocr_chat_vision::formula::{FormulaModel as _, FormulaTask, take};
use ocr_chat_vision::picture::Picture;
use ocr_chat_vision::provider::Provider;

use crate::db::jobs::Job;
use crate::formulas::{unwritten, warn_of_unwritten};
use crate::jobs::Jobs;
use crate::tools::find;

/// Most formulas of a page that are written; more are a misunderstanding.
const MAX_FORMULAS: usize = 100;

/// Whether `page` has formulas that its job wants written.
pub(super) fn are_wanted(job: &Job, page: &Page) -> bool {
    job.tier == Tier::Vlm && unwritten(page).next().is_some()
}

/// Writes the formulas that nobody wrote yet: by the model that read the page, where it takes single formulas, then by the operator's own network. What neither writes
/// stays as it was read, and the page says so.
pub(super) async fn write<P>(
    jobs: &Arc<Jobs>,
    job: &Job,
    provider: Option<&Provider>,
    page: &mut Page,
    picture: P,
) where
    P: AsyncFnOnce() -> Option<Picture>,
{
    // A model that failed on the page is not asked for its parts, and one that was not asked may not see them.
    let provider =
        provider.filter(|provider| page.read_by == ReadBy::Model && provider.writes_formulas());
    let local = jobs.formulas.as_deref();
    if (provider.is_some() || local.is_some())
        && let Some(picture) = picture().await
    {
        let wanted: Vec<usize> = unwritten(page).take(MAX_FORMULAS).collect();
        for idx in wanted {
            let block = &mut page.blocks[idx];
            if let Some(provider) = provider {
                let written = provider.write_formula(job.id.as_str(), &picture, block.bbox);
                if written.await.is_ok_and(|written| take(block, &written)) {
                    continue;
                }
            }
            if let Some(local) = local {
                let task = FormulaTask {
                    picture: &picture,
                    bbox: block.bbox,
                    max_tokens: None,
                };
                if let Ok(written) = local.write(task).await.outcome {
                    take(block, &written);
                }
            }
        }
        page.mean_confidence = page.compute_mean_confidence();
    }
    warn(job, page, provider.is_some() || local.is_some());
}

/// Says how many formulas of the page nobody wrote.
pub(super) fn warn(job: &Job, page: &mut Page, has_model: bool) {
    let tool = job.tool.as_deref().and_then(find);
    warn_of_unwritten(page, tool, has_model);
}
