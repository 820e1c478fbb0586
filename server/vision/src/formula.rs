//! Models that write a formula as LaTeX, from its picture alone.

use std::future::Future;
use std::pin::Pin;

use ocr_chat_document::{BBox, Block, block::round_confidence};

use crate::client::TokenUsage;
use crate::latex;
use crate::model::ReadError;
use crate::picture::Picture;

/// Least share of the letters and digits that the local engine read surely which the LaTeX must have, too, 0 to 1: by chance a fifth agree.
const MIN_AGREEMENT: f32 = 0.3;

/// Mean confidence from which the local reading of a formula's line is proof against a model's, 0 to 1.
const SURE: f32 = 0.9;

/// A formula to be written.
#[derive(Clone, Copy)]
pub struct FormulaTask<'a> {
    /// The upright page.
    pub picture: &'a Picture,
    /// Where on it the formula stands, in pixels.
    pub bbox: BBox,
    /// Tokens that may be spent on it; `None` for as many as it takes.
    pub max_tokens: Option<u64>,
}

/// What a model wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The LaTeX, as it came.
    pub latex: String,
    /// How sure the model is, 0 to 1, where it says so.
    pub confidence: Option<f32>,
}

/// What came of a formula, and what it took in any case.
#[derive(Debug, Clone, PartialEq)]
pub struct FormulaAttempt {
    /// Tokens of all requests for the formula.
    pub usage: TokenUsage,
    /// What was written.
    pub outcome: Result<Written, ReadError>,
}

/// A future of a [`FormulaAttempt`]; dropped, it ends the work.
pub type Writing<'a> = Pin<Box<dyn Future<Output = FormulaAttempt> + Send + 'a>>;

/// A model that writes formulas.
pub trait FormulaModel: Send + Sync {
    /// The model's name as answers report it.
    fn name(&self) -> &str;

    /// Writes a formula.
    fn write<'a>(&'a self, task: FormulaTask<'a>) -> Writing<'a>;
}

/// Puts what a model wrote into the block of a formula, when it is LaTeX and has to do with what was read there. The block's confidence is the model's where it has one,
/// otherwise `0.5 + 0.5 * a * m` as for other blocks: `a` the share of the letters and digits that the local engine read, too, `m` how sure it was. Whether it was taken.
pub fn take(block: &mut Block, written: &Written) -> bool {
    let Ok(latex) = latex::checked(&written.latex) else {
        return false;
    };
    let signs: Vec<&str> = block.lines.iter().map(|line| line.text.as_str()).collect();
    let agreement = latex::agreement(&signs.join(" "), &latex);
    let sureness = block.confidence.unwrap_or(0.0);
    if sureness >= SURE && agreement.is_some_and(|share| share < MIN_AGREEMENT) {
        return false;
    }
    let confidence = written
        .confidence
        .unwrap_or(0.5 + 0.5 * agreement.unwrap_or(0.0) * sureness);
    block.set_latex(latex);
    block.confidence = Some(round_confidence(confidence.clamp(0.0, 1.0)));
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_chat_document::{BlockKind, Line, Point};

    fn block(signs: &str, confidence: f32) -> Block {
        let line = Line {
            text: signs.to_owned(),
            bbox: BBox::new(0, 0, 100, 20),
            polygon: [Point { x: 0, y: 0 }; 4],
            confidence: Some(confidence),
            words: Vec::new(),
        };
        Block::new(BlockKind::Formula, signs, vec![line])
    }

    fn written(latex: &str) -> Written {
        Written {
            latex: latex.to_owned(),
            confidence: None,
        }
    }

    #[test]
    fn what_agrees_is_taken_and_the_lines_keep_the_signs() {
        let mut formula = block("E = mc2", 1.0);
        assert!(take(&mut formula, &written("$$E = mc^2$$")));
        assert_eq!(formula.latex.as_deref(), Some("E = mc^2"));
        assert_eq!(formula.text, "E = mc^2");
        assert_eq!(formula.lines[0].text, "E = mc2");
        assert_eq!(formula.confidence, Some(1.0));
        let mut formula = block("E = mc2", 0.5);
        assert!(take(
            &mut formula,
            &Written {
                confidence: Some(0.25),
                ..written("E = mc^2")
            }
        ));
        assert_eq!(formula.confidence, Some(0.25));
    }

    #[test]
    fn what_is_damaged_or_of_something_else_is_not() {
        let before = block("E = mc2 + 17", 0.95);
        for latex in [
            "E = mc^{2 + 17",
            "\\int_0^1 f(t)\\,dt",
            "I see no formula in this picture, sorry.",
            "",
        ] {
            let mut formula = before.clone();
            assert!(!take(&mut formula, &written(latex)), "{latex}");
            assert_eq!(formula, before);
        }
        // What was badly read is no proof.
        assert!(take(
            &mut block("8=(-A)}+ B-A", 0.6),
            &written("\\int_0^1 f(t)\\,dt")
        ));
    }
}
