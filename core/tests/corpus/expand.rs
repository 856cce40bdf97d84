//! Expands the forms of longer values and of values that only a host language has.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

/// Returns the key and value of a form: an object with a single key, which begins with `$`. Returns `None` for
/// any other value.
fn form(value: &Value) -> Option<(&str, &Value)> {
    let map = value.as_object()?;
    let (key, inside) = map.iter().next()?;
    (map.len() == 1 && key.starts_with('$')).then_some((key, inside))
}

/// Expands every form that plain JSON can express.
pub(crate) fn expand(value: &Value) -> Value {
    let Some((name, inside)) = form(value) else {
        return match value {
            Value::Array(items) => items.iter().map(expand).collect(),
            Value::Object(map) => {
                map.iter().map(|(key, value)| (key.clone(), expand(value))).collect()
            }
            plain => plain.clone(),
        };
    };
    let count = |index: usize| inside[index].as_u64().unwrap() as usize;
    match name {
        "$repeat" => inside[0].as_str().unwrap().repeat(count(1)).into(),
        "$list" => vec![expand(&inside[1]); count(0)].into(),
        "$map" => {
            let prefix = inside[1].as_str().unwrap();
            let value = expand(&inside[2]);
            let members = (0..count(0)).map(|index| (format!("{prefix}{index}"), value.clone()));
            Value::Object(members.collect::<Map<_, _>>())
        }
        "$nest" => (0..count(0)).fold(expand(&inside[1]), |leaf, _| vec![leaf].into()),
        "$nest_objects" => (0..count(0)).fold(expand(&inside[1]), |leaf, _| {
            Value::Object(Map::from_iter([("k".to_owned(), leaf)]))
        }),
        // `Host` serialises the other forms.
        _ => value.clone(),
    }
}

/// An expanded value with the forms that only a host can represent.
pub(crate) struct Host<'v>(pub(crate) &'v Value);

impl Serialize for Host<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match form(self.0) {
            Some(("$value", inside)) => match inside.as_str().unwrap() {
                "nan" => serializer.serialize_f64(f64::NAN),
                "infinity" => serializer.serialize_f64(f64::INFINITY),
                "-infinity" => serializer.serialize_f64(f64::NEG_INFINITY),
                other => panic!("this runner cannot represent {other}"),
            },
            Some(("$integer", digits)) => {
                let integer: i128 = digits.as_str().unwrap().parse().unwrap();
                serializer.serialize_i128(integer)
            }
            Some(("$entries", entries)) => {
                let entries = entries.as_array().unwrap();
                let mut map = serializer.serialize_map(None)?;
                for entry in entries {
                    map.serialize_entry(&Host(&entry[0]), &Host(&entry[1]))?;
                }
                map.end()
            }
            _ => match self.0 {
                Value::Array(items) => serializer.collect_seq(items.iter().map(Host)),
                Value::Object(map) => {
                    serializer.collect_map(map.iter().map(|(key, value)| (key, Host(value))))
                }
                plain => plain.serialize(serializer),
            },
        }
    }
}

/// Returns the JSON text of a case: from `hex`, from `text` (a text or a list of parts), or written from `input`.
pub(crate) fn text_of(case: &Value) -> Vec<u8> {
    if let Some(hex) = case["hex"].as_str() {
        return (0..hex.len() / 2)
            .map(|index| u8::from_str_radix(&hex[2 * index..2 * index + 2], 16).unwrap())
            .collect();
    }
    match &case["text"] {
        Value::Null => serde_json::to_vec(&expand(&case["input"])).unwrap(),
        Value::String(text) => text.clone().into_bytes(),
        Value::Array(parts) => parts
            .iter()
            .map(|part| expand(part).as_str().unwrap().to_owned())
            .collect::<String>()
            .into(),
        other => panic!("no text: {other}"),
    }
}
