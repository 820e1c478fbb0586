//! Entry point of the export Worker.

fn main() {
    if let Some(scope) = ocr_chat_worker::scope::Scope::current() {
        ocr_chat_worker::export::run(&scope);
    }
}
