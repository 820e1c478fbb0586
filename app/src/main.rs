#![doc = include_str!("../README.md")]
#![expect(
    unreachable_pub,
    reason = "the component macro writes public types into private modules"
)]

mod api;

mod browser;

mod find;

mod crop;

mod jobs;

mod installed;

mod messages;

mod picture;

mod search;

mod settings;

mod shell;

mod site;

mod store;

mod components;

fn main() {
    let (locale, _) = ocr_chat_i18n::split_path(&browser::path());
    ocr_chat_i18n::set_locale(locale);
    let (place, early_files) = site::take_place();
    leptos::mount::mount_to(place, move || shell::App(shell::AppProps { early_files })).forget();
}
