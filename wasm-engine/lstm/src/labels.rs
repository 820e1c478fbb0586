//! What the network's classes mean: the character set, and the recoder that writes characters as codes of classes.

use std::collections::BTreeMap;

use crate::bytes::Bytes;
use crate::error::ModelError;

/// Tesseract's `RecodedCharID::kMaxCodeLen` is 9; the longest published code has 5 parts.
const MAX_CODE_LEN: usize = 9;
/// Entries that stand for no character, at the ids 1 and 2 (Tesseract, `UNICHARSET::SpecialUnicharCodes`).
const SPECIAL: [&str; 2] = ["Joined", "|Broken|0|1"];

/// A state inside a code. 0 is the state between two characters.
pub(crate) type TrieNode = u32;
pub(crate) const ROOT: TrieNode = 0;

/// The characters of a model and a trie of their codes.
#[derive(Debug, Clone)]
pub(crate) struct Labels {
    /// By unichar id. Id 0 is the space.
    texts: Vec<String>,
    edges: BTreeMap<(TrieNode, u16), TrieNode>,
    /// By trie node: the id whose code ends there.
    ends: Vec<Option<u32>>,
    /// By trie node: whether a longer code goes on from there.
    continues: Vec<bool>,
}

impl Labels {
    pub(crate) fn parse(
        unicharset: &[u8],
        recoder: &[u8],
        n_classes: usize,
        null_class: usize,
    ) -> Result<Self, ModelError> {
        let texts = characters(unicharset)?;
        let mut labels = Self {
            texts,
            edges: BTreeMap::new(),
            ends: vec![None],
            continues: vec![false],
        };
        let mut bytes = Bytes::new(recoder, "the recoder");
        let n_codes = bytes.count(5)?;
        if n_codes != labels.texts.len() {
            return Err(ModelError::damaged("recoder and character set differ"));
        }
        for id in 0..n_codes {
            bytes.u8()?; // whether the code is normalised by itself
            let len = bytes.count(4)?;
            if len > MAX_CODE_LEN {
                return Err(ModelError::damaged("a code is too long"));
            }
            let mut code = [0u16; MAX_CODE_LEN];
            for part in &mut code[..len] {
                let class =
                    usize::try_from(bytes.i32()?).map_err(|_| ModelError::damaged("a code"))?;
                if class >= n_classes {
                    return Err(ModelError::damaged("a code beyond the classes"));
                }
                *part = class as u16;
            }
            labels.insert(id, &code[..len], null_class as u16);
        }
        if !bytes.is_empty() {
            return Err(ModelError::damaged("bytes behind the recoder"));
        }
        if labels.ends.len() == 1 {
            return Err(ModelError::damaged("no character has a code"));
        }
        Ok(labels)
    }

    fn insert(&mut self, id: usize, code: &[u16], null_class: u16) {
        // A character of the set that was left out of training has the null as its only code.
        if code.is_empty()
            || code.contains(&null_class)
            || self.texts[id].is_empty()
            || SPECIAL.contains(&self.texts[id].as_str())
        {
            return;
        }
        let mut node = ROOT;
        for &class in code {
            self.continues[node as usize] = true;
            let fresh = self.ends.len() as TrieNode;
            node = *self.edges.entry((node, class)).or_insert(fresh);
            if node == fresh {
                self.ends.push(None);
                self.continues.push(false);
            }
        }
        self.ends[node as usize].get_or_insert(id as u32);
    }

    /// The state after `class`, if a code goes that way.
    pub(crate) fn step(&self, node: TrieNode, class: u16) -> Option<TrieNode> {
        self.edges.get(&(node, class)).copied()
    }

    /// The character whose code ends at this state.
    pub(crate) fn end(&self, node: TrieNode) -> Option<u32> {
        self.ends[node as usize]
    }

    pub(crate) fn continues(&self, node: TrieNode) -> bool {
        self.continues[node as usize]
    }

    pub(crate) fn text(&self, id: u32) -> &str {
        &self.texts[id as usize]
    }

    /// Texts of all characters that some code can write.
    pub(crate) fn writable(&self) -> impl Iterator<Item = &str> {
        self.ends.iter().flatten().map(|&id| self.text(id))
    }

    /// Bytes of memory, roughly.
    pub(crate) fn size_bytes(&self) -> usize {
        let texts: usize = self
            .texts
            .iter()
            .map(|text| size_of::<String>() + text.len())
            .sum();
        texts + self.edges.len() * 16 + self.ends.len() * 9
    }
}

/// The first field of each line of a unicharset; its properties are of no use here.
pub(crate) fn characters(unicharset: &[u8]) -> Result<Vec<String>, ModelError> {
    let text = std::str::from_utf8(unicharset)
        .map_err(|_| ModelError::damaged("the character set is not UTF-8"))?;
    let mut lines = text.lines();
    let n_characters: usize = lines
        .next()
        .and_then(|line| line.split_whitespace().next())
        .and_then(|field| field.parse().ok())
        .ok_or(ModelError::damaged("the character set has no count"))?;
    let characters: Vec<String> = lines
        .take(n_characters)
        .enumerate()
        .map(|(id, line)| {
            // The space stands first, written as NULL. A character that is itself white space would break the format.
            if id == 0 {
                String::from(" ")
            } else {
                line.split(' ').next().unwrap_or_default().to_owned()
            }
        })
        .collect();
    if characters.len() != n_characters {
        return Err(ModelError::Truncated {
            part: "the character set",
        });
    }
    Ok(characters)
}
