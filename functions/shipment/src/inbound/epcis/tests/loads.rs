//! Which loads an event names, and what was packed in what.

use super::super::super::{Contents, Packing};
use super::{
    CONTAINER, DOCK, ITEM, PALLET, PARCEL, aggregation, error, loads, nobody, packing, with,
};
use serde_json::{Value, json};

#[test]
fn loads_stand_in_all_lists_and_on_bills_of_lading() {
    let transformation = with(&[
        ("type", json!("TransformationEvent")),
        ("action", Value::Null),
        ("inputEPCList", json!([PARCEL])),
        ("outputEPCList", json!(["urn:epc:id:gsin:0614141.123456789"])),
    ]);
    assert_eq!(loads(&transformation), ["sscc:003456789012345670", "gsin:06141411234567890"]);
    let transaction = with(&[
        ("type", json!("TransactionEvent")),
        ("parentID", json!(CONTAINER)),
        (
            "bizTransactionList",
            json!([
                {"type": "bol", "bizTransaction": "urn:epcglobal:cbv:bt:0614141073467:TT-4711"},
                {"type": "cbv:BTT-bol", "bizTransaction": "https://id.gs1.org/401/0614141xyz"},
                {"type": "po", "bizTransaction": "https://buyer.example.com/orders/77"},
                {"type": "bol", "bizTransaction": "https://carrier.example.com/bills?of=lading"},
                {"bizTransaction": "urn:epc:id:gdti:0614141.00001.7"},
            ]),
        ),
    ]);
    assert_eq!(
        loads(&transaction),
        ["container:CSQU3054383", "sscc:106141412345678908", "waybill:TT-4711", "ginc:0614141xyz"]
    );
}

#[test]
fn what_names_no_load_concerns_nobody_and_is_no_error() {
    let none = "names no load that an order could name";
    assert_eq!(nobody(&with(&[("epcList", json!([ITEM, "https://example.com/x/7"]))])), none);
    assert_eq!(nobody(&with(&[("epcList", Value::Null), ("quantityList", json!([{}]))])), none);
    let extension = with(&[("type", json!("example:Weighing")), ("action", Value::Null)]);
    assert_eq!(nobody(&extension), "is of a type that the standard does not know");
}

#[test]
fn packing_is_learned_from_aggregation_and_association() {
    let parent = || CONTAINER.rsplit(':').next().map(|n| format!("container:{n}")).unwrap();
    let all = |packing: Option<Packing>| {
        let packing = packing.unwrap();
        assert_eq!(packing.parent.to_string(), parent());
        match packing.contents {
            Contents::All => (vec!["all".to_owned()], packing.inside),
            Contents::These(these) => {
                (these.iter().map(ToString::to_string).collect(), packing.inside)
            }
        }
    };
    let both = ["sscc:106141412345678908".to_owned(), "sscc:003456789012345670".to_owned()];
    for (action, inside) in [("ADD", true), ("OBSERVE", true), ("DELETE", false)] {
        for kind in ["AggregationEvent", "AssociationEvent"] {
            let mut event = aggregation(action, &[PALLET, ITEM, PARCEL, PARCEL]);
            event["type"] = json!(kind);
            assert_eq!(all(packing(&event)), (both.to_vec(), inside));
            assert_eq!(loads(&event).len(), 3, "the parent is one of the loads");
        }
    }
    let mut emptied = aggregation("DELETE", &[]);
    assert_eq!(all(packing(&emptied)), (vec!["all".to_owned()], false));
    emptied.as_object_mut().unwrap().remove("childEPCs");
    assert_eq!(all(packing(&emptied)), (vec!["all".to_owned()], false));
    emptied["childQuantityList"] = json!([{"epcClass": "urn:epc:class:lgtin:4012345.012345.L1"}]);
    assert_eq!(packing(&emptied), None, "some of its contents went out, no load");
    assert_eq!(packing(&aggregation("DELETE", &[ITEM])), None);
    assert_eq!(packing(&aggregation("ADD", &[])), None);
    let mut seen = aggregation("OBSERVE", &[PALLET]);
    seen.as_object_mut().unwrap().remove("parentID");
    assert_eq!((packing(&seen), loads(&seen).len()), (None, 1), "seen together, not said in what");
    let mut fixed = aggregation("ADD", &[PALLET]);
    fixed["parentID"] = json!(DOCK);
    assert_eq!((packing(&fixed), loads(&fixed).len()), (None, 1), "a place is no load");
}

#[test]
fn an_aggregation_that_contains_itself_is_named() {
    let itself = "childEPCs[2]: expected what is in the parent, got the parent itself";
    assert_eq!(error(&aggregation("ADD", &[PALLET, ITEM, CONTAINER])), itself);
    // In another form, too, and where the parent is no load.
    let mut event = aggregation("ADD", &[PALLET, ITEM, "https://id.gs1.org/00/003456789012345670"]);
    event["parentID"] = json!("urn:epc:id:sscc:03456789.0012345670");
    assert!(error(&event).starts_with("parentID: expected urn:epc:id:sscc"));
    event["parentID"] = json!("urn:epc:id:sscc:0345678.0901234567");
    assert_eq!(error(&event), itself);
    let mut event = aggregation("DELETE", &[PALLET, PARCEL, ITEM]);
    event["parentID"] = json!(ITEM);
    assert_eq!(error(&event), itself);
}

#[test]
fn more_loads_than_can_be_looked_up_are_refused_with_their_number() {
    let many = |count: u32| -> Vec<String> {
        (0..count).map(|serial| format!("urn:epc:id:giai:0614141.{serial}")).collect()
    };
    assert_eq!(loads(&with(&[("epcList", json!(many(200)))])).len(), 200);
    let problem = error(&with(&[("epcList", json!(many(201)))]));
    assert_eq!(problem, "data: expected at most 200 loads, got 201");
}
