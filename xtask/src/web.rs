//! The web app: Trunk into `dist/`, the list of the shell's files for the service worker, and the size budget.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::command::{self, step};
use crate::{Outcome, models, paths};

/// What the web app is made of.
const INPUTS: [&str; 13] = [
    "app",
    "public",
    "style",
    "wasm-engine",
    "Cargo.toml",
    "Cargo.lock",
    "Trunk.toml",
    "models.toml",
    "rust-toolchain.toml",
    ".cargo",
    "xtask/src/web.rs",
    "xtask/node/package-lock.json",
    "xtask/node/compress.mjs",
];

/// Upper bounds of files as they travel, in bytes of gzip. The OCR Worker's is the promise of a small first load.
const BUDGETS: [(&str, usize); 5] = [
    ("ocr_worker_bg.wasm", 1_000_000),
    ("ocr-chat-app", 740_000),
    ("pdf_worker_bg.wasm", 2_400_000),
    ("export_worker_bg.wasm", 720_000),
    ("chat_worker_bg.wasm", 250_000),
];

/// Workers that are fetched, and kept, when they are first needed.
const LAZY_WORKERS: [&str; 3] = ["pdf_worker", "export_worker", "chat_worker"];

/// The folder of Swagger UI in `dist/`.
const SWAGGER_UI: &str = "swagger-ui";

/// What only the pages of the server load.
const FOR_SERVER_PAGES: [&str; 4] = [SWAGGER_UI, "pages.css", "pages.js", "api-reference.js"];

/// Builds the web app unless its inputs are those of the last build.
pub(crate) fn build() -> Outcome {
    let dist = paths::root().join("dist");
    let stamp = dist.join(".inputs.sha256");
    let inputs = inputs_hash()?;
    if fs::read_to_string(&stamp).is_ok_and(|built| built == inputs) {
        return check_budgets(&dist);
    }
    step(
        "The web app (five WebAssembly builds; some minutes the first time)",
        || {
            let mut trunk = command::with_tools("trunk");
            trunk
                .args(["build", "--config", "Trunk.toml"])
                .env("CARGO_TARGET_DIR", paths::wasm_target())
                // Trunk reads NO_COLOR as a boolean and refuses "1".
                .env_remove("NO_COLOR");
            command::run(&mut trunk)?;
            tell_of_failed_starts(&dist)?;
            vendor(&dist)?;
            list_shell(&dist)?;
            compress(&dist)?;
            fs::write(&stamp, &inputs).map_err(|error| format!("{}: {error}", stamp.display()))
        },
    )?;
    check_budgets(&dist)
}

fn inputs_hash() -> Result<String, String> {
    let mut files = Vec::new();
    for input in INPUTS {
        collect(&paths::root().join(input), &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(file.to_string_lossy().as_bytes());
        hash.update(fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?);
    }
    Ok(models::hex(&hash.finalize()))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Outcome {
    if !path.is_dir() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    let entries = fs::read_dir(path).map_err(|error| format!("{}: {error}", path.display()))?;
    for entry in entries {
        let entry = entry.map_err(|error| format!("{}: {error}", path.display()))?;
        if entry.file_name() != "node_modules" && entry.file_name() != "target" {
            collect(&entry.path(), files)?;
        }
    }
    Ok(())
}

/// Makes a Worker whose WebAssembly does not load or start an error that its page hears of. Trunk's loaders leave the rejected promise alone, and
/// browsers tell a page of exceptions in its Workers, not of promises: it would wait for ever.
fn tell_of_failed_starts(dist: &Path) -> Outcome {
    for worker in ["ocr_worker", "pdf_worker", "export_worker", "chat_worker"] {
        let path = dist.join(format!("{worker}_loader.js"));
        let at = |error: std::io::Error| format!("{}: {error}", path.display());
        let loader = fs::read_to_string(&path).map_err(at)?;
        let start = format!("wasm_bindgen(\"./{worker}_bg.wasm\")");
        let caught = format!("{start}.catch((error) => setTimeout(() => {{ throw error; }}))");
        let patched = loader.replacen(&start, &caught, 1);
        if patched == loader {
            return Err(format!("{}: no {start}", path.display()));
        }
        fs::write(&path, patched).map_err(at)?;
    }
    Ok(())
}

/// Copies what comes from npm as it is.
fn vendor(dist: &Path) -> Outcome {
    let package = paths::root().join("xtask/node/node_modules/swagger-ui-dist");
    let folder = dist.join(SWAGGER_UI);
    let at = |error: std::io::Error| format!("{}: {error}", folder.display());
    fs::create_dir_all(&folder).map_err(at)?;
    for name in [
        "swagger-ui-bundle.js",
        "swagger-ui.css",
        "LICENSE",
        "NOTICE",
    ] {
        fs::copy(package.join(name), folder.join(name)).map_err(at)?;
    }
    Ok(())
}

/// Writes the list of the shell's files and their hash into the service worker.
fn list_shell(dist: &Path) -> Outcome {
    let worker = dist.join("sw.js");
    let mut files = Vec::new();
    collect(dist, &mut files)?;
    files.sort();
    let mut hash = Sha256::new();
    let mut urls = vec!["\"/\"".to_owned()];
    for file in &files {
        let name = file
            .strip_prefix(dist)
            .unwrap_or(file)
            .to_string_lossy()
            .replace('\\', "/");
        hash.update(fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?);
        let is_shell = name != "sw.js"
            && name != "index.html"
            && !name.starts_with('.')
            && !FOR_SERVER_PAGES.iter().any(|page| name.starts_with(page))
            && !LAZY_WORKERS.iter().any(|worker| name.starts_with(worker));
        if is_shell {
            urls.push(format!("\"/{name}\""));
        }
    }
    let version = &models::hex(&hash.finalize())[..16];
    let script =
        fs::read_to_string(&worker).map_err(|error| format!("{}: {error}", worker.display()))?;
    let listed = script
        .replacen(
            "const VERSION = \"dev\";",
            &format!("const VERSION = \"{version}\";"),
            1,
        )
        .replacen(
            "const SHELL = [];",
            &format!("const SHELL = [{}];", urls.join(", ")),
            1,
        );
    if listed.contains("const VERSION = \"dev\"") || listed.contains("const SHELL = [];") {
        return Err("public/sw.js has lost its constants VERSION and SHELL".to_owned());
    }
    fs::write(&worker, listed).map_err(|error| format!("{}: {error}", worker.display()))
}

/// Compresses the files once and well; the server would do it for each request, and worse.
fn compress(dist: &Path) -> Outcome {
    let mut node = command::with_tools("node");
    node.arg(paths::root().join("xtask/node/compress.mjs"))
        .arg(dist);
    command::run(&mut node)
}

fn check_budgets(dist: &Path) -> Outcome {
    let mut files = Vec::new();
    collect(dist, &mut files)?;
    for (prefix, budget) in BUDGETS {
        let file = files.iter().find(|file| {
            let name = file
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            name.starts_with(prefix) && name.ends_with(".wasm")
        });
        let file = file.ok_or(format!("dist/ has no {prefix}*.wasm"))?;
        let bytes = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        let size = gzip
            .write_all(&bytes)
            .and_then(|()| gzip.finish())
            .map_err(|error| error.to_string())?
            .len();
        if size > budget {
            return Err(format!(
                "{prefix}: {size} bytes of gzip, more than its budget of {budget}"
            ));
        }
        eprintln!("    {prefix}: {size} bytes of gzip (budget {budget})");
    }
    Ok(())
}
