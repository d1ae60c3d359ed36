//! Values that JavaScript keeps: the rules see numbers of its list, and ask it for what they need to know.
//!
//! For a decision of the worker this is half the code of `JsValue`, and less to compile for a browser that has just started
//! it: a handle is copied like the number that it is, nothing has to be dropped (the list is emptied after each decision),
//! no string enters the WASM, and so nothing is allocated in it.

use core::num::NonZeroU32;

use tidings_core::value::{Kinds, Value};
use wasm_bindgen::prelude::wasm_bindgen;

// crates/npm/js/worker/values.ts. With these types wasm-bindgen takes the functions as they are, and writes none around
// them. 0 is no value.
#[wasm_bindgen(raw_module = "#values")]
extern "C" {
    /// See [`Value::is`].
    fn is(value: i32, kinds: i32) -> i32;
    /// NaN for anything else.
    fn number(value: i32) -> f64;
    fn of_number(number: f64) -> i32;
    fn of_text(start: i32, length: i32) -> i32;
    fn of_bool(flag: i32) -> i32;
    fn equal(one: i32, other: i32) -> i32;
    fn garbled(text: i32) -> i32;
    fn starts(text: i32, start: i32) -> i32;
    fn before(text: i32, start: i32, length: i32, nth: i32) -> i32;
    fn resolve(url: i32, base: i32) -> i32;
    fn object() -> i32;
    fn get(object: i32, start: i32, length: i32, kinds: i32) -> i32;
    fn named(object: i32, name: i32) -> i32;
    /// Nothing for 0.
    fn set(object: i32, start: i32, length: i32, value: i32);
    fn set_named(object: i32, name: i32, value: i32);
    fn remove(object: i32, start: i32, length: i32);
    fn assign(object: i32, source: i32);
    fn list() -> i32;
    /// Negative for anything else.
    fn length(list: i32) -> i32;
    fn at(list: i32, index: i32) -> i32;
    fn push(list: i32, value: i32);
}

/// A value of JavaScript's list.
#[derive(Clone, Copy)]
pub struct Handle(NonZeroU32);

impl Handle {
    /// The value of this number; `None` for 0.
    pub fn some(number: i32) -> Option<Self> {
        NonZeroU32::new(number as u32).map(Self)
    }

    /// The value of a number that is not 0.
    pub fn of(number: i32) -> Self {
        // SAFETY: JavaScript gives numbers from 1 on for what is there: place 0 of its list is never a value.
        #[expect(unsafe_code, reason = "to ask each time weighs 160 bytes after brotli")]
        Self(unsafe { NonZeroU32::new_unchecked(number as u32) })
    }

    /// Its number.
    pub fn number(self) -> i32 {
        self.0.get() as i32
    }
}

/// Where a name stands in the memory of the WASM; all names are constants.
fn place(name: &str) -> (i32, i32) {
    (name.as_ptr() as usize as i32, name.len() as i32)
}

impl PartialEq for Handle {
    fn eq(&self, other: &Self) -> bool {
        equal(self.number(), other.number()) != 0
    }
}

impl Value for Handle {
    fn get(&self, name: &str) -> Option<Self> {
        self.pick(name, Kinds::ANY)
    }

    fn pick(&self, name: &str, kinds: Kinds) -> Option<Self> {
        let (start, length) = place(name);
        Self::some(get(self.number(), start, length, kinds.0.into()))
    }

    fn is(&self, kinds: Kinds) -> bool {
        is(self.number(), kinds.0.into()) != 0
    }

    fn named(&self, name: &Self) -> Option<Self> {
        Self::some(named(self.number(), name.number()))
    }

    fn items(&self) -> Option<impl Iterator<Item = Self>> {
        let list = self.number();
        let end = length(list);
        (end >= 0).then(|| (0..end).map(move |index| Self::of(at(list, index))))
    }

    fn is_object(&self) -> bool {
        self.is(Kinds::OBJECT)
    }

    fn is_string(&self) -> bool {
        self.is(Kinds::STRING)
    }

    fn is_garbled(&self) -> bool {
        garbled(self.number()) != 0
    }

    fn starts_with(&self, start: &Self) -> bool {
        starts(self.number(), start.number()) != 0
    }

    fn before(&self, mark: &str, nth: usize) -> Self {
        let (start, length) = place(mark);
        Self::of(before(self.number(), start, length, nth as i32))
    }

    fn as_bool(&self) -> Option<bool> {
        self.is(Kinds::BOOL).then(|| self.is(Kinds::TRUE))
    }

    fn as_number(&self) -> Option<f64> {
        Some(number(self.number())).filter(|number| !number.is_nan())
    }

    fn resolve(&self, base: &Self) -> Option<Self> {
        Self::some(resolve(self.number(), base.number()))
    }

    fn of_text(text: &str) -> Self {
        let (start, length) = place(text);
        Self::of(of_text(start, length))
    }

    fn of_number(number: f64) -> Self {
        Self::of(of_number(number))
    }

    fn of_bool(flag: bool) -> Self {
        Self::of(of_bool(flag.into()))
    }

    fn object() -> Self {
        Self::of(object())
    }

    fn assign(&mut self, source: &Self) {
        assign(self.number(), source.number());
    }

    fn list() -> Self {
        Self::of(list())
    }

    fn set(&mut self, name: &str, value: Self) {
        let (start, length) = place(name);
        set(self.number(), start, length, value.number());
    }

    fn put(&mut self, name: &str, value: Option<Self>) {
        let (start, length) = place(name);
        set(self.number(), start, length, value.map_or(0, Self::number));
    }

    fn set_named(&mut self, name: &Self, value: Self) {
        set_named(self.number(), name.number(), value.number());
    }

    fn remove(&mut self, name: &str) {
        let (start, length) = place(name);
        remove(self.number(), start, length);
    }

    fn push(&mut self, value: Self) {
        push(self.number(), value.number());
    }
}
