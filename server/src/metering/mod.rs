//! The rules of metering: what a page costs, what a caller may still spend, and what is held, charged and given back.
//!
//! Pure: no clock, no database. `db::metering` applies these rules inside the transactions that change pages.

mod period;

mod prices;

pub use period::Period;
pub use prices::{Pack, Plan, PlanRules, Prices, PricesError};

use ocr_chat_document::{Page, PageStatus, ReadBy, Tier};

/// Credits, split by where they come from. Used for what is available, held, charged or given back; never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amounts {
    /// Of the period's allowance.
    pub allowance: i64,
    /// Of bought or granted credits.
    pub credits: i64,
}

impl Amounts {
    /// Both together.
    pub fn total(self) -> i64 {
        self.allowance.saturating_add(self.credits)
    }
}

/// A page that has its answer, as far as its price depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Read by the `cpu` tier's engine, or nothing had to be recognised: a blank page, or one with text of its own.
    Plain,
    /// Read by a model of the `vlm` tier.
    Model,
    /// Read by the local premium engine of the `vlm` tier.
    LocalPremium,
    /// Not read.
    Failed,
}

impl From<&Page> for Reading {
    fn from(page: &Page) -> Self {
        match (page.status, page.read_by) {
            (PageStatus::Failed, _) => Self::Failed,
            (_, ReadBy::LocalPremium) => Self::LocalPremium,
            (_, ReadBy::Model) => Self::Model,
            _ => Self::Plain,
        }
    }
}

/// What a page of `tier` may cost at most, where a model may read it or not: what is held for it when its job is accepted.
pub fn price_held(prices: &Prices, tier: Tier, may_use_model: bool) -> i64 {
    match tier {
        Tier::Cpu => prices.cpu,
        // Whatever reads it in the end, the job fits.
        _ if may_use_model => prices.vlm.max(prices.vlm_local).max(prices.cpu),
        _ => prices.vlm_local.max(prices.cpu),
    }
}

/// What a page costs once it has its answer.
pub fn price_charged(prices: &Prices, reading: Reading) -> i64 {
    match reading {
        Reading::Plain => prices.cpu,
        Reading::Model => prices.vlm,
        Reading::LocalPremium => prices.vlm_local,
        Reading::Failed => 0,
    }
}

/// Splits the pages of a job over what is available, the allowance first; a hold a page, in their order. `None` when they do not
/// all fit: a job is refused whole.
pub fn reserve(n_pages: u32, price: i64, available: Amounts) -> Option<Vec<Amounts>> {
    let cost = price.checked_mul(i64::from(n_pages))?;
    let mut left = Amounts {
        allowance: available.allowance.max(0),
        credits: available.credits.max(0),
    };
    if cost > left.total() {
        return None;
    }
    let hold = |_| {
        let allowance = price.min(left.allowance);
        let credits = price - allowance;
        left.allowance -= allowance;
        left.credits -= credits;
        Amounts { allowance, credits }
    };
    Some((0..n_pages).map(hold).collect())
}

/// What of a page's `held` credits is charged, and what is given back, when the page costs `price`. A page never costs more than
/// was held for it. The allowance is charged first, so that bought credits come back first.
pub fn settle(held: Amounts, price: i64) -> (Amounts, Amounts) {
    let price = price.clamp(0, held.total());
    let allowance = price.min(held.allowance);
    let charged = Amounts {
        allowance,
        credits: price - allowance,
    };
    let given_back = Amounts {
        allowance: held.allowance - charged.allowance,
        credits: held.credits - charged.credits,
    };
    (charged, given_back)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(allowance: i64, credits: i64) -> Amounts {
        Amounts { allowance, credits }
    }

    fn sum(all: &[Amounts]) -> Amounts {
        all.iter().fold(Amounts::default(), |sum, one| {
            amounts(sum.allowance + one.allowance, sum.credits + one.credits)
        })
    }

    #[test]
    fn the_allowance_goes_first_and_a_page_may_take_of_both() {
        let holds = reserve(3, 3, amounts(5, 10)).unwrap();
        assert_eq!(holds, [amounts(3, 0), amounts(2, 1), amounts(0, 3)]);
        assert_eq!(reserve(5, 3, amounts(5, 9)), None, "one credit is missing");
        assert_eq!(reserve(1, 0, amounts(0, 0)).unwrap(), [amounts(0, 0)]);
        assert_eq!(
            reserve(1, 1, amounts(-5, 0)),
            None,
            "a plan that shrank in the middle of a month leaves nothing, not a debt to be used"
        );
        assert_eq!(reserve(u32::MAX, i64::MAX, amounts(1, 1)), None);
    }

    #[test]
    fn bought_credits_come_back_first() {
        assert_eq!(
            settle(amounts(2, 1), 1),
            (amounts(1, 0), amounts(1, 1)),
            "a blank page of the vlm tier costs as cpu"
        );
        assert_eq!(settle(amounts(0, 3), 0), (amounts(0, 0), amounts(0, 3)));
        assert_eq!(settle(amounts(1, 2), 9), (amounts(1, 2), amounts(0, 0)));
    }

    #[test]
    fn a_vlm_job_holds_the_dearest_reading_and_pays_what_read_it() {
        let prices = Prices::built_in().unwrap();
        assert_eq!(price_held(&prices, Tier::Cpu, true), 1);
        assert_eq!(price_held(&prices, Tier::Vlm, true), 3);
        let charged = [
            Reading::Plain,
            Reading::Model,
            Reading::LocalPremium,
            Reading::Failed,
        ]
        .map(|reading| price_charged(&prices, reading));
        assert_eq!(charged, [1, 3, 2, 0]);
    }

    /// Every small case: nothing is held that is not available, nothing is charged that was not held, nothing is lost.
    #[test]
    fn what_is_held_is_charged_or_given_back_whatever_the_figures() {
        for n_pages in 0..6 {
            for price in 0..4 {
                for allowance in 0..14 {
                    for credits in 0..14 {
                        let available = amounts(allowance, credits);
                        let cost = i64::from(n_pages) * price;
                        let Some(holds) = reserve(n_pages, price, available) else {
                            assert!(cost > available.total());
                            continue;
                        };
                        assert!(cost <= available.total());
                        let held = sum(&holds);
                        assert_eq!(held.total(), cost);
                        assert_eq!(held.allowance, cost.min(allowance), "allowance first");
                        for (hold, actual) in holds.iter().zip([0, 1, 2, 3, 4, 5]) {
                            let (charged, back) = settle(*hold, actual);
                            assert_eq!(sum(&[charged, back]), *hold);
                            assert_eq!(charged.total(), actual.min(hold.total()));
                            assert!(charged.allowance >= 0 && charged.credits >= 0);
                            assert!(back.allowance >= 0 && back.credits >= 0);
                        }
                    }
                }
            }
        }
    }
}
