#![doc = include_str!("../README.md")]
#![expect(
    unreachable_pub,
    reason = "the component macro writes public types into private modules"
)]

mod chrome;

mod frame;

mod form;

pub mod account;

pub mod admin;

pub mod sign_in;

pub mod credits;

pub mod prices;

pub mod tools;

pub mod home;

pub mod docs;

pub mod legal;

pub mod api_reference;

mod problem;

pub use problem::problem;

pub use frame::{Frame, Here, Notice, Visitor};
