//! The files of the web app and of the models.

use axum::body::Body;
use axum::http::{Request, header};
use ocr_chat_models::Manifest;

use super::support::{Server, TempDir};

const PAGE: &str = "<!doctype html><script type=\"module\">alert('Hello, world.');</script>";

async fn server_with_app(folder: &TempDir) -> Server {
    let dist = folder.path().join("dist");
    std::fs::create_dir_all(&dist).unwrap();
    std::fs::write(dist.join("index.html"), PAGE).unwrap();
    std::fs::write(
        dist.join("app-5b9ca6b9c5a1f1b4.js"),
        "let a = 1;\n".repeat(200),
    )
    .unwrap();
    std::fs::write(dist.join("app-5b9ca6b9c5a1f1b4_bg.wasm"), "\0asm").unwrap();
    std::fs::write(dist.join("ocr_worker.js"), "let b = 2;").unwrap();
    std::fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    Server::start(folder).await
}

fn browser(path: &str) -> Request<Body> {
    Request::get(path)
        .header(header::ACCEPT, "text/html,application/xhtml+xml")
        .header(header::ACCEPT_ENCODING, "gzip, br")
        .body(Body::empty())
        .unwrap()
}

#[tokio::test]
async fn the_page_comes_with_its_policy_for_every_address_a_browser_opens() {
    let folder = TempDir::new();
    let server = server_with_app(&folder).await;
    for path in ["/", "/index.html", "/history", "/languages", "/th/"] {
        let mut request = browser(path);
        request.headers_mut().remove(header::ACCEPT_ENCODING);
        let answer = server.send(request).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.text(), PAGE);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-cache");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let policy = answer.header("content-security-policy");
        let scripts = "script-src 'self' 'wasm-unsafe-eval' 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=';";
        assert!(policy.contains(scripts), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    }
    // What is nowhere has a page that says so.
    let mut request = browser("/th/nothing");
    request.headers_mut().remove(header::ACCEPT_ENCODING);
    let missing = server.send(request).await;
    assert_eq!(missing.status, 404);
    assert_eq!(missing.header("content-type"), "text/html; charset=utf-8");
    assert!(missing.text().contains("<html lang=\"th\""));
    // Not for the API, nor for files, nor for programs.
    server
        .send(browser("/api/v2/"))
        .await
        .expect_error(404, "not_found");
    server
        .send(browser("/missing.js"))
        .await
        .expect_error(404, "not_found");
    server
        .get("/history/today")
        .await
        .expect_error(404, "not_found");
}

#[tokio::test]
async fn files_have_their_type_their_caching_and_compression() {
    let folder = TempDir::new();
    let server = server_with_app(&folder).await;
    let answer = server.send(browser("/app-5b9ca6b9c5a1f1b4.js")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("cache-control").contains("immutable"));
    assert_eq!(answer.header("content-encoding"), "br");
    assert!(answer.body.len() < 200, "{} bytes", answer.body.len());
    let answer = server.get("/app-5b9ca6b9c5a1f1b4_bg.wasm").await;
    assert_eq!(answer.header("content-type"), "application/wasm");
    let answer = server.get("/ocr_worker.js").await;
    assert_eq!(answer.header("cache-control"), "no-cache");
    assert!(
        answer
            .header("content-security-policy")
            .contains("'wasm-unsafe-eval'"),
        "a Worker needs it too"
    );
}

#[tokio::test]
async fn no_file_outside_the_folder_is_handed_out() {
    let folder = TempDir::new();
    let server = server_with_app(&folder).await;
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fdata%2focr-chat.sqlite",
    ] {
        let answer = server.get(path).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.text());
    }
}

#[tokio::test]
async fn without_a_web_app_the_page_says_so() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    server
        .send(browser("/"))
        .await
        .expect_error(404, "no_web_app");
}

#[tokio::test]
async fn model_files_are_handed_out_by_the_manifest_and_kept_by_their_hash() {
    let folder = TempDir::new();
    let models = folder.path().join("models");
    std::fs::create_dir_all(&models).unwrap();
    std::fs::write(models.join("ppocrv6-tiny-dict.txt"), "a\nb\n").unwrap();
    std::fs::write(models.join("notes.txt"), "not in the manifest").unwrap();
    let server = Server::start(&folder).await;
    let manifest = Manifest::built_in().unwrap();
    let sha256 = &manifest.file("ppocrv6-tiny-dict.txt").unwrap().sha256;
    let answer = server
        .get(&format!("/models/ppocrv6-tiny-dict.txt?v={sha256}"))
        .await;
    assert_eq!(answer.text(), "a\nb\n");
    assert!(answer.header("cache-control").contains("immutable"));
    let answer = server.get("/models/ppocrv6-tiny-dict.txt").await;
    assert_eq!(answer.header("cache-control"), "no-cache");
    server
        .get("/models/notes.txt")
        .await
        .expect_error(404, "not_found");
    server
        .get("/models/ppocrv6-tiny-det.onnx")
        .await
        .expect_error(404, "not_found");
}
