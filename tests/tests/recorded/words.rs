//! The words that stand in records and messages for one of a few things.

use flotilla_shipment::event::{Milestone, ServiceLevel};
use flotilla_shipment::identifier::Scheme;
use flotilla_shipment::pull::Code;
use flotilla_task::{ReasonCode, Stage, StatusKind};
use flotilla_tests::recorded::fixtures::folder;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Every word that this release writes, by what it stands for.
pub(crate) fn written() -> BTreeMap<&'static str, Vec<&'static str>> {
    BTreeMap::from([
        ("status", StatusKind::ALL.map(StatusKind::as_str).to_vec()),
        ("stage", Stage::ALL.map(Stage::as_str).to_vec()),
        ("reason", reasons().map(ReasonCode::as_str).to_vec()),
        ("milestone", Milestone::ALL.iter().map(|word| word.as_str()).collect()),
        ("level", ServiceLevel::ALL.iter().map(|word| word.as_str()).collect()),
        ("problem", Code::ALL.iter().map(|word| word.as_str()).collect()),
        ("scheme", Scheme::ALL.map(Scheme::as_str).to_vec()),
    ])
}

/// The recorded words of a version.
pub(crate) fn recorded(version: u32) -> BTreeMap<String, Vec<String>> {
    let text = std::fs::read_to_string(folder(version).join("words.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Whether a word is read as what is written so.
pub(crate) fn is_read(of: &str, word: &str) -> bool {
    let json: Value = json!(word);
    match of {
        "status" => serde_json::from_value::<StatusKind>(json).is_ok_and(|it| it.as_str() == word),
        "stage" => Stage::from_name(word).is_some_and(|it| it.as_str() == word),
        "reason" => serde_json::from_value::<ReasonCode>(json).is_ok_and(|it| it.as_str() == word),
        "milestone" => {
            serde_json::from_value::<Milestone>(json).is_ok_and(|it| it.as_str() == word)
        }
        "level" => serde_json::from_value::<ServiceLevel>(json).is_ok_and(|it| it.as_str() == word),
        "problem" => serde_json::from_value::<Code>(json).is_ok_and(|it| it.as_str() == word),
        "scheme" => word.parse::<Scheme>().is_ok_and(|it| it.as_str() == word),
        _ => panic!("say what the words of {of} are"),
    }
}

fn reasons() -> [ReasonCode; 17] {
    use ReasonCode::{
        Ambiguous, Expired, Failed, Horizon, InvalidField, Loop, NewerVersion, NoRecord,
        NotCloudevent, NotJson, Operator, Panic, Policy, RetriesExhausted, TooLarge, UnknownType,
        Unrecovered,
    };
    let all = [
        NotJson,
        NotCloudevent,
        UnknownType,
        NewerVersion,
        InvalidField,
        TooLarge,
        Horizon,
        Expired,
        Loop,
        NoRecord,
        Failed,
        RetriesExhausted,
        Panic,
        Unrecovered,
        Ambiguous,
        Operator,
        Policy,
    ];
    match all[0] {
        // A new one belongs on the list.
        NotJson | NotCloudevent | UnknownType | NewerVersion | InvalidField | TooLarge
        | Horizon | Expired | Loop | NoRecord | Failed | RetriesExhausted | Panic | Unrecovered
        | Ambiguous | Operator | Policy => all,
    }
}
