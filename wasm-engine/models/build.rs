//! Turns `models.toml` into JSON: whoever asks for the manifest reads JSON already, and a parser of TOML would be a tenth of the web app.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let manifest = Path::new("../../models.toml");
    println!("cargo::rerun-if-changed={}", manifest.display());
    let parsed: serde_json::Value = toml::from_str(&fs::read_to_string(manifest)?)?;
    let out = env::var_os("OUT_DIR").ok_or("Cargo sets OUT_DIR")?;
    fs::write(Path::new(&out).join("models.json"), parsed.to_string())?;
    Ok(())
}
