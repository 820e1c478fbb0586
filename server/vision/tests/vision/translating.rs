//! Translators: Apertium of this machine where it is there, and a model that misbehaves.

use ocr_chat_vision::translate::{Apertium, ChatTranslator, Task, TranslateError, Translator};
use ocr_chat_vision::{LanguageModel, ModelError, ModelSettings};
use serde_json::{Value, json};

use crate::hostile::{Behaviour, Hostile};

fn canonical(code: &str) -> Option<String> {
    let known = [("eng", "en"), ("spa", "es"), ("cat", "ca")];
    known
        .iter()
        .find(|(three, _)| *three == code)
        .map(|(_, two)| (*two).to_owned())
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[tokio::test]
async fn apertium_of_this_machine_translates_passage_by_passage() {
    let Ok(apertium) = Apertium::find("apertium", canonical).await else {
        println!("NOT RUN: Apertium is not installed here (Debian: apertium, apertium-eng-spa)");
        return;
    };
    if !apertium.can(Some("en"), "es") {
        println!("NOT RUN: Apertium has no pair eng-spa here");
        return;
    }
    let passages = texts(&[
        "The house has 12 doors.",
        "",
        "Good morning.\nThe table is red; see $x^2$.",
        "[brackets] \\ ^weird$ <tags> @",
    ]);
    let task = Task {
        texts: &passages,
        from: Some("en-GB"),
        to: "es",
        to_name: "Spanish",
    };
    let done = apertium.translate(task).await.unwrap();
    assert_eq!(done.texts.len(), 4);
    let first = done.texts[0].as_deref().unwrap();
    assert!(first.contains("casa") && first.contains("12"), "{first}");
    assert!(
        done.texts[2].as_deref().unwrap().contains("mesa"),
        "{done:?}"
    );
    assert!(
        !apertium.can(Some("de"), "es") && apertium.can(None, "es") && !apertium.can(None, "th")
    );
    let none = Task { from: None, ..task };
    assert!(matches!(
        apertium.translate(none).await,
        Err(TranslateError::NoPair { .. })
    ));
}

fn translator(server: &Hostile) -> ChatTranslator {
    let settings = ModelSettings::new(&server.base_url, "tiny").unwrap();
    ChatTranslator::new("Example".into(), LanguageModel::new(settings).unwrap())
}

/// What was sent, as the model sees it.
fn sent(body: &Value) -> Vec<(u64, String)> {
    let items: Value =
        serde_json::from_str(body["messages"][1]["content"].as_str().unwrap()).unwrap();
    let items = items["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| {
            (
                item["id"].as_u64().unwrap(),
                item["text"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

fn answered(items: Vec<(u64, String)>) -> Behaviour {
    let items: Vec<Value> = items
        .into_iter()
        .map(|(id, text)| json!({"id": id, "text": text}))
        .collect();
    Behaviour::answer(&json!({ "items": items }).to_string(), "stop")
}

async fn run(
    script: impl Fn(usize, &Value) -> Behaviour + Send + Sync + 'static,
) -> Result<Vec<Option<String>>, TranslateError> {
    let server = Hostile::start(script).await;
    let passages = texts(&["Total 12", "", "Good morning"]);
    let task = Task {
        texts: &passages,
        from: None,
        to: "de",
        to_name: "German",
    };
    translator(&server)
        .translate(task)
        .await
        .map(|done| done.texts)
}

#[tokio::test]
async fn a_model_translates_by_number_and_what_it_changed_stays_out() {
    let upper = |_: usize, body: &Value| {
        assert_eq!(body["response_format"]["type"], "json_schema");
        answered(
            sent(body)
                .into_iter()
                .rev()
                .map(|(id, text)| (id, text.to_uppercase()))
                .collect(),
        )
    };
    assert_eq!(
        run(upper).await.unwrap(),
        [Some("TOTAL 12".into()), None, Some("GOOD MORNING".into())]
    );
    // A figure that changed: asked for once more by itself, then left out.
    let wrong = |_: usize, body: &Value| {
        answered(
            sent(body)
                .into_iter()
                .map(|(id, text)| (id, text.replace("12", "13")))
                .collect(),
        )
    };
    assert_eq!(
        run(wrong).await.unwrap(),
        [None, None, Some("Good morning".into())]
    );
    // Numbers that were not sent, and a passage that is missing.
    let lost = |n: usize, body: &Value| {
        if n == 0 {
            answered(vec![(0, "Summe 12".into()), (99, "elsewhere".into())])
        } else {
            answered(
                sent(body)
                    .into_iter()
                    .map(|(id, _)| (id, "Guten Morgen".into()))
                    .collect(),
            )
        }
    };
    assert_eq!(
        run(lost).await.unwrap(),
        [Some("Summe 12".into()), None, Some("Guten Morgen".into())]
    );
}

#[tokio::test]
async fn a_server_without_schemas_and_one_that_fails() {
    let no_schema = |_: usize, body: &Value| {
        if body.get("response_format").is_some() {
            Behaviour::Status(400, "", "response_format is not supported")
        } else {
            answered(sent(body))
        }
    };
    assert!(run(no_schema).await.unwrap()[0].is_some());
    let down = run(|_, _| Behaviour::Status(500, "", "no")).await;
    assert!(
        matches!(
            down,
            Err(TranslateError::Model(ModelError::Status {
                status: 500,
                ..
            }))
        ),
        "{down:?}"
    );
    assert_eq!(
        run(|_, _| Behaviour::answer("I cannot do that.", "stop"))
            .await
            .unwrap(),
        [None, None, None]
    );
}
