//! Which loads an event names, and what was packed in what.

use super::super::{Contents, Packing};
use super::vocabulary::transaction_type;
use super::{Action, MAX_LIST, Type, uri};
use crate::Invalid;
use crate::fields::Field;
use crate::identifier::{Identifier, Scheme};

/// The most loads of one event. Each is looked up, and one event may become a
/// task for each.
const MAX_LOADS: usize = 200;

/// What an event names.
#[derive(Debug, Default)]
pub(super) struct Named {
    pub(super) loads: Vec<Identifier>,
    pub(super) packing: Option<Packing>,
}

/// Items, places and quantities are no loads and are passed over; a wrong check
/// digit among them is an error all the same, for it shows a misread code.
pub(super) fn of(event: &Field<'_>, kind: Type, action: Option<Action>) -> Result<Named, Invalid> {
    let mut named = Named::default();
    match kind {
        Type::Object => named.loads = list(event, "epcList")?,
        Type::Transaction => {
            event.required("bizTransactionList")?;
            named.loads.extend(parent(event)?.and_then(|(_, load)| load));
            named.loads.extend(list(event, "epcList")?);
        }
        Type::Transformation => {
            named.loads = list(event, "inputEPCList")?;
            named.loads.extend(list(event, "outputEPCList")?);
        }
        Type::Aggregation | Type::Association => {
            // Only an observation may leave open what the contents were seen in.
            if kind == Type::Association || action != Some(Action::Observe) {
                event.required("parentID")?;
            }
            let parent = parent(event)?;
            let children = children(event, parent.as_ref())?;
            let parent = parent.and_then(|(_, load)| load);
            named.loads.extend(parent.clone());
            named.loads.extend(children.clone());
            named.packing = match (parent, action) {
                (Some(parent), Some(action)) => packing(event, parent, children, action)?,
                (None, _) | (_, None) => None,
            };
        }
    }
    named.loads.extend(bills_of_lading(event)?);
    unique(&mut named.loads);
    if named.loads.len() > MAX_LOADS {
        let count = named.loads.len();
        return Err(event.invalid(format!("expected at most {MAX_LOADS} loads, got {count}")));
    }
    Ok(named)
}

fn packing(
    event: &Field<'_>,
    parent: Identifier,
    children: Vec<Identifier>,
    action: Action,
) -> Result<Option<Packing>, Invalid> {
    let is_given = |name: &str| match event.optional(name)? {
        Some(field) => Ok(!field.list(MAX_LIST)?.is_empty()),
        None => Ok(false),
    };
    let names_none = !is_given("childEPCs")? && !is_given("childQuantityList")?;
    let contents = match action {
        Action::Delete if names_none => Contents::All,
        // Only items went in or out: nothing that a load is found by.
        Action::Add | Action::Observe | Action::Delete if children.is_empty() => return Ok(None),
        Action::Add | Action::Observe | Action::Delete => Contents::These(children),
    };
    let inside = match action {
        Action::Add | Action::Observe => true,
        Action::Delete => false,
    };
    Ok(Some(Packing { parent, contents, inside }))
}

/// The text of the parent's name, and the load that it is.
fn parent<'a>(event: &Field<'a>) -> Result<Option<(&'a str, Option<Identifier>)>, Invalid> {
    let Some(field) = event.optional("parentID")? else { return Ok(None) };
    let field = uri(&field)?;
    Ok(Some((field.text()?, load(&field)?)))
}

fn children(
    event: &Field<'_>,
    parent: Option<&(&str, Option<Identifier>)>,
) -> Result<Vec<Identifier>, Invalid> {
    let Some(list) = event.optional("childEPCs")? else { return Ok(Vec::new()) };
    let mut children = Vec::new();
    for field in list.list(MAX_LIST)? {
        let field = uri(&field)?;
        let child = load(&field)?;
        let is_parent = parent.is_some_and(|(text, load)| {
            field.text().is_ok_and(|child| child == *text) || (load.is_some() && *load == child)
        });
        if is_parent {
            return Err(field.invalid("expected what is in the parent, got the parent itself"));
        }
        children.extend(child);
    }
    unique(&mut children);
    Ok(children)
}

fn list(event: &Field<'_>, name: &str) -> Result<Vec<Identifier>, Invalid> {
    let Some(list) = event.optional(name)? else { return Ok(Vec::new()) };
    let mut loads = Vec::new();
    for field in list.list(MAX_LIST)? {
        loads.extend(load(&uri(&field)?)?);
    }
    Ok(loads)
}

fn load(field: &Field<'_>) -> Result<Option<Identifier>, Invalid> {
    Identifier::from_uri(field.text()?).map_err(|error| field.invalid(error.to_string()))
}

/// A carrier's bill of lading has the number that orders list as waybill. In a
/// URI such as `urn:epcglobal:cbv:bt:0614141073467:4711` it stands last.
fn bills_of_lading(event: &Field<'_>) -> Result<Vec<Identifier>, Invalid> {
    let Some(list) = event.optional("bizTransactionList")? else { return Ok(Vec::new()) };
    let mut bills = Vec::new();
    for entry in list.list(MAX_LIST)? {
        let Some(kind) = entry.optional("type")? else { continue };
        if transaction_type(kind.text()?) != Some("bol") {
            continue;
        }
        let field = entry.required("bizTransaction")?;
        let number = field.text()?.rsplit([':', '/']).next().unwrap_or_default();
        match load(&field)? {
            Some(load) => bills.push(load),
            None => bills.extend(Identifier::new(Scheme::Waybill, number).ok()),
        }
    }
    Ok(bills)
}

/// Keeps the order in which they were named.
fn unique(loads: &mut Vec<Identifier>) {
    let mut seen = std::collections::BTreeSet::new();
    loads.retain(|load| seen.insert(load.clone()));
}
