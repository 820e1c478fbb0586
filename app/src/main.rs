#![doc = include_str!("../README.md")]
#![expect(
    unreachable_pub,
    reason = "the component macro writes public types into private modules"
)]

mod api;

mod browser;

mod jobs;

mod messages;

mod settings;

mod shell;

mod components;

fn main() {
    leptos::mount::mount_to_body(shell::App);
    browser::register_service_worker();
}
