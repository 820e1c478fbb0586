//! Writes a traineddata file without its dictionaries: `cargo run -p ocr-chat-lstm --example strip -- IN.traineddata OUT`

use std::error::Error;
use std::fs;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [from, to] = args.as_slice() else {
        return Err("usage: strip IN.traineddata OUT.traineddata".into());
    };
    fs::write(to, ocr_chat_lstm::strip(&fs::read(from)?)?)?;
    Ok(())
}
