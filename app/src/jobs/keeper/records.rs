//! What is kept of a document beside its file and its pages.

use leptos::prelude::*;
use ocr_chat_document::{Answer, AnswerPage, Detail, Page};

use crate::jobs::document::{Doc, DocStatus};
use crate::messages::Problem;
use crate::store::{Failure, KeptStatus, Record};

/// Takes what is kept beside the pages.
pub(super) fn take_record(doc: Doc, record: &Record) {
    doc.keeping.record.set_value(Some(record.clone()));
    doc.keeping.n_pages.set(record.n_pages);
    doc.keeping.tier.set_value(record.tier);
    doc.keeping.handed_over.set(record.handed_over.clone());
    doc.keeping.answer.set_value(record.answer.clone());
    doc.engine.set(record.engine.clone());
    doc.warnings.set(record.warnings.clone());
    doc.status.set(match (record.status, &record.failure) {
        (KeptStatus::Done, _) => DocStatus::Done,
        (KeptStatus::Cancelled, _) => DocStatus::Cancelled,
        (_, Some(Failure { code, advice })) => DocStatus::Failed(Problem::new(code, advice)),
        _ => DocStatus::Waiting,
    });
}

/// The server's answer with what was left out of it on the disk.
pub(super) fn whole(mut answer: Answer, doc: Doc) -> Answer {
    let pages: Vec<Page> = doc.pages.with_untracked(|pages| {
        let pages = pages.iter().filter_map(|slot| slot.page.get_untracked());
        pages.map(|page| (*page).clone()).collect()
    });
    answer.markdown = ocr_chat_export::markdown(&pages);
    answer.pages = pages
        .into_iter()
        .map(|page| AnswerPage::new(page, Detail::Words))
        .collect();
    let texts: Vec<&str> = answer.pages.iter().map(|page| page.text.as_str()).collect();
    answer.text = texts.join("\u{c}");
    answer
}

/// What is kept of `doc` beside its file and its pages.
pub(super) fn record_of(doc: Doc) -> Record {
    let status = doc.status.get_untracked();
    let failure = match &status {
        DocStatus::Failed(problem) => Some(Failure::from(problem)),
        _ => None,
    };
    if let Some(answer) = doc.remote.get_untracked() {
        // The pages are kept one by one, and the rest is made of them.
        doc.keeping
            .answer
            .set_value(Some(Box::new(without_pages(&answer))));
    }
    Record {
        name: doc.name(),
        size_bytes: doc.size_bytes,
        added_ms: doc.keeping.added_ms.get_value(),
        place: doc.place,
        model: doc.model,
        language: doc.language.get_value(),
        tier: doc.keeping.tier.get_value(),
        status: match status {
            DocStatus::Waiting | DocStatus::Reading => KeptStatus::Reading,
            DocStatus::Done => KeptStatus::Done,
            DocStatus::Failed(_) => KeptStatus::Failed,
            DocStatus::Cancelled => KeptStatus::Cancelled,
        },
        failure,
        n_pages: doc.keeping.n_pages.get_untracked(),
        engine: doc.engine.get_untracked(),
        warnings: doc.warnings.get_untracked(),
        answer: doc.keeping.answer.get_value(),
        handed_over: doc.keeping.handed_over.get_untracked(),
    }
}

fn without_pages(answer: &Answer) -> Answer {
    Answer {
        uuid: answer.uuid.clone(),
        language: answer.language.clone(),
        detected_language: answer.detected_language.clone(),
        engine: answer.engine.clone(),
        processed_by: answer.processed_by.clone(),
        warnings: answer.warnings.clone(),
        tool: answer.tool.clone(),
        fields: answer.fields.clone(),
        translation: answer.translation.clone(),
        error: answer.error.clone(),
        created_at: answer.created_at.clone(),
        expires_at: answer.expires_at.clone(),
        text: String::new(),
        markdown: String::new(),
        pages: Vec::new(),
        ..*answer
    }
}
