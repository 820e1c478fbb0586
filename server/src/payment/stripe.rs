//! Stripe: Checkout Sessions and webhooks, by its HTTP interface (docs.stripe.com/api).

use std::time::Duration;

use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use crate::net;
use crate::payment::{
    Checkout, CheckoutFuture, EventError, EventKind, Order, PaymentError, PaymentEvent,
    PaymentProvider, signature,
};

/// How long Stripe may take to answer.
const LIMIT: Duration = Duration::from_secs(20);

/// Largest answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// The version of the interface whose fields are read here.
const API_VERSION: &str = "2024-06-20";

/// Our id of a payment in Stripe's metadata.
const METADATA_KEY: &str = "ocr_chat_payment";

/// What Stripe needs to know us by.
#[derive(Clone)]
pub struct StripeSettings {
    /// The secret key, `sk_...`.
    pub secret_key: String,
    /// The secrets of the webhook's endpoint, `whsec_...`; several while one takes the place of another.
    pub webhook_secrets: Vec<String>,
    /// Where its interface is, without a final slash.
    pub api_url: String,
}

impl std::fmt::Debug for StripeSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StripeSettings")
            .field("api_url", &self.api_url)
            .field("n_webhook_secrets", &self.webhook_secrets.len())
            .finish_non_exhaustive()
    }
}

/// Stripe.
pub struct Stripe {
    settings: StripeSettings,
    client: reqwest::Client,
}

#[derive(Deserialize)]
struct Session {
    id: String,
    url: String,
}

impl Stripe {
    /// Stripe with these settings.
    ///
    /// # Errors
    /// When the system's certificates cannot be used.
    pub fn new(settings: StripeSettings) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: net::client(LIMIT)?,
            settings,
        })
    }

    async fn open(&self, order: Order) -> Result<Checkout, PaymentError> {
        let amount = order.amount.to_string();
        let metadata = format!("metadata[{METADATA_KEY}]");
        let intent_metadata = format!("payment_intent_data[metadata][{METADATA_KEY}]");
        let mut pairs = vec![
            ("mode", "payment"),
            ("client_reference_id", order.payment.as_str()),
            (metadata.as_str(), order.payment.as_str()),
            // Charges, and so refunds, carry the metadata of their payment.
            (intent_metadata.as_str(), order.payment.as_str()),
            ("line_items[0][quantity]", "1"),
            (
                "line_items[0][price_data][currency]",
                order.currency.as_str(),
            ),
            ("line_items[0][price_data][unit_amount]", amount.as_str()),
            (
                "line_items[0][price_data][product_data][name]",
                order.title.as_str(),
            ),
            ("success_url", order.success_url.as_str()),
            ("cancel_url", order.cancel_url.as_str()),
        ];
        if let Some(email) = &order.email {
            pairs.push(("customer_email", email));
        }
        let answer = self
            .client
            .post(format!("{}/v1/checkout/sessions", self.settings.api_url))
            .bearer_auth(&self.settings.secret_key)
            .header("Stripe-Version", API_VERSION)
            .header("Idempotency-Key", &order.payment)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(net::form(&pairs))
            .send()
            .await
            .map_err(|_| PaymentError::Unreachable)?;
        let status = answer.status();
        let body = net::body(answer, MAX_ANSWER_BYTES).await;
        let body = body.ok_or(PaymentError::Unreachable)?;
        if !status.is_success() {
            return Err(PaymentError::Refused {
                status: status.as_u16(),
                code: error_code(&body),
            });
        }
        let session: Session = serde_json::from_slice(&body).map_err(|_| PaymentError::Answer)?;
        // The buyer's browser goes there.
        let is_safe = session.url.starts_with("https://")
            || (self.settings.api_url.starts_with("http://") && session.url.starts_with("http://"));
        if !is_safe {
            return Err(PaymentError::Answer);
        }
        Ok(Checkout {
            session: session.id,
            url: session.url,
        })
    }
}

/// What Stripe calls an error; its message may quote what was sent, so it is left out.
fn error_code(body: &[u8]) -> String {
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let named = |key: &str| json["error"][key].as_str();
    let code = named("code").or_else(|| named("type")).unwrap_or_default();
    code.chars().take(60).collect()
}

impl PaymentProvider for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn checkout(&self, order: Order) -> CheckoutFuture<'_> {
        Box::pin(self.open(order))
    }

    fn event(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now_ms: i64,
    ) -> Result<PaymentEvent, EventError> {
        let header = headers.get("stripe-signature");
        let header = header.and_then(|value| value.to_str().ok());
        let header = header.ok_or(EventError::Signature)?;
        let secrets = &self.settings.webhook_secrets;
        if !signature::is_valid(header, body, secrets, now_ms.div_euclid(1_000)) {
            return Err(EventError::Signature);
        }
        let event: Value = serde_json::from_slice(body).map_err(|_| EventError::Shape)?;
        let id = event["id"].as_str().filter(|id| is_id(id));
        let kind = event["type"].as_str().ok_or(EventError::Shape)?;
        Ok(PaymentEvent {
            id: id.ok_or(EventError::Shape)?.to_owned(),
            kind: read(kind, &event["data"]["object"]).ok_or(EventError::Shape)?,
        })
    }
}

/// Whether `text` may be an id of Stripe's.
fn is_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic())
}

/// What an event tells of `object`; `None` when it lacks something.
fn read(kind: &str, object: &Value) -> Option<EventKind> {
    let text = |key: &str| {
        object[key]
            .as_str()
            .filter(|text| is_id(text))
            .map(str::to_owned)
    };
    let payment = object["metadata"][METADATA_KEY]
        .as_str()
        .filter(|payment| is_id(payment))
        .map(str::to_owned);
    // Objects of other uses of the same Stripe account carry no id of ours.
    Some(match (kind, payment) {
        (
            "checkout.session.completed" | "checkout.session.async_payment_succeeded",
            Some(payment),
        ) => {
            // A payment that takes days is completed first and paid by a later event.
            if object["payment_status"].as_str()? != "paid" {
                return Some(EventKind::Other);
            }
            EventKind::Paid {
                payment,
                session: text("id")?,
                payment_ref: text("payment_intent"),
                amount: object["amount_total"].as_i64()?,
                currency: text("currency")?.to_ascii_lowercase(),
            }
        }
        ("checkout.session.expired" | "checkout.session.async_payment_failed", Some(payment)) => {
            EventKind::Expired { payment }
        }
        ("charge.succeeded", Some(payment)) => {
            let url = object["receipt_url"].as_str();
            match url.filter(|url| {
                url.starts_with("https://") && url.len() <= 2_048 && !url.contains('\0')
            }) {
                Some(url) => EventKind::Receipt {
                    payment,
                    url: url.to_owned(),
                },
                None => EventKind::Other,
            }
        }
        ("charge.refunded", payment) => EventKind::Refunded {
            payment,
            payment_ref: text("payment_intent"),
            amount: object["amount_refunded"].as_i64()?,
        },
        _ => EventKind::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn events_are_read_and_those_of_others_left_alone() {
        let session = json!({"id": "cs_1", "payment_status": "paid", "amount_total": 900, "currency": "EUR",
            "payment_intent": "pi_1", "metadata": {METADATA_KEY: "p1"}});
        let Some(EventKind::Paid {
            payment,
            currency,
            amount,
            ..
        }) = read("checkout.session.completed", &session)
        else {
            panic!("not read");
        };
        assert_eq!(
            (payment.as_str(), currency.as_str(), amount),
            ("p1", "eur", 900)
        );
        let mut unpaid = session.clone();
        unpaid["payment_status"] = json!("unpaid");
        assert_eq!(
            read("checkout.session.completed", &unpaid),
            Some(EventKind::Other)
        );
        let mut foreign = session.clone();
        foreign["metadata"] = json!({});
        assert_eq!(
            read("checkout.session.completed", &foreign),
            Some(EventKind::Other)
        );
        let mut broken = session;
        broken["amount_total"] = json!("900");
        assert_eq!(read("checkout.session.completed", &broken), None);
        assert_eq!(read("charge.refunded", &json!({})), None);
        assert_eq!(read("invoice.paid", &json!({})), Some(EventKind::Other));
        assert_eq!(
            error_code(br#"{"error": {"type": "card_error", "message": "ann@example.com"}}"#),
            "card_error"
        );
        assert_eq!(error_code(b"<html>"), "");
    }

    #[test]
    fn nothing_secret_is_shown() {
        let settings = StripeSettings {
            secret_key: "sk_secret".into(),
            webhook_secrets: vec!["whsec_secret".into()],
            api_url: "https://api.stripe.com".into(),
        };
        assert!(
            !format!("{settings:?}").contains("secret\""),
            "{settings:?}"
        );
        assert!(!format!("{settings:?}").contains("sk_"), "{settings:?}");
    }
}
