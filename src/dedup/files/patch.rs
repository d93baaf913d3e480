//! A line of JSON → the same line with some values exchanged.
//!
//! In: the bytes of a JSON text that has been read before, so it is known to be whole. Out: its parts, or itself with new
//! values; whatever is not exchanged stays byte for byte, unknown keys, numbers and their order among it. Never: a check.

use std::borrow::Cow;

/// The members of an object: key as text, value as it stands there.
pub(super) fn members(object: &[u8]) -> Vec<(Cow<'_, str>, &[u8])> {
    let mut out = Vec::new();
    let mut at = past(object, 0, b'{');
    while object.get(at) == Some(&b'"') {
        let end = value_end(object, at);
        let key = key_of(&object[at..end]);
        let start = past(object, end, b':');
        let end = value_end(object, start);
        out.push((key, &object[start..end]));
        at = past(object, end, b',');
    }
    out
}

/// The elements of an array, as they stand there.
pub(super) fn elements(array: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let mut at = past(array, 0, b'[');
    while array.get(at).is_some_and(|b| *b != b']') {
        let end = value_end(array, at);
        out.push(&array[at..end]);
        at = past(array, end, b',');
    }
    out
}

/// An array of these elements.
pub(super) fn array<T: AsRef<[u8]>>(elements: &[T]) -> Vec<u8> {
    let list = elements.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(&b","[..]);
    [b"[", &list[..], b"]"].concat()
}

/// The object with these values; a key that it does not have yet comes last.
pub(super) fn with(object: &[u8], changes: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(object.len());
    let mut copied = 0;
    let known = members(object);
    for (key, value) in &known {
        if let Some((_, new)) = changes.iter().find(|(changed, _)| *changed == key.as_ref()) {
            let start = value.as_ptr().addr() - object.as_ptr().addr();
            out.extend_from_slice(&object[copied..start]);
            out.extend_from_slice(new);
            copied = start + value.len();
        }
    }
    let rest = &object[copied..];
    let end = rest.iter().rposition(|b| *b == b'}').unwrap_or(rest.len());
    out.extend_from_slice(&rest[..end]);
    let mut comma = !known.is_empty();
    for (key, new) in changes.iter().filter(|(key, _)| known.iter().all(|(other, _)| other != key)) {
        if comma {
            out.push(b',');
        }
        out.extend_from_slice(&[b"\"", key.as_bytes(), b"\":", new].concat());
        comma = true;
    }
    out.extend_from_slice(&rest[end..]);
    out
}

fn key_of(quoted: &[u8]) -> Cow<'_, str> {
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    if inner.contains(&b'\\') {
        return Cow::Owned(serde_json::from_slice(quoted).unwrap_or_default());
    }
    String::from_utf8_lossy(inner)
}

/// Where the next token begins, past white space and, if it comes first, this byte.
fn past(text: &[u8], from: usize, skipped: u8) -> usize {
    let token = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        from + rest.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(rest.len())
    };
    let at = token(from);
    if text.get(at) == Some(&skipped) { token(at + 1) } else { at }
}

/// Where the value ends that begins here.
fn value_end(text: &[u8], start: usize) -> usize {
    let (mut depth, mut at) = (0usize, start);
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => {
                at = string_end(text, at);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b',' if depth == 0 => return at,
            byte if depth == 0 && byte.is_ascii_whitespace() => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

fn string_end(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(step) = memchr::memchr2(b'"', b'\\', text.get(at..).unwrap_or_default()) {
        at += step;
        if text[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn only_what_is_exchanged_changes() {
        let line = br#" {"a" : 1.50e1, "b":"x\"}", "c":[1,{"d":"]"}] ,"e":null} "#;
        let got = with(line, &[("b", b"2".to_vec()), ("z", b"[]".to_vec())]);
        assert_eq!(std::str::from_utf8(&got).unwrap(), r#" {"a" : 1.50e1, "b":2, "c":[1,{"d":"]"}] ,"e":null,"z":[]} "#);
        assert_eq!(with(b"{}", &[("a", b"1".to_vec())]), b"{\"a\":1}");
        let list = members(line);
        assert_eq!(elements(list[2].1), [&b"1"[..], br#"{"d":"]"}"#]);
        assert_eq!(members(br#"{"bo\u0064y":1}"#)[0].0, "body");
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), "[\\[\\]{},:\"\\\\a é\n]{0,8}".prop_map(Value::from)];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-d\"\\\\]{1,3}", inner, 0..4).prop_map(Value::from_iter),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_parts_are_those_that_serde_finds(parts in proptest::collection::btree_map("[a-d\"\\\\]{1,3}", value(), 0..5), pretty in any::<bool>()) {
            let whole = Value::from_iter(parts);
            let text = if pretty { serde_json::to_vec_pretty(&whole).unwrap() } else { serde_json::to_vec(&whole).unwrap() };
            for (key, raw) in members(&text) {
                prop_assert_eq!(&serde_json::from_slice::<Value>(raw).unwrap(), &whole[key.as_ref()]);
            }
            prop_assert_eq!(members(&text).len(), whole.as_object().unwrap().len());
            let mut expected = whole.clone();
            expected["a"] = json!([1]);
            let changed = with(&text, &[("a", b"[1]".to_vec())]);
            prop_assert_eq!(serde_json::from_slice::<Value>(&changed).unwrap(), expected);
            let list = Value::from(whole.as_object().unwrap().values().cloned().collect::<Vec<_>>());
            let text = serde_json::to_vec_pretty(&list).unwrap();
            let again: Value = serde_json::from_slice(&array(&elements(&text))).unwrap();
            prop_assert_eq!(again, list);
        }
    }
}
