//! The elements of index.html, by their ids.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement};

/// The element with this id; index.html has it.
pub fn element(id: &str) -> Element {
    gloo_utils::document().get_element_by_id(id).unwrap_or_else(|| panic!("index.html has no #{id}"))
}

/// The field with this id.
pub fn input(id: &str) -> HtmlInputElement {
    element(id).dyn_into().unwrap_or_else(|_| panic!("#{id} is no <input>"))
}

/// Calls back for as long as the page lives; the callback may prevent the default.
pub fn listen(id: &str, event: &'static str, callback: impl FnMut(&Event) + 'static) {
    EventListener::new_with_options(&element(id), event, EventListenerOptions::enable_prevent_default(), callback)
        .forget();
}
