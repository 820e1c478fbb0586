//! Questions about documents: answered in a Worker of their own, from the pages as they are now, or by the server that read them.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use ocr_chat_document::Page;
use ocr_chat_worker::chat_protocol::{FromChat, ToChat};
use ocr_chat_worker::protocol::DocumentId;
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;

use super::document::{AskStep, Doc, Exchange, Said};
use super::worker::{CHAT_SCRIPT, Gone, Stop, WorkerHandle};
use crate::api::chat::{self, Refusal};
use crate::settings::Place;

/// Answers questions, one at a time. Owned by the shell.
#[derive(Clone, Copy)]
pub(crate) struct Asker {
    /// The question that is being answered, with its document.
    current: RwSignal<Option<(DocumentId, Exchange)>>,
    lane: StoredValue<Rc<Lane>, LocalStorage>,
}

#[derive(Default)]
struct Lane {
    /// The Worker between two questions, and what it holds.
    idle: RefCell<Option<Held>>,
    /// Ends the Worker that is at work.
    stop: RefCell<Option<Stop<FromChat>>>,
    /// Ends the request to the server.
    request: RefCell<Option<AbortController>>,
    /// Whether the server said that nobody is signed in: it is asked no more in this visit.
    is_stranger: Cell<bool>,
}

struct Held {
    handle: WorkerHandle<FromChat>,
    document: Option<DocumentId>,
    /// The pages as they were handed over, by their index.
    pages: HashMap<u32, Arc<Page>>,
}

impl Asker {
    /// An asker without a Worker; it starts with the first question.
    pub(crate) fn new() -> Self {
        Self {
            current: RwSignal::new(None),
            lane: StoredValue::new_local(Rc::default()),
        }
    }

    /// Whether a question is being answered. Reactive.
    pub(crate) fn is_busy(self) -> bool {
        self.current.with(Option::is_some)
    }

    /// As [`Self::is_busy`], now.
    pub(crate) fn is_busy_now(self) -> bool {
        self.current.with_untracked(Option::is_some)
    }

    /// Asks about `doc`; what is said stands in its conversation.
    pub(crate) fn ask(self, doc: Doc, question: &str) {
        if self.is_busy_now() {
            return;
        }
        let before = doc
            .exchanges
            .with_untracked(|all| all.last().map(|last| last.question.get_value()));
        let exchange = doc.begin_exchange(question);
        self.current.set(Some((doc.id, exchange)));
        spawn_local(async move {
            if !self.ask_server(doc, exchange).await {
                let answered = self.ask_worker(doc, exchange, before).await;
                self.tell(exchange, |said| {
                    if answered.is_err() {
                        said.step = AskStep::Failed;
                    }
                });
            }
            if self.is_current(exchange) {
                self.current.set(None);
            }
        });
    }

    /// Stops the question that is being answered.
    pub(crate) fn cancel(self) {
        let Some((_, exchange)) = self.current.get_untracked() else {
            return;
        };
        exchange.said.update(|said| said.step = AskStep::Cancelled);
        self.current.set(None);
        let lane = self.lane.get_value();
        if let Some(request) = lane.request.take() {
            request.abort();
        }
        // A Worker cannot hear while it looks: it is ended, and the next question starts another.
        if let Some(stop) = lane.stop.take() {
            stop.stop();
        }
    }

    /// Gives back what is held of `doc`.
    pub(crate) fn forget(self, doc: Doc) {
        let is_of_doc = |(document, _): &(DocumentId, Exchange)| *document == doc.id;
        if self.current.get_untracked().as_ref().is_some_and(is_of_doc) {
            self.cancel();
        }
        let lane = self.lane.get_value();
        let mut idle = lane.idle.borrow_mut();
        if idle
            .as_ref()
            .is_some_and(|held| held.document == Some(doc.id))
        {
            idle.take();
        }
    }

    fn is_current(self, exchange: Exchange) -> bool {
        self.current
            .with_untracked(|current| current.is_some_and(|(_, current)| current == exchange))
    }

    /// Changes what is said, unless the question was stopped.
    fn tell(self, exchange: Exchange, change: impl FnOnce(&mut Said)) {
        if self.is_current(exchange) {
            exchange.said.update(change);
        }
    }

    /// Asks the server where it read the document and nothing was corrected since; `false` where it gives no answer.
    async fn ask_server(self, doc: Doc, exchange: Exchange) -> bool {
        let lane = self.lane.get_value();
        let uuid = doc
            .remote
            .with_untracked(|answer| answer.as_ref().and_then(|answer| answer.uuid.clone()));
        let (Some(uuid), false) = (uuid, doc.is_corrected() || lane.is_stranger.get()) else {
            return false;
        };
        let Ok(controller) = AbortController::new() else {
            return false;
        };
        let signal = controller.signal();
        lane.request.replace(Some(controller));
        let question = exchange.question.get_value();
        let answer = chat::ask(&uuid, &question, &signal, |text| {
            self.tell(exchange, |said| {
                said.step = AskStep::Looking;
                said.content.push_str(text);
            });
        })
        .await;
        if !self.is_current(exchange) {
            return true;
        }
        lane.request.take();
        match answer {
            Ok(message) => {
                self.tell(exchange, |said| {
                    said.content = message.content;
                    said.citations = message.citations;
                    said.step = AskStep::Answered {
                        place: Place::Server,
                        is_found: message.found.unwrap_or(true),
                    };
                });
                true
            }
            Err(refusal) => {
                lane.is_stranger.set(refusal == Refusal::SignIn);
                self.tell(exchange, |said| {
                    *said = Said {
                        wants_sign_in: refusal == Refusal::SignIn,
                        ..Said::default()
                    };
                });
                false
            }
        }
    }

    async fn ask_worker(
        self,
        doc: Doc,
        exchange: Exchange,
        before: Option<String>,
    ) -> Result<(), Gone> {
        if !self.is_current(exchange) {
            return Ok(());
        }
        let lane = self.lane.get_value();
        let idle = lane.idle.take();
        let mut held = match idle {
            Some(held) => held,
            None => Held {
                handle: WorkerHandle::start(CHAT_SCRIPT).await?,
                document: None,
                pages: HashMap::new(),
            },
        };
        if !self.is_current(exchange) {
            // Stopped while it started; the next question has use for it.
            lane.idle.replace(Some(held));
            return Ok(());
        }
        lane.stop.replace(Some(held.handle.stopper()));
        let told = self.ask_held(&mut held, doc, exchange, before).await;
        if self.is_current(exchange) {
            lane.stop.take();
            if told.is_ok() {
                lane.idle.replace(Some(held));
            }
        }
        told
    }

    /// Hands over what the Worker does not know, a message a page, and asks.
    async fn ask_held(
        self,
        held: &mut Held,
        doc: Doc,
        exchange: Exchange,
        before: Option<String>,
    ) -> Result<(), Gone> {
        if held.document != Some(doc.id) {
            held.handle.ask(&ToChat::Begin, &[], |_, _| {}).await?;
            held.document = Some(doc.id);
            held.pages.clear();
        }
        let mut pages = doc.read_pages();
        pages.retain(|page| {
            let known = held.pages.get(&page.index);
            !known.is_some_and(|known| Arc::ptr_eq(known, page))
        });
        let n_pages = pages.len();
        for (n_done, page) in pages.into_iter().enumerate() {
            self.tell(exchange, |said| {
                said.step = AskStep::Page { n_done, n_pages };
            });
            let message = ToChat::Page {
                page: Box::new((*page).clone()),
            };
            held.handle.ask(&message, &[], |_, _| {}).await?;
            held.pages.insert(page.index, page);
        }
        self.tell(exchange, |said| said.step = AskStep::Looking);
        let message = ToChat::Ask {
            question: exchange.question.get_value(),
            before,
        };
        let (answer, _) = held.handle.ask(&message, &[], |_, _| {}).await?;
        let FromChat::Answered {
            content,
            citations,
            is_found,
        } = answer
        else {
            return Err(Gone);
        };
        self.tell(exchange, |said| {
            said.content = content;
            said.citations = citations;
            said.step = AskStep::Answered {
                place: Place::Device,
                is_found,
            };
        });
        Ok(())
    }
}
