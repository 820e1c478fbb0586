//! The traineddata container: a table of offsets and the components behind it.

use crate::bytes::Bytes;
use crate::error::ModelError;

const LSTM: usize = 17;
const LSTM_WORDS: usize = 19;
const LSTM_UNICHARSET: usize = 21;
const LSTM_RECODER: usize = 22;
const VERSION: usize = 23;

/// Tesseract 4 and 5 write 24 entries; more than this is no traineddata.
const MAX_ENTRIES: usize = 256;

/// The components that reading a line needs, as they stand in the file.
pub(crate) struct Components<'a> {
    pub(crate) lstm: &'a [u8],
    pub(crate) unicharset: &'a [u8],
    pub(crate) recoder: &'a [u8],
    version: Option<&'a [u8]>,
}

/// Finds the parts of a traineddata file.
///
/// The file is u32 n, then n x i64 offsets (-1: absent); a component ends where the next present one begins
/// (Tesseract, `tessdatamanager.cpp`).
fn parts<'a>(file: &'a [u8]) -> Result<impl Fn(usize) -> Option<&'a [u8]>, ModelError> {
    let mut bytes = Bytes::new(file, "the table of components");
    let n_entries = bytes.count(8)?;
    if n_entries > MAX_ENTRIES || n_entries <= LSTM_RECODER {
        return Err(ModelError::damaged("the number of components"));
    }
    let table_end = 4 + 8 * n_entries;
    let mut offsets = Vec::with_capacity(n_entries);
    for _ in 0..n_entries {
        let offset = match bytes.i64()? {
            -1 => None,
            offset => {
                let offset = usize::try_from(offset)
                    .map_err(|_| ModelError::damaged("a component's offset"))?;
                let in_file = (table_end..=file.len()).contains(&offset);
                let in_order = offsets
                    .iter()
                    .rev()
                    .find_map(|earlier: &Option<usize>| *earlier)
                    .is_none_or(|e| e <= offset);
                if !(in_file && in_order) {
                    return Err(ModelError::damaged("a component's offset"));
                }
                Some(offset)
            }
        };
        offsets.push(offset);
    }
    Ok(move |idx: usize| {
        let start = offsets.get(idx).copied().flatten()?;
        let end = offsets[idx + 1..]
            .iter()
            .find_map(|offset| *offset)
            .unwrap_or(file.len());
        file.get(start..end)
    })
}

/// Finds the components in a traineddata file.
pub(crate) fn split(file: &[u8]) -> Result<Components<'_>, ModelError> {
    let component = parts(file)?;
    Ok(Components {
        lstm: component(LSTM).ok_or(ModelError::Missing { part: "lstm" })?,
        unicharset: component(LSTM_UNICHARSET).ok_or(ModelError::Missing {
            part: "lstm-unicharset",
        })?,
        recoder: component(LSTM_RECODER).ok_or(ModelError::Missing {
            part: "lstm-recoder",
        })?,
        version: component(VERSION),
    })
}

/// Writes a traineddata file that holds only what reading a line needs: network, character set, recoder and version.
///
/// The dictionaries, most of a file's bytes, are left out. Tesseract itself can read the result. Stripping a stripped file
/// changes nothing.
///
/// # Errors
///
/// When the container is damaged or one of the components is missing; the network itself is not looked at.
pub fn strip(file: &[u8]) -> Result<Vec<u8>, ModelError> {
    let components = split(file)?;
    let kept = [
        (LSTM, Some(components.lstm)),
        (LSTM_UNICHARSET, Some(components.unicharset)),
        (LSTM_RECODER, Some(components.recoder)),
        (VERSION, components.version),
    ];
    Ok(joined(&kept))
}

/// Writes a traineddata file that holds only the words of the language and the character set they are written in.
///
/// # Errors
///
/// When the container is damaged or one of the components is missing; the words themselves are not looked at.
pub fn strip_to_words(file: &[u8]) -> Result<Vec<u8>, ModelError> {
    let part = parts(file)?;
    let part = |idx: usize, name: &'static str| part(idx).ok_or(ModelError::Missing { part: name });
    Ok(joined(&[
        (LSTM_WORDS, Some(part(LSTM_WORDS, "lstm-word-dawg")?)),
        (
            LSTM_UNICHARSET,
            Some(part(LSTM_UNICHARSET, "lstm-unicharset")?),
        ),
    ]))
}

/// The word graph and the character set of a traineddata file.
pub(crate) fn words(file: &[u8]) -> Option<(&[u8], &[u8])> {
    let part = parts(file).ok()?;
    Some((part(LSTM_WORDS)?, part(LSTM_UNICHARSET)?))
}

/// A traineddata file of these components, in the order of their numbers.
fn joined(kept: &[(usize, Option<&[u8]>)]) -> Vec<u8> {
    let n_entries = VERSION + 1;
    let mut offsets = vec![-1i64; n_entries];
    let mut body = Vec::new();
    for (idx, component) in kept {
        if let Some(component) = component {
            offsets[*idx] = (4 + 8 * n_entries + body.len()) as i64;
            body.extend_from_slice(component);
        }
    }
    let mut out = Vec::with_capacity(4 + 8 * n_entries + body.len());
    out.extend_from_slice(&(n_entries as u32).to_le_bytes());
    for offset in offsets {
        out.extend_from_slice(&offset.to_le_bytes());
    }
    out.extend_from_slice(&body);
    out
}
