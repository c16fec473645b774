//! Which shipment is meant: by its own id, or by a name that events know it by.

use crate::cloud::Cloud;
use crate::error::Error;
use crate::operator::Operator;
use aws_sdk_dynamodb::types::AttributeValue;
use flotilla_shipment::identifier::{Identifier, Scheme};
use flotilla_shipment::ports::{Index, Parking};
use flotilla_task::{ShipmentId, StoreError};
use std::collections::BTreeMap;

/// The shipment's id. What names nobody is taken for a shipment's own id: its only task
/// may have failed before anything of it was remembered.
///
/// # Errors
/// [`Error::Usage`] when the name is several shipments', or waits for its order;
/// [`Error::Environment`] when the table does not answer.
pub(super) async fn shipment(operator: &Operator, id: &str) -> Result<String, Error> {
    ShipmentId::new(id).map_err(|error| Error::usage(error.to_string()))?;
    if is_shipment(&operator.cloud, id).await? {
        return Ok(id.to_owned());
    }
    let records = operator.records()?;
    let mut owners: BTreeMap<String, Vec<Identifier>> = BTreeMap::new();
    let mut waiting = Vec::new();
    for name in names(id).map_err(Error::usage)? {
        let tried = format!("looking up {name}");
        let failed = |error: StoreError| Error::environment(&tried, error, "Try again.");
        if let Some(owner) = records.owner(&name).await.map_err(failed)? {
            owners.entry(owner.to_string()).or_default().push(name);
        } else if let count @ 1.. = records.parked(&name).await.map_err(failed)?.len() {
            waiting.push(format!("{count} of {name}"));
        }
    }
    choose(id, owners, &waiting).map_err(Error::usage)
}

/// What was tried in vain.
#[must_use]
pub(super) fn unknown(id: &str, all: bool) -> String {
    let tried: Vec<_> = names(id).unwrap_or_default().iter().map(ToString::to_string).collect();
    let names = match tried.as_slice() {
        [] => "it is no name that events use".to_owned(),
        tried => format!("no order has named {}", tried.join(" or ")),
    };
    let rest = if all {
        "no task in the table is about it".to_owned()
    } else {
        "no failed or held task and no log line of the last day is about it. `flotilla shipment \
         --all` looks through the whole table"
            .to_owned()
    };
    format!("there is no shipment {id}: nothing is remembered of it, {names}, and {rest}")
}

/// Whether anything is remembered of a shipment of that id.
async fn is_shipment(cloud: &Cloud, id: &str) -> Result<bool, Error> {
    let table = cloud.stack.table()?;
    let answer = cloud
        .dynamo
        .query()
        .table_name(table)
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", AttributeValue::S(format!("SHIPMENT#{id}")))
        .projection_expression("pk")
        .limit(1)
        .send()
        .await
        .map_err(|error| Error::aws(&format!("reading shipment {id} from {table}"), &error))?;
    Ok(!answer.items().is_empty())
}

/// The names that the text may be: one where it says its scheme, else of every scheme
/// whose form it has.
fn names(id: &str) -> Result<Vec<Identifier>, String> {
    let scheme = id.split_once(':').and_then(|(scheme, _)| scheme.parse::<Scheme>().ok());
    if scheme.is_some() {
        return id.parse().map(|name| vec![name]).map_err(|error| format!("{id}: {error}"));
    }
    let mut names: Vec<_> =
        Scheme::ALL.into_iter().filter_map(|scheme| Identifier::new(scheme, id).ok()).collect();
    names.dedup();
    Ok(names)
}

fn choose(
    id: &str,
    owners: BTreeMap<String, Vec<Identifier>>,
    waiting: &[String],
) -> Result<String, String> {
    let mut all = owners.iter();
    match (all.next(), all.next()) {
        (Some((owner, _)), None) => Ok(owner.clone()),
        (None, _) if waiting.is_empty() => Ok(id.to_owned()),
        (None, _) => Err(format!(
            "nobody has said yet whose {id} is, and events wait for that: {}. `flotilla parked` \
             lists what waits",
            waiting.join(", ")
        )),
        (Some(_), Some(_)) => {
            let each = owners.iter().flat_map(|(owner, names)| {
                names.iter().map(move |name| format!("  {name} is {owner}"))
            });
            let each: Vec<_> = each.collect();
            Err(format!("{id} names {} shipments; say which:\n{}", owners.len(), each.join("\n")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(id: &str) -> Vec<String> {
        names(id).unwrap().iter().map(ToString::to_string).collect()
    }

    fn name(text: &str) -> Identifier {
        text.parse().unwrap()
    }

    #[test]
    fn a_value_alone_is_every_name_whose_form_it_has() {
        assert_eq!(told("booking:BKR-1"), ["booking:BKR-1"]);
        assert_eq!(told("BKR-1"), ["ginc:BKR-1", "booking:BKR-1", "waybill:BKR-1"]);
        assert!(told("CSQU3054383").contains(&"container:CSQU3054383".to_owned()));
        assert_eq!(told("nine|lives"), [""; 0]);
        let error = names("sscc:12").unwrap_err();
        assert!(error.starts_with("sscc:12: expected an SSCC"), "{error}");
    }

    #[test]
    fn one_owner_is_the_shipment_and_several_are_listed() {
        let one = BTreeMap::from([("S1".to_owned(), vec![name("booking:B"), name("waybill:B")])]);
        assert_eq!(choose("B", one.clone(), &[]), Ok("S1".to_owned()));
        let mut two = one;
        two.insert("S2".to_owned(), vec![name("container:CSQU3054383")]);
        assert_eq!(
            choose("B", two, &[]).unwrap_err(),
            "B names 2 shipments; say which:\n  booking:B is S1\n  waybill:B is S1\n  \
             container:CSQU3054383 is S2"
        );
        assert_eq!(choose("S9", BTreeMap::new(), &[]), Ok("S9".to_owned()));
        let waits = choose("B", BTreeMap::new(), &["2 of booking:B".to_owned()]).unwrap_err();
        assert!(waits.contains("events wait for that: 2 of booking:B"), "{waits}");
    }

    #[test]
    fn what_is_unknown_says_what_was_tried() {
        let text = unknown("BKR-1", false);
        assert!(
            text.contains("no order has named ginc:BKR-1 or booking:BKR-1 or waybill:BKR-1"),
            "{text}"
        );
        assert!(text.contains("--all"), "{text}");
        assert!(unknown("nine|lives", true).contains("it is no name that events use, and no task"));
    }
}
