//! The price list: one file for the server and for the pages that show prices.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::metering::Period;

/// Why a price list cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PricesError {
    /// It is not TOML of the right shape.
    #[error("the price list cannot be read: {0}")]
    Toml(#[from] toml::de::Error),
    /// Something in it makes no sense.
    #[error("the price list is wrong: {0}")]
    Wrong(String),
}

/// What somebody has booked. The names are those of the price list, of the database and of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Plan {
    /// A caller without a token.
    Anonymous,
    /// An account that has bought nothing.
    Free,
    /// An account that has bought or was granted credits.
    Paid,
    /// The operator of the server.
    Operator,
}

impl Plan {
    /// All plans.
    pub const ALL: [Self; 4] = [Self::Anonymous, Self::Free, Self::Paid, Self::Operator];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Free => "free",
            Self::Paid => "paid",
            Self::Operator => "operator",
        }
    }

    /// The plan called `name`.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|plan| plan.as_str() == name)
    }

    /// Whether its pages go before those of others.
    pub fn has_priority(self) -> bool {
        matches!(self, Self::Paid | Self::Operator)
    }
}

/// What a plan allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanRules {
    /// Nothing is counted.
    #[serde(default)]
    pub unmetered: bool,
    /// Credits a period that cost nothing.
    #[serde(default)]
    pub allowance: i64,
    /// How long the allowance lasts; a month unless it says otherwise.
    #[serde(default = "month")]
    pub period: Period,
    /// Pages that a file may have.
    pub pages_per_file: u32,
    /// Hours that results are kept; what the server's configuration says when not set.
    #[serde(default)]
    pub retention_hours: Option<u32>,
}

fn month() -> Period {
    Period::Month
}

/// The price list: credits a page, and what each plan allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prices {
    /// A page of the `cpu` tier.
    pub cpu: i64,
    /// A page of the `vlm` tier that a model read.
    pub vlm: i64,
    /// A page of the `vlm` tier that the local premium engine read.
    pub vlm_local: i64,
    /// A page that was translated, beside its reading.
    pub translation: i64,
    /// An answer of chat in which something was found.
    pub chat: i64,
    plans: [PlanRules; 4],
    packs: Vec<Pack>,
}

/// Credits that are bought together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// What it is ordered by: small letters, digits and hyphens.
    pub id: String,
    /// Its credits.
    pub credits: i64,
    /// Its price, in the smallest unit of the currency: cents of a euro, yen.
    pub amount: i64,
    /// ISO 4217, in lower case.
    pub currency: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceFile {
    #[serde(default)]
    packs: Vec<Pack>,
    prices: PagePrices,
    plans: BTreeMap<Plan, PlanRules>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PagePrices {
    cpu: i64,
    vlm: i64,
    vlm_local: i64,
    #[serde(default)]
    translation: i64,
    #[serde(default)]
    chat: i64,
}

/// Nothing costs more than this a page, so that sums stay far from the end of the integers.
const MAX_CREDITS: i64 = 1_000_000;

impl Prices {
    /// The price list of this version.
    ///
    /// # Errors
    /// Never, as a test makes sure.
    pub fn built_in() -> Result<Self, PricesError> {
        Self::parse(include_str!("../../../prices.toml"))
    }

    /// A price list.
    ///
    /// # Errors
    /// [`PricesError`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, PricesError> {
        let file: PriceFile = toml::from_str(text)?;
        let rules = |plan: Plan| {
            let rules = file.plans.get(&plan).copied();
            rules.ok_or_else(|| PricesError::Wrong(format!("plan {} is missing", plan.as_str())))
        };
        let [anonymous, free, paid, operator] = Plan::ALL.map(rules);
        let prices = Self {
            cpu: file.prices.cpu,
            vlm: file.prices.vlm,
            vlm_local: file.prices.vlm_local,
            translation: file.prices.translation,
            chat: file.prices.chat,
            plans: [anonymous?, free?, paid?, operator?],
            packs: file.packs,
        };
        prices.check()?;
        Ok(prices)
    }

    fn check(&self) -> Result<(), PricesError> {
        let in_range = |what: &str, credits: i64| {
            if (0..=MAX_CREDITS).contains(&credits) {
                Ok(())
            } else {
                Err(PricesError::Wrong(format!(
                    "{what} is {credits}; it is 0 to {MAX_CREDITS}"
                )))
            }
        };
        in_range("the price of cpu", self.cpu)?;
        in_range("the price of vlm", self.vlm)?;
        in_range("the price of vlm_local", self.vlm_local)?;
        in_range("the price of a translation", self.translation)?;
        in_range("the price of chat", self.chat)?;
        for (position, pack) in self.packs.iter().enumerate() {
            let wrong =
                |reason: &str| Err(PricesError::Wrong(format!("pack {:?}: {reason}", pack.id)));
            let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if !(1..=40).contains(&pack.id.len()) || !pack.id.chars().all(is_letter) {
                return wrong("its id has 1 to 40 small letters, digits and hyphens");
            }
            if self
                .packs
                .iter()
                .skip(position + 1)
                .any(|other| other.id == pack.id)
            {
                return wrong("its id is there twice");
            }
            if !(1..=1_000_000_000).contains(&pack.credits) {
                return wrong("credits are 1 to 1,000,000,000");
            }
            if !(1..=99_999_999).contains(&pack.amount) {
                return wrong("amount is 1 to 99,999,999 of the smallest unit");
            }
            if pack.currency.len() != 3 || !pack.currency.chars().all(|c| c.is_ascii_lowercase()) {
                return wrong("currency is three small letters of ISO 4217");
            }
        }
        for plan in Plan::ALL {
            let rules = self.plan(plan);
            in_range(
                &format!("the allowance of {}", plan.as_str()),
                rules.allowance,
            )?;
            if rules.pages_per_file == 0 {
                let reason = format!("pages_per_file of {} is 0", plan.as_str());
                return Err(PricesError::Wrong(reason));
            }
        }
        Ok(())
    }

    /// What `plan` allows.
    pub fn plan(&self, plan: Plan) -> &PlanRules {
        let [anonymous, free, paid, operator] = &self.plans;
        match plan {
            Plan::Anonymous => anonymous,
            Plan::Free => free,
            Plan::Paid => paid,
            Plan::Operator => operator,
        }
    }

    /// What can be bought, in the order of the list.
    pub fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// The same with another allowance for `plan`, for tests and for operators' tools.
    #[must_use]
    pub fn with_allowance(mut self, plan: Plan, allowance: i64) -> Self {
        let [anonymous, free, paid, operator] = &mut self.plans;
        let rules = match plan {
            Plan::Anonymous => anonymous,
            Plan::Free => free,
            Plan::Paid => paid,
            Plan::Operator => operator,
        };
        rules.allowance = allowance;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_price_list_of_this_version_says_what_the_readme_says() {
        let prices = Prices::built_in().unwrap();
        let anonymous = prices.plan(Plan::Anonymous);
        assert_eq!(
            (anonymous.allowance, anonymous.period),
            (1_000, Period::Day)
        );
        let free = prices.plan(Plan::Free);
        assert_eq!((free.allowance, free.period), (5_000, Period::Month));
        assert!(prices.plan(Plan::Operator).unmetered);
        assert!(prices.plan(Plan::Paid).pages_per_file > free.pages_per_file);
        assert_eq!(prices.cpu, 1, "the specification's price");
    }

    #[test]
    fn a_price_list_that_makes_no_sense_is_refused_by_what_is_wrong() {
        let good = include_str!("../../../prices.toml");
        for (from, to, reason) in [
            ("cpu = 1", "cpu = -1", "price of cpu"),
            ("[plans.paid]", "[plans.gold]", "gold"),
            (
                "pages_per_file = 1000",
                "pages_per_file = 0",
                "pages_per_file",
            ),
            ("allowance = 5000", "alowance = 5000", "alowance"),
            ("currency = \"usd\"", "currency = \"dollar\"", "currency"),
            ("id = \"large\"", "id = \"small\"", "twice"),
            ("amount = 900", "amount = 0", "amount"),
        ] {
            let wrong = good.replace(from, to);
            assert_ne!(wrong, good);
            let error = Prices::parse(&wrong).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
