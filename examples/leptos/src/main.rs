//! Reminders, in Leptos. The same page renders natively with the feature `ssr`.

#![forbid(unsafe_code)]

mod app;

#[cfg(not(feature = "ssr"))]
fn main() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(app::App);
}

#[cfg(feature = "ssr")]
fn main() {
    use leptos::prelude::*;

    let owner = Owner::new();
    println!("{}", owner.with(|| view! { <app::App /> }.to_html()));
}
