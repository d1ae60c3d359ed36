//! What the shim calls in the WASM of a service worker in Rust.

/// Makes this cdylib a service worker: `tidings worker` packs it into one script.
///
/// `configure` is called once in the life of the WASM, at the first event that needs it, and says what the app wants in a
/// [`Config`](crate::worker::Config). Should it panic, or a hook, the notification is shown all the same, and the next
/// event gets a fresh instance; [`Config::on_error`](crate::worker::Config::on_error) hears of it there. A panic says no
/// more than `unreachable` on the console unless `configure` sets a panic hook, such as `console_error_panic_hook`.
///
/// # Example
///
/// ```no_run
/// use tidings::worker::{Change, Click, Config, Message, Next};
///
/// fn configure() -> Config {
///     Config::new().title("Acme").icon("/icon-192.png").on_push(on_push).on_click(on_click)
/// }
///
/// fn on_push(message: Message) -> Change {
///     Change::new().title(&format!("Acme: {}", message.title()))
/// }
///
/// fn on_click(click: Click) -> Next {
///     match click.action().as_str() {
///         "archive" => Next::OpenOther("/archive".into()),
///         _ => Next::Open,
///     }
/// }
///
/// tidings::export_worker!(configure);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export_worker {
    ($configure:expr $(,)?) => {
        const _: () = {
            use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
            use $crate::{
                __private::{js_sys::Array, wasm_bindgen},
                worker,
            };

            #[wasm_bindgen(js_name = tidings_options)]
            pub fn options() -> JsValue {
                let configure: fn() -> worker::Config = $configure;
                configure().into_js()
            }

            #[wasm_bindgen(js_name = tidings_plan)]
            pub fn plan(
                payload: &JsValue,
                is_text: bool,
                all: bool,
                options: &JsValue,
                scope: &JsValue,
                now: f64,
            ) -> JsValue {
                worker::plan(payload, is_text, all, options, scope, now).unwrap_or_default()
            }

            #[wasm_bindgen(js_name = tidings_finish)]
            pub fn finish(plan: &JsValue, change: &JsValue, scope: &JsValue, max_actions: u32) -> JsValue {
                worker::finish(plan, change, scope, max_actions)
            }

            #[wasm_bindgen(js_name = tidings_click)]
            pub fn click(data: &JsValue, action: &JsValue, scope: &JsValue, origins: &JsValue) -> JsValue {
                worker::click(data, action, scope, origins).unwrap_or_default()
            }

            #[wasm_bindgen(js_name = tidings_choose)]
            pub fn choose(policy: &JsValue, url: &JsValue, scope: &JsValue, windows: &Array) -> Option<i32> {
                worker::choose(policy, url, scope, windows)
            }

            #[wasm_bindgen(js_name = tidings_turn)]
            pub fn turn(entry: &JsValue, lane: &JsValue, now: f64, eager: f64) -> u32 {
                worker::turn(entry, lane, now, eager)
            }

            #[wasm_bindgen(js_name = tidings_judge)]
            pub fn judge(entry: &JsValue, status: u16, seconds: f64, date: f64, now: f64, random: f64) -> JsValue {
                worker::judge(entry, status, seconds, date, now, random)
            }
        };
    };
}
