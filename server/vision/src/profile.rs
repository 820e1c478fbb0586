//! Profiles: what differs between families of models, as data.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::parse::Format;

/// What is sent at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// The whole page.
    Page,
    /// The blocks that the local engine found, each by its kind.
    Regions,
}

/// What the boxes of an answer count in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Coordinates {
    /// Pixels of the picture that was sent.
    #[serde(rename = "pixels")]
    Pixels,
    /// Parts of the picture's sides.
    #[serde(rename = "0-1")]
    One,
    /// Five-hundredths: the grid of DocTags.
    #[serde(rename = "0-500")]
    FiveHundred,
    /// 0 to 999.
    #[serde(rename = "0-999")]
    NineNineNine,
    /// 0 to 1,000.
    #[serde(rename = "0-1000")]
    Thousand,
}

impl Coordinates {
    /// What `value` along a side of `side_px` pixels of the picture that was sent is, as a part of that side.
    pub(crate) fn part(self, value: f32, side_px: u32) -> f32 {
        let whole = match self {
            Self::Pixels => side_px as f32,
            Self::One => 1.0,
            Self::FiveHundred => 500.0,
            Self::NineNineNine => 999.0,
            Self::Thousand => 1000.0,
        };
        value / whole
    }
}

/// What a model is asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prompts {
    /// For a page.
    pub page: String,
    /// For a region of text.
    pub text: Option<String>,
    /// For a table.
    pub table: Option<String>,
    /// For a formula.
    pub formula: Option<String>,
}

/// How a family of models is asked and how its answers are read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// What is sent at a time.
    pub unit: Unit,
    /// The form of its answers.
    pub format: Format,
    /// What boxes count in.
    pub coordinates: Coordinates,
    /// Longest side of a picture that is sent, in pixels; larger ones are made smaller.
    pub longest_side_px: u32,
    /// Sides of a picture that is sent are multiples of this many pixels; 1.
    #[serde(default = "one")]
    pub side_multiple_px: u32,
    /// Most tokens of an answer.
    pub max_tokens: u32,
    /// How freely the model chooses.
    pub temperature: Option<f32>,
    /// Where an answer ends.
    #[serde(default)]
    pub stop: Vec<String>,
    /// Whether answers are streamed, so that a loop is cut when it begins; `true`.
    #[serde(default = "yes")]
    pub stream: bool,
    /// What it is asked.
    pub prompts: Prompts,
    /// Further keys of a request.
    #[serde(default)]
    pub extra: Map<String, Value>,
    /// Further keys of the second try, after a loop.
    #[serde(default)]
    pub on_repetition: Map<String, Value>,
}

fn one() -> u32 {
    1
}

fn yes() -> bool {
    true
}

/// Why profiles cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// The file is no TOML.
    #[error("the profiles cannot be read: {0}")]
    Toml(#[from] toml::de::Error),
    /// A profile says something that none can.
    #[error("profile {name:?}: {reason}")]
    Profile {
        /// Its name.
        name: String,
        /// What is wrong.
        reason: String,
    },
}

/// All profiles by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Profiles(BTreeMap<String, Profile>);

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    profiles: BTreeMap<String, toml::Table>,
}

impl Profiles {
    /// The built-in ones, changed by the text of an operator's file.
    ///
    /// # Errors
    /// [`ProfileError`] for a file that is none.
    pub fn new(operators: Option<&str>) -> Result<Self, ProfileError> {
        let mut tables = toml::from_str::<File>(include_str!("profiles.toml"))?.profiles;
        if let Some(text) = operators {
            tables.extend(toml::from_str::<File>(text)?.profiles);
        }
        let mut profiles = BTreeMap::new();
        for name in tables.keys() {
            let table = resolved(&tables, name)?;
            let profile: Profile = table
                .try_into()
                .map_err(|error: toml::de::Error| wrong(name, error.message()))?;
            check(name, &profile)?;
            profiles.insert(name.clone(), profile);
        }
        Ok(Self(profiles))
    }

    /// The profile called `name`.
    pub fn get(&self, name: &str) -> Option<&Profile> {
        self.0.get(name)
    }

    /// The names there are.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

fn wrong(name: &str, reason: impl Into<String>) -> ProfileError {
    ProfileError::Profile {
        name: name.to_owned(),
        reason: reason.into(),
    }
}

/// The table of `name` on top of those it extends.
fn resolved(
    tables: &BTreeMap<String, toml::Table>,
    name: &str,
) -> Result<toml::Table, ProfileError> {
    let mut chain = Vec::new();
    let mut next = Some(name.to_owned());
    while let Some(current) = next {
        let table = tables
            .get(&current)
            .ok_or_else(|| wrong(name, format!("it extends {current:?}, which is not there")))?;
        if chain.len() > 8 {
            return Err(wrong(name, "it extends itself"));
        }
        chain.push(table);
        next = table
            .get("extends")
            .and_then(toml::Value::as_str)
            .map(str::to_owned);
    }
    let mut resolved = toml::Table::new();
    for table in chain.into_iter().rev() {
        resolved.extend(table.clone());
    }
    resolved.remove("extends");
    Ok(resolved)
}

fn check(name: &str, profile: &Profile) -> Result<(), ProfileError> {
    if !(64..=8192).contains(&profile.longest_side_px) {
        return Err(wrong(name, "longest_side_px is 64 to 8,192"));
    }
    if !(1..=64).contains(&profile.side_multiple_px) {
        return Err(wrong(name, "side_multiple_px is 1 to 64"));
    }
    if profile.max_tokens == 0 {
        return Err(wrong(name, "max_tokens is at least 1"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_has_its_profile() {
        let profiles = Profiles::new(None).unwrap();
        for name in [
            "generic",
            "paddleocr-vl",
            "glm-ocr",
            "deepseek-ocr",
            "dots-ocr",
            "olmocr",
            "qwen2-5-vl",
            "qwen3-vl",
            "granite-docling",
            "chandra",
            "nanonets-ocr",
        ] {
            assert!(profiles.get(name).is_some(), "{name}");
        }
        assert_eq!(profiles.get("glm-ocr").unwrap().unit, Unit::Regions);
        assert_eq!(
            profiles.get("deepseek-ocr").unwrap().extra["skip_special_tokens"],
            false
        );
    }

    #[test]
    fn an_operators_file_adds_changes_and_is_checked() {
        let file = "[profiles.mine]\nextends = \"qwen3-vl\"\nmax_tokens = 100\n";
        let profiles = Profiles::new(Some(file)).unwrap();
        assert_eq!(profiles.get("mine").unwrap().max_tokens, 100);
        assert_eq!(
            profiles.get("mine").unwrap().coordinates,
            Coordinates::NineNineNine
        );
        for wrong in [
            "[profiles.a]\nextends = \"b\"",
            "[profiles.a]\nextends = \"a\"",
            "[profiles.a]\nextends = \"generic\"\ntypo = 1",
            "[profiles.a]\nextends = \"generic\"\nlongest_side_px = 9",
            "nonsense",
        ] {
            assert!(Profiles::new(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
