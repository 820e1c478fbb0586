//! Where the results of `ocr-chat ocr` go.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Standard output, or a folder in which no two inputs share a file and no input is written over.
pub(super) enum Output {
    Stdout,
    Folder {
        folder: PathBuf,
        taken: HashSet<String>,
        inputs: Vec<PathBuf>,
    },
}

impl Output {
    /// The folder is made when it is not there.
    pub(super) fn open(folder: Option<&Path>, inputs: &[PathBuf]) -> io::Result<Self> {
        let Some(folder) = folder else {
            return Ok(Self::Stdout);
        };
        std::fs::create_dir_all(folder)?;
        Ok(Self::Folder {
            folder: folder.to_owned(),
            taken: HashSet::new(),
            inputs: inputs
                .iter()
                .filter_map(|input| input.canonicalize().ok())
                .collect(),
        })
    }

    /// Writes the result of `input`.
    pub(super) fn write(&mut self, input: &Path, extension: &str, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Stdout => {
                let mut out = io::stdout().lock();
                out.write_all(bytes)?;
                out.flush()
            }
            Self::Folder {
                folder,
                taken,
                inputs,
            } => {
                let path = free_path(folder, taken, inputs, input, extension);
                std::fs::write(&path, bytes).map_err(|error| {
                    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
                })
            }
        }
    }
}

/// `folder/stem.extension`, or with `-2`, `-3` ... behind the stem. Results of an earlier run are written over.
fn free_path(
    folder: &Path,
    taken: &mut HashSet<String>,
    inputs: &[PathBuf],
    input: &Path,
    extension: &str,
) -> PathBuf {
    let stem = match input.file_stem() {
        Some(stem) if input != Path::new("-") => stem.to_string_lossy().into_owned(),
        _ => "stdin".to_owned(),
    };
    let mut n = 1_usize;
    loop {
        let name = if n == 1 {
            format!("{stem}.{extension}")
        } else {
            format!("{stem}-{n}.{extension}")
        };
        let path = folder.join(&name);
        let is_an_input = path.canonicalize().is_ok_and(|path| inputs.contains(&path));
        // Lower case: many file systems take `A.txt` and `a.txt` for one file.
        if !is_an_input && taken.insert(name.to_lowercase()) {
            return path;
        }
        n += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_with_the_same_stem_have_files_of_their_own() {
        let mut taken = HashSet::new();
        let names: Vec<String> = ["a/scan.png", "b/scan.jpg", "scan-2.png", "c/SCAN.gif", "-"]
            .into_iter()
            .map(|input| free_path(Path::new("out"), &mut taken, &[], Path::new(input), "txt"))
            .map(|path| path.to_string_lossy().into_owned())
            .collect();
        assert_eq!(
            names,
            [
                "out/scan.txt",
                "out/scan-2.txt",
                "out/scan-2-2.txt",
                "out/SCAN-3.txt",
                "out/stdin.txt"
            ]
        );
    }
}
