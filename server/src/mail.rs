//! E-mail: by SMTP where it is configured, otherwise as files in the data folder's `outbox`.

use std::path::PathBuf;
use std::sync::Arc;

use lettre::message::Mailbox;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::clock::now_ms;
use crate::config::{Config, ConfigError};
use crate::hex;

/// Why a message did not go out. Neither address nor content is in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MailError {
    /// The message cannot be made.
    #[error("the message cannot be made")]
    Message,
    /// The SMTP server refused it or cannot be reached.
    #[error("smtp: {0}")]
    Smtp(String),
    /// The outbox cannot be written.
    #[error("outbox: {0}")]
    Io(#[from] std::io::Error),
}

/// Sends messages.
#[derive(Clone)]
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

#[derive(Clone)]
enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Outbox(Arc<PathBuf>),
}

impl Mailer {
    /// As the configuration says.
    ///
    /// # Errors
    /// When the address of the sender or of the SMTP server is none.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let from = config.mail_from.parse().map_err(|_| ConfigError::Value {
            variable: "OCR_CHAT_MAIL_FROM",
            value: config.mail_from.clone(),
            reason: "it is an address, or a name and an address in angle brackets".to_owned(),
        })?;
        let way = match &config.smtp_url {
            None => Way::Outbox(Arc::new(config.data_dir.join("outbox"))),
            Some(url) => {
                let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url);
                let transport = transport.map_err(|_| ConfigError::Value {
                    variable: "OCR_CHAT_SMTP_URL",
                    // It carries a password.
                    value: "...".to_owned(),
                    reason: "it looks like smtps://user:password@host:465".to_owned(),
                })?;
                Way::Smtp(transport.build())
            }
        };
        Ok(Self { from, way })
    }

    /// Sends a plain text. Runs in the background: how long it takes tells nobody whether there is an account.
    pub fn send_later(&self, to: Address, subject: &'static str, text: String) {
        let mailer = self.clone();
        tokio::spawn(async move {
            if let Err(error) = mailer.send(to, subject, text).await {
                tracing::error!(%error, "an e-mail was not sent");
            }
        });
    }

    async fn send(&self, to: Address, subject: &str, text: String) -> Result<(), MailError> {
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .body(text)
            .map_err(|_| MailError::Message)?;
        match &self.way {
            Way::Smtp(transport) => transport
                .send(message)
                .await
                .map(drop)
                // Its text may quote an address.
                .map_err(|error| MailError::Smtp(kind(&error).to_owned())),
            Way::Outbox(folder) => {
                let random = hex::random(6).map_err(|_| MailError::Message)?;
                let path = folder.join(format!("{:013}-{random}.eml", now_ms()));
                let folder = PathBuf::clone(folder);
                let bytes = message.formatted();
                let written = tokio::task::spawn_blocking(move || {
                    std::fs::create_dir_all(&folder)?;
                    let mut options = std::fs::OpenOptions::new();
                    options.write(true).create_new(true);
                    // It holds a code that opens an account.
                    #[cfg(unix)]
                    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                    let unfinished = path.with_extension("unfinished");
                    std::io::Write::write_all(&mut options.open(&unfinished)?, &bytes)?;
                    std::fs::rename(&unfinished, &path)
                });
                Ok(written.await.map_err(|_| MailError::Message)??)
            }
        }
    }
}

fn kind(error: &lettre::transport::smtp::Error) -> &'static str {
    if error.is_permanent() {
        "the server refused the message"
    } else if error.is_transient() {
        "the server refused the message for now"
    } else if error.is_timeout() {
        "the server took too long"
    } else {
        "the server cannot be reached"
    }
}
