//! The crate behind a few C functions: `wasm_lines.mjs` runs it in node to measure speed and size of the WebAssembly build.
//!
//! `cargo build --profile wasm-release -p ocr-chat-lstm --target wasm32-unknown-unknown --example wasm_lines`
#![expect(
    unsafe_code,
    reason = "functions exported to JavaScript by name, and memory passed by address"
)]

use ocr_chat_lstm::{GrayLine, LineModel, Scratch};

/// A loaded model with its buffers and the text of the last line.
pub struct Reader {
    model: LineModel,
    scratch: Scratch,
    text: String,
}

/// Memory for `size_bytes` bytes that the caller fills. It is never given back: the program reads a few files and ends.
#[unsafe(no_mangle)]
pub extern "C" fn allocate(size_bytes: usize) -> *mut u8 {
    Vec::leak(vec![0u8; size_bytes]).as_mut_ptr()
}

/// Loads a model; null where it cannot be read.
///
/// # Safety
///
/// `file` points to `size_bytes` bytes from [`allocate`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn load(file: *const u8, size_bytes: usize) -> *mut Reader {
    // SAFETY: the caller's promise.
    let file = unsafe { std::slice::from_raw_parts(file, size_bytes) };
    match LineModel::parse(file) {
        Ok(model) => Box::into_raw(Box::new(Reader {
            model,
            scratch: Scratch::default(),
            text: String::new(),
        })),
        Err(_) => std::ptr::null_mut(),
    }
}

/// Reads a line and gives the length of its text in bytes.
///
/// # Safety
///
/// `reader` comes from [`load`]; `pixels` points to `width` x `height` bytes from [`allocate`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn read(
    reader: *mut Reader,
    pixels: *const u8,
    width: usize,
    height: usize,
) -> usize {
    // SAFETY: the caller's promise.
    let (reader, pixels) = unsafe {
        (
            &mut *reader,
            std::slice::from_raw_parts(pixels, width * height),
        )
    };
    reader.text = reader
        .model
        .read(
            GrayLine {
                pixels,
                width,
                height,
            },
            &mut reader.scratch,
        )
        .text();
    reader.text.len()
}

/// The text of the last line, UTF-8.
///
/// # Safety
///
/// `reader` comes from [`load`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn text(reader: *const Reader) -> *const u8 {
    // SAFETY: the caller's promise.
    unsafe { (*reader).text.as_ptr() }
}
