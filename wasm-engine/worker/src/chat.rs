//! The chat Worker: holds the pages of a document and answers questions in their words.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use ocr_chat_chat::Index;
use ocr_chat_document::Page;

use crate::chat_protocol::{Citation, FromChat, ToChat};
use crate::scope::Scope;

/// The document that is asked about.
#[derive(Default)]
struct Book {
    pages: BTreeMap<u32, Page>,
    /// Made with the first question after the pages changed.
    index: Option<Index>,
}

/// Listens for the page's messages until the Worker ends. The page sends the next message when this one is answered.
pub fn run(scope: &Scope) {
    let book = Rc::new(RefCell::new(Book::default()));
    let answers = scope.clone();
    scope.listen_for(&FromChat::Ready, move |message: ToChat, _| {
        let (book, scope) = (Rc::clone(&book), answers.clone());
        async move { scope.post(&book.borrow_mut().handle(message), &[]) }
    });
}

impl Book {
    fn handle(&mut self, message: ToChat) -> FromChat {
        match message {
            ToChat::Begin => *self = Self::default(),
            ToChat::Page { page } => {
                self.pages.insert(page.index, *page);
                self.index = None;
            }
            ToChat::Ask { question, before } => return self.answer(&question, before.as_deref()),
        }
        FromChat::Taken
    }

    fn answer(&mut self, question: &str, before: Option<&str>) -> FromChat {
        let index = self
            .index
            .get_or_insert_with(|| Index::new(&[self.pages.values().collect()]));
        let reply = index.answer(question, before);
        let citations = reply.citations.into_iter().map(|citation| Citation {
            page: citation.page,
            snippet: citation.snippet,
            boxes: citation.boxes,
        });
        FromChat::Answered {
            content: reply.content,
            citations: citations.collect(),
            is_found: reply.is_found,
        }
    }
}

#[cfg(test)]
mod tests {
    use ocr_chat_document::{BBox, Block, BlockKind, Line, Point};

    use super::*;

    fn page(index: u32, text: &str) -> Page {
        let line = Line {
            text: text.to_owned(),
            bbox: BBox::new(0, 0, 100, 10),
            polygon: [Point { x: 0, y: 0 }; 4],
            confidence: Some(1.0),
            words: Vec::new(),
        };
        Page {
            blocks: vec![Block::new(BlockKind::Paragraph, text, vec![line])],
            ..Page::pending(index)
        }
    }

    fn ask(book: &mut Book, question: &str) -> (String, Vec<u32>) {
        let message = ToChat::Ask {
            question: question.to_owned(),
            before: None,
        };
        match book.handle(message) {
            FromChat::Answered {
                content, citations, ..
            } => (
                content,
                citations.iter().map(|citation| citation.page).collect(),
            ),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_page_that_is_sent_again_is_asked_anew() {
        let mut book = Book::default();
        for (index, text) in [
            (4, "The harbour master is Tota1 Smith."),
            (1, "The lighthouse is red."),
        ] {
            let page = Box::new(page(index, text));
            assert_eq!(book.handle(ToChat::Page { page }), FromChat::Taken);
        }
        let question = "Who is the harbour master?";
        assert_eq!(
            ask(&mut book, question),
            (
                "The harbour master is Tota1 Smith. (p. 5)".to_owned(),
                vec![5]
            )
        );
        let page = Box::new(page(4, "The harbour master is Total Smith."));
        book.handle(ToChat::Page { page });
        assert_eq!(
            ask(&mut book, question).0,
            "The harbour master is Total Smith. (p. 5)"
        );
        book.handle(ToChat::Begin);
        assert_eq!(ask(&mut book, question).1, [0; 0]);
    }
}
