//! Entry point of the OCR Worker.

fn main() {
    if let Some(scope) = ocr_chat_worker::scope::Scope::current() {
        ocr_chat_worker::ocr::run(&scope);
    }
}
