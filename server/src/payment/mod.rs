//! Payment: what a provider does, whoever it is. Credits are granted by its signed events alone, never by what a browser says.

mod signature;

mod stripe;

use std::future::Future;
use std::pin::Pin;

use axum::http::HeaderMap;

pub use stripe::{Stripe, StripeSettings};

/// A future of [`PaymentProvider`].
pub type CheckoutFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Checkout, PaymentError>> + Send + 'a>>;

/// Why a provider could not be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PaymentError {
    /// It cannot be reached, or took too long.
    #[error("the payment provider cannot be reached")]
    Unreachable,
    /// It answered with an error: its status and the code or type that it names.
    #[error("the payment provider answered with {status} {code}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it calls the error.
        code: String,
    },
    /// Its answer cannot be used.
    #[error("the answer of the payment provider cannot be used")]
    Answer,
}

/// Why an event is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// The signature is missing, wrong or too old.
    #[error("the signature is missing, wrong or too old")]
    Signature,
    /// It is signed, and no event of a known shape.
    #[error("the event cannot be read")]
    Shape,
}

/// What is bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Our id of the payment. The provider keeps it and names it in its events; asking twice with it makes one checkout.
    pub payment: String,
    /// What the buyer sees.
    pub title: String,
    /// In the smallest unit of the currency.
    pub amount: i64,
    /// ISO 4217, in lower case.
    pub currency: String,
    /// The buyer's address, for the provider's receipt.
    pub email: Option<String>,
    /// Where the buyer's browser goes when all is well.
    pub success_url: String,
    /// Where it goes when the buyer gives up.
    pub cancel_url: String,
}

/// A page on which the buyer pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// The provider's name of it.
    pub session: String,
    /// Where it is.
    pub url: String,
}

/// What a provider tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentEvent {
    /// The provider's id of the event; the same one may come many times.
    pub id: String,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// A checkout was paid.
    Paid {
        /// Our id of the payment.
        payment: String,
        /// The provider's name of the checkout.
        session: String,
        /// The provider's name of the payment.
        payment_ref: Option<String>,
        /// What was paid, in the smallest unit of the currency.
        amount: i64,
        /// ISO 4217, in lower case.
        currency: String,
    },
    /// A checkout was left and cannot be paid any more.
    Expired {
        /// Our id of the payment.
        payment: String,
    },
    /// There is a receipt.
    Receipt {
        /// Our id of the payment.
        payment: String,
        /// Where it is.
        url: String,
    },
    /// Money went back, in part or all.
    Refunded {
        /// Our id of the payment, where the event carries it.
        payment: Option<String>,
        /// The provider's name of the payment.
        payment_ref: Option<String>,
        /// All that went back so far, in the smallest unit of the currency.
        amount: i64,
    },
    /// Something else.
    Other,
}

/// Takes money.
pub trait PaymentProvider: Send + Sync {
    /// Its name, in the database and in the audit log.
    fn name(&self) -> &'static str;

    /// Opens a page on which the buyer pays.
    fn checkout(&self, order: Order) -> CheckoutFuture<'_>;

    /// The event of a request to our webhook, its signature checked. `now_ms` is unix milliseconds.
    ///
    /// # Errors
    /// [`EventError`].
    fn event(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now_ms: i64,
    ) -> Result<PaymentEvent, EventError>;
}
