//! Typed fields: what a tool found in a document beside its text, each value with the place where it stands.

use serde::{Deserialize, Serialize};

use crate::geometry::BBox;

/// A value that was found on a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field<T> {
    /// The value in a form that programs can take: a number, a date as `YYYY-MM-DD`, a text.
    pub value: T,
    /// The same as it stands on the page.
    pub text: String,
    /// The page's number, from 1 as in citations.
    pub page: u32,
    /// Box around `text` in pixels of the page.
    pub bbox: BBox,
    /// Mean over the characters of `text`, 0 to 1; `None` where it is not known.
    pub confidence: Option<f32>,
}

/// A text that was found on a page.
pub type TextField = Field<String>;

/// An amount of money, in units of its currency.
pub type AmountField = Field<f64>;

/// A tool's result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fields {
    /// Of a receipt.
    Receipt(Box<Receipt>),
    /// Of an invoice.
    Invoice(Box<Invoice>),
    /// Of a form.
    Form(Form),
    /// Of a passport, a visa or an identity card.
    Identity(Box<Identity>),
    /// Of a business card.
    BusinessCard(Box<BusinessCard>),
    /// The sentences that say most.
    Summary(Summary),
}

/// What was bought: one item of a receipt or invoice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// What it is.
    pub description: TextField,
    /// How many.
    pub quantity: Option<Field<f64>>,
    /// What one costs.
    pub unit_price: Option<AmountField>,
    /// What all of it costs.
    pub amount: Option<AmountField>,
}

/// A receipt.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Receipt {
    /// Who sold.
    pub company: Option<TextField>,
    /// Where.
    pub address: Option<TextField>,
    /// When, as `YYYY-MM-DD`.
    pub date: Option<TextField>,
    /// At what time, as `HH:MM` or `HH:MM:SS`.
    pub time: Option<TextField>,
    /// ISO 4217 code of the currency, where the receipt shows it.
    pub currency: Option<TextField>,
    /// What was bought.
    pub items: Vec<Item>,
    /// The sum before tax.
    pub subtotal: Option<AmountField>,
    /// The tax, or what of it is included.
    pub tax: Option<AmountField>,
    /// What was to be paid.
    pub total: Option<AmountField>,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Invoice {
    /// Who sends it.
    pub seller: Option<TextField>,
    /// Whom it is sent to.
    pub buyer: Option<TextField>,
    /// Its number.
    pub number: Option<TextField>,
    /// Its date, as `YYYY-MM-DD`.
    pub date: Option<TextField>,
    /// Until when it is to be paid, as `YYYY-MM-DD`.
    pub due_date: Option<TextField>,
    /// ISO 4217 code of the currency, where the invoice shows it.
    pub currency: Option<TextField>,
    /// The number under which the seller is registered for taxes.
    pub tax_id: Option<TextField>,
    /// The account to pay to, an IBAN with right check digits.
    pub iban: Option<TextField>,
    /// What is charged for.
    pub items: Vec<Item>,
    /// The sum before tax.
    pub subtotal: Option<AmountField>,
    /// The tax.
    pub tax: Option<AmountField>,
    /// What is to be paid.
    pub total: Option<AmountField>,
}

/// A form: its labels and what stands beside them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Form {
    /// In reading order.
    pub fields: Vec<FormField>,
}

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FormField {
    /// What is asked.
    pub label: TextField,
    /// What was filled in; `None` where nothing was.
    pub value: Option<TextField>,
}

/// What the machine-readable zone of a travel document says (ICAO 9303).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// Which of the zones of ICAO 9303: `TD1`, `TD2`, `TD3`, `MRV-A` or `MRV-B`; `None` where no zone was found.
    pub format: Option<String>,
    /// The zone as it was read, corrected where only one reading fits, its lines parted by `\n`.
    pub mrz: Option<TextField>,
    /// First letters of the zone: `P` a passport, `I`, `A` or `C` an identity card, `V` a visa; with the letter behind it.
    pub document_type: Option<TextField>,
    /// Code of the state or organisation that issued it.
    pub issuing_state: Option<TextField>,
    /// Family names.
    pub surname: Option<TextField>,
    /// Given names.
    pub given_names: Option<TextField>,
    /// Number of the document.
    pub number: Option<TextField>,
    /// Code of the nationality.
    pub nationality: Option<TextField>,
    /// Date of birth as `YYYY-MM-DD`; parts that are not known are `XX`.
    pub birth_date: Option<TextField>,
    /// `M`, `F` or `X`.
    pub sex: Option<TextField>,
    /// Until when it is valid, as `YYYY-MM-DD`.
    pub expiry_date: Option<TextField>,
    /// What the issuing state adds.
    pub optional_data: Option<TextField>,
    /// The check digits of the zone, each with whether it is right.
    pub checks: Vec<Check>,
    /// Whether all check digits are right; `false` without a zone.
    pub is_valid: bool,
}

/// A check digit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What it is over: `number`, `birth_date`, `expiry_date`, `optional_data` or `composite`.
    pub over: String,
    /// Whether it is right.
    pub is_right: bool,
}

/// A business card.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct BusinessCard {
    /// Whose it is.
    pub name: Option<TextField>,
    /// What they are.
    pub title: Option<TextField>,
    /// For whom they work.
    pub company: Option<TextField>,
    /// Telephone numbers; `value` has digits and a `+` alone.
    pub phones: Vec<TextField>,
    /// Fax numbers, likewise.
    pub faxes: Vec<TextField>,
    /// E-mail addresses.
    pub emails: Vec<TextField>,
    /// Addresses on the web.
    pub websites: Vec<TextField>,
    /// The postal address.
    pub address: Option<TextField>,
}

/// A summary of sentences as they stand in the document.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// The sentences, in the order of the document.
    pub sentences: Vec<TextField>,
}
