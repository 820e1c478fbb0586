//! The messages between the page and the chat Worker. They know nothing of the index, which is in the Worker alone.
//!
//! A document is one [`ToChat::Begin`] and a [`ToChat::Page`] for each page; a page that was corrected is sent again and takes the place of the one before. Questions
//! follow; each message is sent when the one before it is answered.

use ocr_chat_document::{BBox, Page};
use serde::{Deserialize, Serialize};

/// From the page to the chat Worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ToChat {
    /// Forgets the document before. Answered by [`FromChat::Taken`].
    Begin,
    /// Adds a page, or replaces the one of its index. Answered by [`FromChat::Taken`].
    Page {
        /// The page, with its words.
        page: Box<Page>,
    },
    /// Asks about the pages. Answered by [`FromChat::Answered`].
    Ask {
        /// The question.
        question: String,
        /// The question before it in the conversation.
        before: Option<String>,
    },
}

/// From the chat Worker to the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum FromChat {
    /// The Worker listens. What was sent before is lost.
    Ready,
    /// The message was taken.
    Taken,
    /// The answer.
    Answered {
        /// What is said.
        content: String,
        /// Where it stands; none where nothing was found.
        citations: Vec<Citation>,
        /// Whether the pages answer the question.
        is_found: bool,
    },
}

/// Where an answer stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// Number of the page, from 1.
    pub page: u32,
    /// What stands there.
    pub snippet: String,
    /// Where on the page, one box a line, in pixels of the page.
    pub boxes: Vec<BBox>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_survives_the_trip() {
        let message = FromChat::Answered {
            content: "9.00".to_owned(),
            citations: vec![Citation {
                page: 2,
                snippet: "Total 9.00".to_owned(),
                boxes: vec![BBox::new(1, 2, 3, 4)],
            }],
            is_found: true,
        };
        let json = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<FromChat>(&json).unwrap(), message);
    }
}
