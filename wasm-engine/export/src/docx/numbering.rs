//! Lists: an abstract numbering for each way of counting, an instance of it for each list.

use std::collections::BTreeMap;

use crate::lists::{Around, Counting, Item, MAX_DEPTH, Style};

/// Bullets by depth, over and over; all of them in every font.
const BULLETS: [&str; 3] = ["•", "–", "▪"];

/// Indent of a level, in twips: a quarter of an inch.
pub(super) const INDENT_TWIPS: usize = 360;

#[derive(Debug)]
struct Instance {
    style: Style,
    depth: usize,
    start: u32,
}

/// The numberings of a document.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    /// Abstract numberings, each with its position.
    styles: BTreeMap<Style, usize>,
    instances: Vec<Instance>,
    /// The instance open at each depth, counted from 1.
    open: Vec<usize>,
}

impl Numbering {
    /// The number of the list that `item` is in, counted from 1; `None` where its mark stays in its text.
    pub(super) fn number(&mut self, item: &Item<'_>) -> Option<usize> {
        if item.style == Style::Kept {
            self.open.truncate(item.depth);
            self.open.resize(item.depth + 1, 0);
            return None;
        }
        self.open.truncate(item.depth + 1);
        let known = self.open.get(item.depth).copied().filter(|&open| open > 0);
        if let Some(known) = known.filter(|_| !item.starts_list) {
            return Some(known);
        }
        let n = self.styles.len();
        self.styles.entry(item.style).or_insert(n);
        self.instances.push(Instance {
            style: item.style,
            depth: item.depth,
            start: item.number,
        });
        let number = self.instances.len();
        self.open.resize(item.depth, 0);
        self.open.push(number);
        Some(number)
    }

    /// The part.
    pub(super) fn xml(&self) -> String {
        let mut xml = format!("<w:numbering xmlns:w=\"{}\">", super::MAIN);
        let mut styles: Vec<(Style, usize)> = self
            .styles
            .iter()
            .map(|(style, id)| (*style, *id))
            .collect();
        styles.sort_by_key(|(_, id)| *id);
        for (style, id) in styles {
            xml.push_str(&format!(
                "<w:abstractNum w:abstractNumId=\"{id}\"><w:multiLevelType w:val=\"hybridMultilevel\"/>"
            ));
            for depth in 0..=MAX_DEPTH {
                push_level(&mut xml, style, depth);
            }
            xml.push_str("</w:abstractNum>");
        }
        for (position, instance) in self.instances.iter().enumerate() {
            let id = self.styles.get(&instance.style).copied().unwrap_or(0);
            xml.push_str(&format!(
                "<w:num w:numId=\"{}\"><w:abstractNumId w:val=\"{id}\"/>",
                position + 1
            ));
            if matches!(instance.style, Style::Ordered(..)) {
                xml.push_str(&format!(
                    "<w:lvlOverride w:ilvl=\"{}\"><w:startOverride w:val=\"{}\"/></w:lvlOverride>",
                    instance.depth, instance.start
                ));
            }
            xml.push_str("</w:num>");
        }
        xml.push_str("</w:numbering>");
        xml
    }
}

fn push_level(out: &mut String, style: Style, depth: usize) {
    let (format, text) = match style {
        Style::Ordered(counting, around) => {
            let format = match counting {
                Counting::Decimal => "decimal",
                Counting::LowerLetter => "lowerLetter",
                Counting::UpperLetter => "upperLetter",
                Counting::LowerRoman => "lowerRoman",
                Counting::UpperRoman => "upperRoman",
            };
            let number = format!("%{}", depth + 1);
            let text = match around {
                Around::Dot => format!("{number}."),
                Around::Bracket => format!("{number})"),
                Around::Brackets => format!("({number})"),
            };
            (format, text)
        }
        Style::Bullet | Style::Kept => ("bullet", BULLETS[depth % BULLETS.len()].to_owned()),
    };
    let left = INDENT_TWIPS * (depth + 2);
    out.push_str(&format!(
        "<w:lvl w:ilvl=\"{depth}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"{format}\"/><w:lvlText w:val=\"{text}\"/><w:lvlJc w:val=\"left\"/>\
         <w:pPr><w:ind w:left=\"{left}\" w:hanging=\"{INDENT_TWIPS}\"/></w:pPr></w:lvl>"
    ));
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_list_keeps_its_number_around_the_lists_inside_it() {
        let decimal = Style::Ordered(Counting::Decimal, Around::Dot);
        let item = |depth, style, number, starts_list| Item {
            depth,
            style,
            number,
            starts_list,
            text: "",
        };
        let mut numbering = Numbering::default();
        let numbers: Vec<Option<usize>> = [
            item(0, decimal, 1, true),
            item(1, Style::Bullet, 0, true),
            item(0, decimal, 2, false),
            item(1, Style::Bullet, 0, true),
            item(0, decimal, 7, true),
            item(0, Style::Kept, 0, true),
        ]
        .iter()
        .map(|item| numbering.number(item))
        .collect();
        assert_eq!(numbers, [Some(1), Some(2), Some(1), Some(3), Some(4), None]);
        let xml = numbering.xml();
        assert_eq!(xml.matches("<w:abstractNum ").count(), 2);
        assert!(xml.contains("<w:startOverride w:val=\"7\"/>"));
    }
}
