#![doc = include_str!("../README.md")]

mod problems;

use std::cell::Cell;

#[expect(
    warnings,
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    reason = "written by the library's generator"
)]
mod written {
    include!(concat!(env!("OUT_DIR"), "/i18n.rs"));
}

#[doc(hidden)]
pub use leptos_i18n;
pub use problems::problem;
pub use written::i18n::Locale;

thread_local! {
    static LOCALE: Cell<Locale> = const { Cell::new(Locale::en) };
}

/// The language in which this thread writes: English until [`set_locale`] or within [`within`].
pub fn locale() -> Locale {
    LOCALE.get()
}

/// Writes in `locale` from now on; the page's way, where everybody reads one language.
pub fn set_locale(locale: Locale) {
    LOCALE.set(locale);
}

/// What `write` writes, in `locale`; the server's way, where a thread writes for many people, each page in one go.
pub fn within<T>(locale: Locale, write: impl FnOnce() -> T) -> T {
    /// Puts the language back, after a panic, too.
    struct Restore(Locale);
    impl Drop for Restore {
        fn drop(&mut self) {
            LOCALE.set(self.0);
        }
    }
    let _restore = Restore(LOCALE.replace(locale));
    write()
}

/// A message in the language of this thread: `tr!(common.close)`, or with values `tr!(files.n_files, count = n)`.
///
/// A `&'static str` without values, a `String` with them. Keys that do not exist do not compile.
#[macro_export]
macro_rules! tr {
    ($($message:tt)*) => {{
        // What the library's macro writes names the library.
        use $crate::leptos_i18n;
        $crate::leptos_i18n::td_string!($crate::locale(), $($message)*)
    }};
}

/// Every language of the interface, in the order of menus.
pub const LOCALES: [Locale; 3] = [Locale::en, Locale::th, Locale::ar];

/// What is asked of a language besides its messages.
pub trait Language: Sized {
    /// Its code (BCP 47), which is the first segment of its addresses, too.
    fn code(self) -> &'static str;
    /// What its readers call it.
    fn native_name(self) -> &'static str;
    /// `ltr` or `rtl`.
    fn direction(self) -> &'static str;
    /// Address of the page at `path` (from the root, `/prices`) in this language: English has no segment of its own.
    fn href(self, path: &str) -> String;
}

impl Language for Locale {
    fn code(self) -> &'static str {
        match self {
            Self::en => "en",
            Self::th => "th",
            Self::ar => "ar",
        }
    }

    fn native_name(self) -> &'static str {
        match self {
            Self::en => "English",
            Self::th => "ไทย",
            Self::ar => "العربية",
        }
    }

    fn direction(self) -> &'static str {
        match self {
            Self::en | Self::th => "ltr",
            Self::ar => "rtl",
        }
    }

    fn href(self, path: &str) -> String {
        match self {
            Self::en => path.to_owned(),
            Self::th | Self::ar => {
                let path = if path == "/" { "" } else { path };
                format!("/{}{path}", self.code())
            }
        }
    }
}

/// The language that an address names, and the address without it: `/th/prices` is `/prices` in Thai.
pub fn split_path(path: &str) -> (Locale, &str) {
    for locale in LOCALES {
        if locale == Locale::en {
            continue;
        }
        let rest = path
            .strip_prefix('/')
            .and_then(|path| path.strip_prefix(locale.code()));
        match rest {
            Some("") => return (locale, "/"),
            Some(rest) if rest.starts_with('/') => return (locale, rest),
            _ => {}
        }
    }
    (Locale::en, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_their_language() {
        assert_eq!(split_path("/"), (Locale::en, "/"));
        assert_eq!(split_path("/th"), (Locale::th, "/"));
        assert_eq!(split_path("/th/"), (Locale::th, "/"));
        assert_eq!(split_path("/ar/tools/x"), (Locale::ar, "/tools/x"));
        // A page whose name begins like a language's code is in English.
        assert_eq!(split_path("/there"), (Locale::en, "/there"));
        for locale in LOCALES {
            for path in ["/", "/prices"] {
                assert_eq!(split_path(&locale.href(path)), (locale, path));
            }
        }
    }

    #[test]
    fn a_language_ends_with_what_is_written_in_it() {
        assert_eq!(within(Locale::th, || tr!(common.language)), "ภาษา");
        assert_eq!(locale(), Locale::en);
        let panicked = std::panic::catch_unwind(|| within(Locale::ar, || panic!()));
        assert!(panicked.is_err());
        assert_eq!(locale(), Locale::en);
    }

    #[test]
    fn numbers_are_counted_as_each_language_counts() {
        let pages = |locale, n: u32| within(locale, || tr!(common.n_pages, count = n));
        assert_eq!(pages(Locale::en, 1), "1 page");
        assert_eq!(pages(Locale::en, 2), "2 pages");
        assert_eq!(pages(Locale::th, 2), "2 หน้า");
        assert_eq!(pages(Locale::ar, 2), "صفحتان");
        assert_eq!(pages(Locale::ar, 3), "3 صفحات");
        assert_eq!(pages(Locale::ar, 11), "11 صفحة");
    }

    /// The keys of a file, without the endings of plural forms.
    fn keys(code: &str, file: &std::path::Path) -> std::collections::BTreeSet<String> {
        let path = std::path::Path::new("locales").join(code).join(file);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{path:?} is missing"));
        let messages: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        let stem = |key: &String| {
            ["_zero", "_one", "_two", "_few", "_many", "_other"]
                .iter()
                .find_map(|ending| key.strip_suffix(ending))
                .unwrap_or(key)
                .to_owned()
        };
        assert!(
            messages
                .values()
                .all(|message| message.as_str().is_some_and(|text| !text.is_empty())),
            "{path:?} has empty messages"
        );
        messages.keys().map(stem).collect()
    }

    #[test]
    fn every_language_is_complete() {
        for entry in std::fs::read_dir("locales/en").unwrap() {
            let file = std::path::PathBuf::from(entry.unwrap().file_name());
            let english = keys("en", &file);
            for locale in LOCALES {
                assert_eq!(
                    keys(locale.code(), &file),
                    english,
                    "{} {file:?}",
                    locale.code()
                );
            }
        }
    }
}
