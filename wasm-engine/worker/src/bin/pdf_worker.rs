//! Entry point of the PDF Worker.

fn main() {
    if let Some(scope) = ocr_chat_worker::scope::Scope::current() {
        ocr_chat_worker::pdf::run(&scope);
    }
}
