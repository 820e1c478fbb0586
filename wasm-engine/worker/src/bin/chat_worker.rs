//! Entry point of the chat Worker.

fn main() {
    if let Some(scope) = ocr_chat_worker::scope::Scope::current() {
        ocr_chat_worker::chat::run(&scope);
    }
}
