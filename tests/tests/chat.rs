//! Chat without a model, measured on `tests/chat`: the figures of docs/benchmarks.md, and floors below which they may not fall.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has to stop, in helpers too"
)]

use std::collections::BTreeMap;

use ocr_chat_chat::{Index, locate};
use ocr_chat_document::Page;
use ocr_chat_tests::chat::{Question, document, questions};

/// Answers of one document: its pages and an index over them.
struct Asked {
    pages: Vec<Page>,
    index: Index,
}

fn asked(name: &str) -> Asked {
    let pages = document(name).unwrap();
    let index = Index::new(&[pages.iter().collect()]);
    Asked { pages, index }
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_cited_page_is_right_and_what_is_not_there_is_refused() {
    let questions = questions().unwrap();
    let mut documents: BTreeMap<&str, Asked> = BTreeMap::new();
    for question in &questions {
        documents
            .entry(&question.document)
            .or_insert_with(|| asked(&question.document));
    }
    let mut counts: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for question in &questions {
        let asked = &documents[question.document.as_str()];
        let reply = asked.index.answer(&question.question, None);
        for citation in &reply.citations {
            let page = &asked.pages[citation.page as usize - 1];
            assert!(
                spaced(&page.text()).contains(&citation.snippet),
                "{}: {:?} does not stand on page {}",
                question.id,
                citation.snippet,
                citation.page
            );
            assert!(!citation.boxes.is_empty());
        }
        let (is_right, has_answer) = judge(question, &reply);
        let entry = counts.entry(&question.class).or_default();
        entry.0 += 1;
        entry.1 += usize::from(is_right);
        entry.2 += usize::from(has_answer);
        if !is_right {
            println!(
                "{} {} [{}] {:?} {:?}\n    -> {}",
                question.id,
                question.document,
                question.class,
                question.question,
                question.pages,
                reply.content.replace('\n', "\n       ")
            );
        }
    }
    for (class, (n, n_right, n_answers)) in &counts {
        println!("{class}: {n_right} of {n} right, {n_answers} with the answer in what is quoted");
    }
    let share = |classes: &[&str]| {
        let (n, right) = classes
            .iter()
            .map(|class| counts[class])
            .fold((0, 0), |sum, (n, right, _)| (sum.0 + n, sum.1 + right));
        right as f32 / n as f32
    };
    // The goal is .85 and .8; docs/benchmarks.md says what keeps these from it.
    assert!(share(&["prose", "table"]) >= 0.6, "answerable");
    assert!(share(&["unanswerable"]) >= 0.65, "unanswerable");
}

/// Whether the first cited page is right (or the refusal is), and whether what is quoted holds the answer.
fn judge(question: &Question, reply: &ocr_chat_chat::Reply) -> (bool, bool) {
    if question.pages.is_empty() {
        return (!reply.is_found, !reply.is_found);
    }
    let is_right = reply
        .citations
        .first()
        .is_some_and(|citation| question.pages.contains(&citation.page));
    let snippets: String = reply
        .citations
        .iter()
        .map(|citation| citation.snippet.as_str())
        .collect::<Vec<_>>()
        .join("\n");
    (
        is_right,
        question
            .answer
            .iter()
            .any(|answer| snippets.contains(&spaced(answer))),
    )
}

#[test]
fn every_sentence_of_the_documents_is_found_again_where_it_stands() {
    let pages = document("annual-report-brindle-water").unwrap();
    let documents = [pages.iter().collect::<Vec<_>>()];
    let blocks = pages
        .iter()
        .flat_map(|page| page.blocks.iter().map(move |block| (page, block)));
    let mut n = 0;
    for (page, block) in blocks.filter(|(_, block)| block.text.chars().count() > 30) {
        let found = locate(&block.text, &documents).unwrap();
        assert_eq!(found.page, page.index + 1, "{:?}", block.text);
        n += 1;
    }
    assert!(n > 40);
}

#[test]
fn retrieval_over_300_pages_is_timed() {
    let names: std::collections::BTreeSet<String> = questions()
        .unwrap()
        .into_iter()
        .map(|question| question.document)
        .collect();
    let mut pages: Vec<Page> = Vec::new();
    while pages.len() < 300 {
        for name in &names {
            pages.extend(document(name).unwrap());
        }
    }
    pages.truncate(300);
    for (index, page) in pages.iter_mut().enumerate() {
        page.index = index as u32;
    }
    let begun = now();
    let index = Index::new(&[pages.iter().collect()]);
    let indexing = begun.elapsed();
    let mut times: Vec<std::time::Duration> = questions()
        .unwrap()
        .iter()
        .map(|question| {
            let begun = now();
            let _ = index.answer(&question.question, None);
            begun.elapsed()
        })
        .collect();
    times.sort();
    println!(
        "300 pages, {} passages: indexed in {indexing:?}; an answer p50 {:?}, p95 {:?}",
        index.n_passages(),
        times[50],
        times[95]
    );
    // Ten times the goal: shared machines are slow at times, and a quadratic search would take seconds.
    assert!(times[50] < std::time::Duration::from_millis(500));
}

#[expect(clippy::disallowed_methods, reason = "a figure of the test")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}
