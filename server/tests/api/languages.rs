//! `GET /api/v1/languages/` and the `language` parameter.

use super::support::{Server, TempDir, pages};

#[tokio::test]
async fn the_list_names_each_language_and_what_reads_it_here() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let before = server.get("/api/v1/languages/").await;
    assert_eq!(before.status, 200, "{}", before.text());
    let thai = |json: &serde_json::Value| {
        let list = json["languages"].as_array().unwrap();
        assert!(list.len() > 100);
        list.iter()
            .find(|entry| entry["code"] == "th")
            .cloned()
            .unwrap()
    };
    let entry = thai(&before.json());
    for (key, value) in [
        ("name", "Thai"),
        ("native_name", "ไทย"),
        ("script", "Thai"),
        ("direction", "ltr"),
        ("iso639_3", "tha"),
        ("best_reader", "tha"),
        ("reader", "ppocr"),
    ] {
        assert_eq!(entry[key], value, "{key}");
    }
    assert_eq!(entry["is_best_reader"], false);

    let models = folder.path().join("models");
    std::fs::create_dir_all(&models).unwrap();
    std::fs::write(models.join("lstm-tha.traineddata"), b"there").unwrap();
    let entry = thai(&server.get("/api/v1/languages").await.json());
    assert_eq!(entry["reader"], "tha");
    assert_eq!(entry["is_best_reader"], true);
}

#[tokio::test]
async fn every_kind_of_code_is_taken_and_repeated() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    for code in [
        "auto", "ch", "ja", "ar", "tha", "pt-BR", "chi_sim", "zh-Hant", "ger",
    ] {
        let answer = server.post(&pages(1, "ok"), &[("language", code)]).await;
        assert_eq!(answer.status, 200, "{code}: {}", answer.text());
        assert_eq!(answer.json()["language"], code);
    }
    let refused = server
        .post(&pages(1, "ok"), &[("language", "klingon")])
        .await;
    assert_eq!(refused.status, 400);
    let error = refused.json();
    assert_eq!(error["code"], "invalid_parameter");
    assert!(
        error["error"]
            .as_str()
            .unwrap()
            .contains("/api/v1/languages/")
    );
}
