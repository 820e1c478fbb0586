//! What an embedding model adds to questions, measured on `tests/chat` where one is running: `OCR_CHAT_TEST_EMBEDDING_URL` and `_MODEL`.

#![expect(
    clippy::disallowed_methods,
    reason = "a test that asks the environment for its peer, and stops where it cannot go on"
)]

use std::collections::BTreeMap;

use ocr_chat_chat::{Index, Nearness, Reply};
use ocr_chat_tests::chat::{Question, document, language, questions};
use ocr_chat_vision::{LanguageModel, ModelSettings};

/// Texts of a request.
const BATCH: usize = 64;

#[tokio::test]
async fn an_embedding_model_finds_more_right_pages_than_words_alone() {
    let Ok(url) = std::env::var("OCR_CHAT_TEST_EMBEDDING_URL") else {
        println!("no OCR_CHAT_TEST_EMBEDDING_URL: nothing is measured");
        return;
    };
    let name = std::env::var("OCR_CHAT_TEST_EMBEDDING_MODEL").unwrap_or_default();
    // The languages that the model knows, such as `en`; all of them otherwise.
    let languages = std::env::var("OCR_CHAT_TEST_EMBEDDING_LANGUAGES").unwrap_or_default();
    let model = LanguageModel::new(ModelSettings::new(&url, &name).unwrap()).unwrap();
    let mut by_document: BTreeMap<String, Vec<Question>> = BTreeMap::new();
    for question in questions().unwrap() {
        by_document
            .entry(question.document.clone())
            .or_default()
            .push(question);
    }
    let mut counts: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for (name, questions) in by_document {
        let pages = document(&name).unwrap();
        let index = Index::new(&[pages.iter().collect()]);
        let language = language(&name).unwrap();
        if !languages.is_empty() && !languages.split(',').any(|wanted| wanted == language) {
            continue;
        }
        let texts: Vec<String> = index.passage_texts().collect();
        let mut vectors = Vec::new();
        for batch in texts.chunks(BATCH) {
            let batch: Vec<&str> = batch.iter().map(String::as_str).collect();
            vectors.extend(model.embed(&batch).await.unwrap());
        }
        for question in questions {
            let asked = model.embed(&[&question.question]).await.unwrap().remove(0);
            let cosines: Vec<f32> = vectors
                .iter()
                .map(|vector| vector.iter().zip(&asked).map(|(a, b)| a * b).sum())
                .collect();
            let enough = 0.55;
            let near = Nearness { cosines, enough };
            let by_words = index.answer(&question.question, None);
            let fused = index.answer_near(&question.question, None, Some(&near));
            let count = counts.entry(question.class.clone()).or_default();
            count[0] += 1;
            count[1] += usize::from(is_right(&question, &by_words));
            count[2] += usize::from(is_right(&question, &fused));
        }
    }
    for (class, [n, by_words, fused]) in &counts {
        println!("{class}: of {n}, {by_words} right by words, {fused} by words and meaning");
    }
    let all = |which: usize| counts.values().map(|count| count[which]).sum::<usize>();
    assert!(all(2) >= all(1));
}

fn is_right(question: &Question, reply: &Reply) -> bool {
    if question.pages.is_empty() {
        return !reply.is_found;
    }
    let first = reply.citations.first();
    first.is_some_and(|citation| question.pages.contains(&citation.page))
}
