//! Writes the module of messages from `locales/LANGUAGE/NAMESPACE.json`.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use leptos_i18n_parser::parse_locales::options::{Config, ParseOptions};
use leptos_i18n_parser::parse_locales::parse_locales;

const LANGUAGES: [&str; 2] = ["th", "ar"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=locales");
    // A file is a namespace; English has them all.
    let mut namespaces = Vec::new();
    for entry in fs::read_dir("locales/en")? {
        let path = entry?.path();
        if let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) {
            namespaces.push(stem.to_owned());
        }
    }
    namespaces.sort();
    let config = Config::new("en")?
        .add_locales(LANGUAGES)?
        .add_namespaces(namespaces)?
        .parse_options(ParseOptions::new().interpolate_display(true));
    let parsed = parse_locales(None, config)?;
    let attributes = "#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic, clippy::restriction)]".parse().ok();
    let code = leptos_i18n_codegen::gen_code(&parsed, None, true, attributes.as_ref(), false)?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    fs::write(out.join("i18n.rs"), code.to_string())?;
    Ok(())
}
