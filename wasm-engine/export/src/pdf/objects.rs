//! Values of a PDF that was read, written again.

use std::collections::HashMap;

use hayro_syntax::object::{Dict, MaybeRef, ObjRef, Object, ObjectIdentifier, Stream};

use super::writer::{ObjectNumbers, number, push_literal};

/// Nesting at which a value is taken for broken. What people's files nest is below 20.
const MAX_DEPTH: usize = 100;

/// Digits behind the point of numbers: a page of 14,400 points is placed to a millionth.
const DECIMALS: usize = 8;

/// Values in the making.
#[derive(Default)]
pub(super) struct Values {
    /// The bytes written.
    pub(super) out: Vec<u8>,
    /// New numbers for the objects referred to; `None` where they keep their own.
    pub(super) renumbering: Option<Renumbering>,
}

/// New object numbers for old ones, given out as references are met.
pub(super) struct Renumbering {
    numbers: ObjectNumbers,
    known: HashMap<ObjectIdentifier, u32>,
    pending: Vec<(ObjectIdentifier, u32)>,
}

impl Renumbering {
    /// New numbers from `numbers`.
    pub(super) fn new(numbers: ObjectNumbers) -> Self {
        Self {
            numbers,
            known: HashMap::new(),
            pending: Vec::new(),
        }
    }

    /// States that `old` is written by the caller as object `new`.
    pub(super) fn assign(&mut self, old: ObjectIdentifier, new: u32) {
        self.known.insert(old, new);
    }

    /// An object that was referred to and is not written yet, with its new number.
    pub(super) fn next_pending(&mut self) -> Option<(ObjectIdentifier, u32)> {
        self.pending.pop()
    }

    fn number_of(&mut self, old: ObjectIdentifier) -> u32 {
        if let Some(&new) = self.known.get(&old) {
            return new;
        }
        let new = self.numbers.next();
        self.known.insert(old, new);
        self.pending.push((old, new));
        new
    }
}

impl Values {
    /// The bytes written since the last call.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Appends the entries of `dict` for which `is_kept` holds, without the brackets.
    pub(super) fn push_entries(&mut self, dict: &Dict<'_>, is_kept: impl Fn(&[u8]) -> bool) {
        self.push_entries_at(dict, is_kept, 0);
    }

    /// Appends the dictionary of `stream` without its length, brackets or data.
    pub(super) fn push_stream_entries(&mut self, stream: &Stream<'_>) {
        self.push_entries_at(stream.dict(), |key| key != b"Length", 0);
    }

    /// Appends `value`. A stream cannot stand inside another value; null stands for it.
    pub(super) fn push(&mut self, value: &MaybeRef<Object<'_>>) {
        self.push_at(value, 0);
    }

    /// Appends a name.
    pub(super) fn push_name(&mut self, name: &[u8]) {
        self.out.push(b'/');
        for &byte in name {
            // ISO 32000-1, 7.3.5: what is not a regular character is written by its code.
            if byte.is_ascii_graphic() && !b"#()<>[]{}/%".contains(&byte) {
                self.out.push(byte);
            } else {
                self.out
                    .extend_from_slice(format!("#{byte:02X}").as_bytes());
            }
        }
    }

    fn push_at(&mut self, value: &MaybeRef<Object<'_>>, depth: usize) {
        match value {
            MaybeRef::Ref(reference) => {
                let ObjRef {
                    obj_number,
                    gen_number,
                } = *reference;
                let (id, generation) = match &mut self.renumbering {
                    Some(renumbering) => (renumbering.number_of((*reference).into()), 0),
                    None => (obj_number, gen_number),
                };
                self.out
                    .extend_from_slice(format!("{id} {generation} R").as_bytes());
            }
            MaybeRef::NotRef(object) => self.push_object(object, depth),
        }
    }

    /// Appends a value that is no reference.
    pub(super) fn push_object(&mut self, object: &Object<'_>, depth: usize) {
        if depth > MAX_DEPTH {
            self.out.extend_from_slice(b"null");
            return;
        }
        match object {
            Object::Null(_) | Object::Stream(_) => self.out.extend_from_slice(b"null"),
            Object::Boolean(value) => {
                self.out
                    .extend_from_slice(if *value { b"true" } else { b"false" });
            }
            Object::Number(value) => {
                let value = value.as_f64();
                self.out
                    .extend_from_slice(number(value, DECIMALS).as_bytes());
            }
            Object::String(value) => push_literal(&mut self.out, value.as_bytes()),
            Object::Name(value) => self.push_name(value),
            Object::Dict(dict) => self.push_dict_at(dict, depth),
            Object::Array(array) => {
                self.out.push(b'[');
                for (idx, value) in array.raw_iter().enumerate() {
                    if idx > 0 {
                        self.out.push(b' ');
                    }
                    self.push_at(&value, depth + 1);
                }
                self.out.push(b']');
            }
        }
    }

    fn push_dict_at(&mut self, dict: &Dict<'_>, depth: usize) {
        self.out.extend_from_slice(b"<<");
        self.push_entries_at(dict, |_| true, depth);
        self.out.extend_from_slice(b">>");
    }

    fn push_entries_at(&mut self, dict: &Dict<'_>, is_kept: impl Fn(&[u8]) -> bool, depth: usize) {
        for (key, value) in dict.entries().filter(|(key, _)| is_kept(key)) {
            self.push_name(&key);
            self.out.push(b' ');
            self.push_at(&value, depth + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use hayro_syntax::object::FromBytes as _;

    #[test]
    fn a_dictionary_is_written_as_it_was_read() {
        let bytes = b"<< /B [1 -2.50 true null (a\\)b) <0d>] /A#20x /N#2Fm /C 7 2 R >>";
        let dict = Dict::from_bytes(bytes).unwrap();
        let mut values = Values::default();
        values.push_dict_at(&dict, 0);
        let expected = "<</A#20x /N#2Fm/B [1 -2.5 true null (a\\)b) (\\r)]/C 7 2 R>>";
        assert_eq!(String::from_utf8(values.out).unwrap(), expected);
    }
}
