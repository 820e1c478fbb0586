//! Translation: by a model that answers or misbehaves, by Apertium where this machine has it, and by nobody.

use ocr_chat_server::metering::Plan;
use ocr_chat_server::{Config, TranslationSettings};
use ocr_chat_vision::{ModelSettings, Place};
use serde_json::{Value, json};

use super::support::{Server, TempDir, upload, uuid, with_token};
use super::vision::hostile::{Behaviour, Hostile};

/// Every text in capital letters, `text` becomes `texto`.
fn shouting(body: &Value) -> Behaviour {
    let sent: Value =
        serde_json::from_str(body["messages"][1]["content"].as_str().unwrap()).unwrap();
    let items: Vec<Value> = sent["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| json!({"id": item["id"], "text": item["text"].as_str().unwrap().replace("text", "texto").to_uppercase()}))
        .collect();
    Behaviour::answer(&json!({ "items": items }).to_string(), "stop")
}

async fn start(folder: &TempDir, model: &Hostile, place: Place) -> Server {
    let mut settings = ModelSettings::new(&model.base_url, "tiny").unwrap();
    settings.place = place;
    settings.limits.first_byte = std::time::Duration::from_millis(300);
    settings.limits.connect = std::time::Duration::from_millis(300);
    let translation = TranslationSettings {
        model: Some(settings),
        name: "Example Models".into(),
        apertium: None,
    };
    Server::start_with(folder, |config: &mut Config| {
        config.translation = translation;
    })
    .await
}

#[tokio::test]
async fn each_block_has_its_translation_in_every_export() {
    let model = Hostile::start(|_, body| shouting(body)).await;
    let folder = TempDir::new();
    let server = start(&folder, &model, Place::Local).await;
    let parameters = [("tool", "translate"), ("translate_to", "spa")];
    let job = server.post("FAKE ok columns", &parameters).await.json();
    assert_eq!(
        (&job["status"], &job["processed_by"]),
        (&"done".into(), &"server".into()),
        "{job}"
    );
    let block = &job["pages"][0]["blocks"][0];
    assert_eq!(
        (&block["text"], &block["translation"]["text"]),
        (&"text of page 1".into(), &"TEXTO OF PAGE 1".into())
    );
    assert_eq!(
        (
            &job["translation"]["language"],
            &job["text"].as_str().unwrap()[..14]
        ),
        (&"es".into(), "text of page 1")
    );
    assert_eq!(
        job["translation"]["text"],
        "TEXTO OF PAGE 1\u{c}LEFT\n\nRIGHT"
    );
    let uuid = uuid(&job);
    let download = async |query: &str| {
        let answer = server
            .get(&format!("/api/v1/ocr/{uuid}/download/?{query}"))
            .await;
        assert_eq!(answer.status, 200, "{query}");
        answer
    };
    for format in ["txt", "md", "html", "csv", "hocr", "alto"] {
        let translated = download(&format!("format={format}")).await.text();
        assert!(
            translated.contains("TEXTO") && !translated.contains("text of page"),
            "{format}: {translated}"
        );
        let original = download(&format!("format={format}&text=original"))
            .await
            .text();
        assert!(original.contains("text"), "{format}: {original}");
        assert!(!original.contains("TEXTO"), "{format}");
        let both = download(&format!("format={format}&text=both")).await.text();
        assert!(both.contains("TEXTO") && both.contains("text"), "{format}");
    }
    // Words of the translation where those of the original stood.
    let alto = download("format=alto").await.text();
    assert!(
        alto.contains("HPOS=\"10\" VPOS=\"20\"") && alto.contains("CONTENT=\"TEXTO\""),
        "{alto}"
    );
    for format in ["docx", "pdf", "xlsx"] {
        assert!(
            download(&format!("format={format}")).await.body.len() > 500,
            "{format}"
        );
    }
    let json = download("format=json").await.json();
    assert_eq!(json["pages"][0]["text"], "text of page 1");
    server
        .get(&format!("/api/v1/ocr/{uuid}/download/?text=none"))
        .await
        .expect_error(400, "invalid_parameter");
}

#[tokio::test]
async fn nobody_translates_before_anything_is_kept_and_elsewhere_takes_an_agreement() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let message = server
        .post("FAKE ok", &[("translate_to", "th")])
        .await
        .expect_error(400, "no_translator");
    assert!(message.contains("into th"), "{message}");
    server
        .post("FAKE ok", &[("tool", "translate")])
        .await
        .expect_error(400, "not_available");
    server
        .post("FAKE ok", &[("translate_to", "klingon")])
        .await
        .expect_error(400, "invalid_parameter");
    assert_eq!(server.n_uploads(&folder), 0);
    let tools = server.get("/api/v1/tools/").await.json();
    let translate = tools["tools"]
        .as_array()
        .unwrap()
        .iter()
        .find(|tool| tool["slug"] == "translate")
        .unwrap()
        .clone();
    assert_eq!(translate["available"], false);
    drop(server);

    let model = Hostile::start(|_, body| shouting(body)).await;
    let folder = TempDir::new();
    let server = start(&folder, &model, Place::External).await;
    let message = server
        .post("FAKE ok", &[("translate_to", "es")])
        .await
        .expect_error(400, "no_translator");
    assert!(message.contains("allow_external"), "{message}");
    assert_eq!(model.requests().len(), 0);
    let job = server
        .post(
            "FAKE ok",
            &[("translate_to", "es"), ("allow_external", "true")],
        )
        .await
        .json();
    assert_eq!(
        (&job["processed_by"], &job["translation"]["language"]),
        (&"Example Models".into(), &"es".into())
    );
}

#[tokio::test]
async fn a_hostile_translator_loses_no_page_and_charges_nothing_for_what_it_did_not_do() {
    for behaviour in [
        Behaviour::Hang,
        Behaviour::Reset,
        Behaviour::Garbage,
        Behaviour::Status(500, "", "no"),
        Behaviour::answer(
            "{\"items\": [{\"id\": 0, \"text\": \"an answer without its figure\"}]}",
            "stop",
        ),
        Behaviour::answer("I would rather not.", "stop"),
    ] {
        let name = format!("{behaviour:?}");
        let model = Hostile::start(move |_, _| behaviour.clone()).await;
        let folder = TempDir::new();
        let mut settings = ModelSettings::new(&model.base_url, "tiny").unwrap();
        settings.limits.first_byte = std::time::Duration::from_millis(200);
        settings.limits.connect = std::time::Duration::from_millis(200);
        let server = Server::start_with(&folder, |config| {
            config.translation.model = Some(settings);
            config.prices.translation = 5;
        })
        .await;
        let (_, token) = server.account(Plan::Paid, 100).await;
        let job = server
            .send(with_token(
                upload(b"FAKE ok", &[("translate_to", "es")]),
                &token,
            ))
            .await
            .json();
        assert_eq!(
            (&job["status"], &job["usage"]["credits"]),
            (&"done".into(), &1.into()),
            "{name}: {job}"
        );
        assert_eq!(
            job["pages"][0]["warnings"][0]["code"], "translation_incomplete",
            "{name}"
        );
        assert_eq!(job["pages"][0]["text"], "text of page 1", "{name}");
        assert!(job.get("translation").is_none(), "{name}");
        assert_eq!(server.wrong_in_the_books().await, [""; 0], "{name}");
    }
    let model = Hostile::start(|_, body| shouting(body)).await;
    let folder = TempDir::new();
    let settings = ModelSettings::new(&model.base_url, "tiny").unwrap();
    let server = Server::start_with(&folder, |config| {
        config.translation.model = Some(settings);
        config.prices.translation = 5;
    })
    .await;
    let (_, token) = server.account(Plan::Paid, 100).await;
    let job = server
        .send(with_token(
            upload(b"FAKE ok", &[("translate_to", "es")]),
            &token,
        ))
        .await
        .json();
    assert_eq!(job["usage"]["credits"], 6);
    assert_eq!(server.wrong_in_the_books().await, [""; 0]);
}

#[tokio::test]
async fn apertium_translates_where_it_is_installed() {
    let folder = TempDir::new();
    let server = Server::start_with(&folder, |config| {
        config.translation.apertium = Some("apertium".into());
    })
    .await;
    let sent = server
        .post("FAKE ok", &[("translate_to", "es"), ("language", "en")])
        .await;
    if sent.status == 400 {
        println!("NOT RUN: no Apertium with the pair eng-spa on this machine");
        sent.expect_error(400, "no_translator");
        return;
    }
    let job = sent.json();
    let translated = job["translation"]["text"].as_str().unwrap();
    assert!(translated.contains("página 1"), "{translated}");
    assert_eq!(job["processed_by"], "server");
    let message = server
        .post("FAKE ok", &[("translate_to", "th")])
        .await
        .expect_error(400, "no_translator");
    assert!(message.contains("en to es"), "{message}");
    // A source that no pair is for stays as it is.
    let job = server.post("FAKE ok", &[("translate_to", "ca")]).await;
    if job.status == 200 {
        assert_eq!(
            job.json()["pages"][0]["warnings"][0]["code"],
            "translation_incomplete"
        );
    }
}
