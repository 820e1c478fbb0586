//! The engine as a module for Node: what tests and benches of the WebAssembly build run.

use std::process::Command;

use crate::command::{self, step};
use crate::{Outcome, paths};

/// Features that the engine's WebAssembly has and a stripped file would not tell wasm-opt of.
const WASM_OPT_FEATURES: [&str; 7] = [
    "--enable-simd",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Builds the Worker's library with the Worker's own profile and features into `target/wasm-node`.
pub(crate) fn build_for_node() -> Outcome {
    step("The engine as WebAssembly for Node", || {
        let mut cargo = command::cargo([
            "rustc",
            "--locked",
            "--quiet",
            "-p",
            "ocr-chat-worker",
            "--lib",
            "--features",
            "ocr,tiff",
            "--target",
            "wasm32-unknown-unknown",
            "--profile",
            "wasm-release",
            // With the rlib beside it, Cargo would leave link-time optimisation out.
            "--crate-type",
            "cdylib",
        ]);
        cargo.env("CARGO_TARGET_DIR", paths::wasm_target());
        command::run(&mut cargo)?;
        let built =
            paths::wasm_target().join("wasm32-unknown-unknown/wasm-release/ocr_chat_worker.wasm");
        let out = paths::root().join("target/wasm-node");
        let mut bindgen = Command::new(paths::tools_bin().join("wasm-bindgen"));
        bindgen
            .args(["--target", "nodejs", "--out-dir"])
            .arg(&out)
            .arg(&built);
        command::run(&mut bindgen)?;
        let module = out.join("ocr_chat_worker_bg.wasm");
        let mut wasm_opt = command::with_tools("wasm-opt");
        wasm_opt
            .args(["-O3"])
            .args(WASM_OPT_FEATURES)
            .arg(&module)
            .arg("-o")
            .arg(&module);
        command::run(&mut wasm_opt)
    })
}
