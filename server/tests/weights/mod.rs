//! Where the weights are that tests with the real engine need.

/// The models folder: `OCR_CHAT_MODELS_DIR`, or `models` of the workspace. Stops the test when it is not filled.
pub(crate) fn models_dir() -> std::path::PathBuf {
    let folder = match std::env::var_os("OCR_CHAT_MODELS_DIR") {
        Some(folder) => folder.into(),
        None => std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../models"),
    };
    let manifest = ocr_chat_models::Manifest::built_in().unwrap();
    for file in manifest.model("tiny").unwrap().files() {
        assert!(
            folder.join(file).is_file(),
            "{file} is missing in {}: run `cargo xtask models`, or set OCR_CHAT_MODELS_DIR",
            folder.display()
        );
    }
    folder
}
