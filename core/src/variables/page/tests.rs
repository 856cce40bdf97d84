//! Compares the pages that the scanner and serde read.

use proptest::prelude::*;

use super::{read, render, scan, wire};

/// Adds an unknown field, so that serde reads the page and not the scanner.
fn with_unknown_field(page: &str) -> String {
    page.replacen('{', "{\"unknown\":1,", 1)
}

#[test]
fn scanner_reads_valid_pages_as_serde_does() {
    let values = [
        "\"plain\"",
        "\"\"",
        "\"schön 😀\"",
        "\"a\\\"b\\\\c\\/d\\n\\t\\r\\b\\f\"",
        "\"\\u00fc \\ud83d\\ude00\"",
        "\"{\\\"id\\\":1}\"",
        "0",
        "-0",
        "-12.5e3",
        "123456789012345678901234567890",
        "true",
        "false",
        "null",
        "{\"a\":[1,{\"b\":\"]}\\\"\"}],\"c\":{}}",
        "[]",
    ];
    for value in values {
        for page in [
            format!(r#"{{"variables":[{{"name":"a","value":{value},"scope":"user"}}]}}"#),
            format!(
                " {{ \"variables\" : [ {{ \"type\" : \"json\" , \"scope\":\"s\\u0061\",\n\"value\":\t{value} , \"name\":\"n\\n\" }} , {{\"name\":\"b\",\"value\":1,\"scope\":\"\",\"type\":null}} ] , \"pagination\" : {{ \"nextCursor\" : \"c}}\", \"x\": 1 }} }} "
            ),
            format!(
                r#"{{"variables":[{{"name":"a","value":{value},"scope":"user"}}],"pagination":null}}"#
            ),
        ] {
            let scanned = scan::read_page(page.as_bytes()).expect("the scanner reads this page");
            let page = with_unknown_field(&page);
            assert!(scan::read_page(page.as_bytes()).is_none());
            let by_serde = read(page.as_bytes()).expect("serde reads this page");
            assert_eq!(render(&scanned), render(&by_serde), "{page}");
        }
    }
}

#[test]
fn scanner_and_serde_reject_invalid_pages() {
    let entry = r#"{"name":"a","value":1,"scope":"b"}"#;
    let page = format!(r#"{{"variables":[{entry}]}}"#);
    assert!(scan::read_page(page.as_bytes()).is_some());
    for end in 0..page.len() {
        assert!(scan::read_page(&page.as_bytes()[..end]).is_none(), "{end}");
    }
    for wrong in [
        r#"{"name":"a","value":01,"scope":"b"}"#,
        r#"{"name":"a","value":1.,"scope":"b"}"#,
        r#"{"name":"a","value":-,"scope":"b"}"#,
        r#"{"name":"a","value":,"scope":"b"}"#,
        r#"{"name":"a","value":1e400,"scope":"b"}"#,
        r#"{"name":"a","value":truer,"scope":"b"}"#,
        r#"{"name":"a","value":[1,],"scope":"b"}"#,
        r#"{"name":"a","value":[1}],"scope":"b"}"#,
        r#"{"name":"a","value":{"k":1,"k":2},"scope":"b"}"#,
        r#"{"name":"a","value":"\ud800","scope":"b"}"#,
        r#"{"name":"a","value":"\x","scope":"b"}"#,
        "{\"name\":\"a\",\"value\":\"\n\",\"scope\":\"b\"}",
        r#"{"name":"a","name":"a","value":1,"scope":"b"}"#,
        r#"{"name":"a","value":1,"scope":"b",}"#,
        r#"{"name":"a","value":1}"#,
        r#"{"name":"a","scope":"b"}"#,
        r#"{"value":1,"scope":"b"}"#,
        r#"{"name":1,"value":1,"scope":"b"}"#,
        r#"{"name":"a","value":1,"scope":"b","type":1}"#,
        r#"["a",1,"b"]"#,
        "",
    ] {
        let page = format!(r#"{{"variables":[{wrong}]}}"#);
        assert!(wrong.is_empty() || read(page.as_bytes()).is_none(), "{page}");
        assert!(wrong.is_empty() || scan::read_page(page.as_bytes()).is_none(), "{page}");
    }
    for wrong in [
        r#"{"variables":[]} x"#,
        r#"{"variables":[],}"#,
        r#"{"variables":[],"pagination":[]}"#,
        r#"{"variables":[],"pagination":{}"#,
        r#"{"variables":null}"#,
    ] {
        assert!(scan::read_page(wrong.as_bytes()).is_none(), "{wrong}");
        assert!(read(wrong.as_bytes()).is_none(), "{wrong}");
    }
}

/// Generates the text of a value, valid or not.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "\"([ -~ü😀]|\\\\[\"\\\\/bfnrtu]|\\\\u00[0-9a-f]{2}|\\\\ud83d\\\\ude00|\\\\ud800){0,6}\"",
        "-?[0-9]{0,20}([.][0-9]{0,4})?([eE][+-]?[0-9]{0,4})?",
        "(true|false|null|nul|\\{\\}|\\[\\]|\\[1,\\{\"a\":\"\\]\"\\}\\]|\\{\"a\":1,\"a\":2\\}|\\[1,\\])",
    ]
}

/// Generates an entry with the fields in any order, some of them missing or repeated.
fn entry() -> impl Strategy<Value = String> {
    let field = prop_oneof![
        4 => value().prop_map(|value| format!("\"value\":{value}")),
        4 => Just("\"name\":\"n\\n\"".to_owned()),
        4 => Just("\"scope\" : \"user\"".to_owned()),
        2 => value().prop_map(|value| format!("\"type\":{value}")),
        1 => Just("\"other\":[{}]".to_owned()),
    ];
    let usual =
        value().prop_map(|value| format!("{{\"name\":\"a\",\"value\":{value},\"scope\":\"bot\"}}"));
    let odd = proptest::collection::vec(field, 0..5);
    prop_oneof![2 => usual, 1 => odd.prop_map(|fields| format!("{{ {} }}", fields.join(" ,")))]
}

proptest! {
    #![proptest_config(crate::seed::cases(256))]

    #[test]
    fn serde_reads_each_generated_page_that_the_scanner_reads_with_the_same_result(
        entries in proptest::collection::vec(entry(), 0..4),
        pagination in proptest::option::of(value()),
        edit_position in proptest::option::of(any::<proptest::sample::Index>()),
        inserted in "[ \n,:\"{}\\[\\]x\\\\]{0,1}",
    ) {
        let pagination =
            pagination.map(|cursor| format!(",\"pagination\":{{\"nextCursor\":{cursor}}}"));
        let entries = entries.join(",");
        let mut page = format!("{{\"variables\":[{entries}]{}}}", pagination.unwrap_or_default());
        // Some pages get an additional character, and some lose their end.
        if let Some(position) = edit_position {
            let at = position.index(page.len());
            if page.is_char_boundary(at) {
                if inserted.is_empty() { page.truncate(at) } else { page.insert_str(at, &inserted) }
            }
        }
        if let Some(scanned) = scan::read_page(page.as_bytes()) {
            let by_serde = wire::read_page(page.as_bytes());
            prop_assert_eq!(by_serde.as_ref().map(render), Some(render(&scanned)), "{}", page);
        }
    }
}
