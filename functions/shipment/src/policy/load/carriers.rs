//! Carriers and hubs, as the file says.

use super::super::section::{Section, Setting};
use super::super::{Carrier, Hub, Line, PolicyError, Service};
use crate::places::Place;
use crate::quantity::Currency;
use std::collections::BTreeMap;

pub(super) fn carriers(
    root: &Section<'_>,
    own: Currency,
    rates: &BTreeMap<Currency, i64>,
) -> Result<Vec<Carrier>, PolicyError> {
    let mut carriers: Vec<Carrier> = Vec::new();
    for section in root.sections("carrier")? {
        section.only(&["id", "name", "currency", "service"])?;
        let id = section.required("id")?;
        let billed_in = |setting: Setting<'_>| billed_in(&setting, own, rates);
        let carrier = Carrier {
            id: id.name()?,
            name: section.required("name")?.text()?.to_owned(),
            currency: section.optional("currency").map_or(Ok(own), billed_in)?,
            services: services(&section)?,
        };
        if carriers.iter().any(|known| known.id == carrier.id) {
            return Err(id.error(&format!("contradicts an earlier carrier {}", carrier.id)));
        }
        carriers.push(carrier);
    }
    Ok(carriers)
}

/// A carrier's currency, which needs a rate: without one its price could be
/// compared with nothing.
fn billed_in(
    setting: &Setting<'_>,
    own: Currency,
    rates: &BTreeMap<Currency, i64>,
) -> Result<Currency, PolicyError> {
    let currency = super::currency(setting)?;
    if currency != own && !rates.contains_key(&currency) {
        return Err(setting.error(&format!("{currency} has no rate: expected rates.{currency}")));
    }
    Ok(currency)
}

fn services(carrier: &Section<'_>) -> Result<Vec<Service>, PolicyError> {
    let mut services: Vec<Service> = Vec::new();
    for section in carrier.sections("service")? {
        section.only(&["name", "base", "per_kg", "per_100km", "fixed_hours", "km_per_day"])?;
        let name = section.required("name")?;
        let service = Service {
            name: name.name()?,
            base_cents: section.required("base")?.cents()?,
            per_kg_cents: section.required("per_kg")?.cents()?,
            per_100km_cents: section.required("per_100km")?.cents()?,
            fixed_minutes: section.required("fixed_hours")?.hours()?,
            km_per_day: section.required("km_per_day")?.positive()?,
        };
        if services.iter().any(|known| known.name == service.name) {
            return Err(name.error(&format!("contradicts an earlier service {}", service.name)));
        }
        services.push(service);
    }
    Ok(services)
}

pub(super) fn hubs(root: &Section<'_>, carriers: &[Carrier]) -> Result<Vec<Hub>, PolicyError> {
    let mut hubs: Vec<Hub> = Vec::new();
    for section in root.any_sections("hub")? {
        section.only(&["place", "name", "handling_hours", "handling", "line"])?;
        let place = section.required("place")?;
        let hub = Hub {
            place: place
                .text()?
                .parse::<Place>()
                .map_err(|error| place.error(&error.to_string()))?,
            name: section.required("name")?.text()?.to_owned(),
            handling_minutes: section.required("handling_hours")?.hours()?,
            handling_cents: section.required("handling")?.cents()?,
            lines: lines(&section, carriers)?,
        };
        if hubs.iter().any(|known| known.place == hub.place) {
            return Err(place.error(&format!("contradicts an earlier hub {}", hub.place)));
        }
        hubs.push(hub);
    }
    Ok(hubs)
}

fn lines(hub: &Section<'_>, carriers: &[Carrier]) -> Result<Vec<Line>, PolicyError> {
    let mut lines: Vec<Line> = Vec::new();
    for section in hub.sections("line")? {
        section.only(&["carrier", "service", "km_per_day"])?;
        let (carrier, service) = (section.required("carrier")?, section.required("service")?);
        let line = Line {
            carrier: carrier.name()?,
            service: service.name()?,
            km_per_day: section.required("km_per_day")?.positive()?,
        };
        let known = carriers.iter().find(|known| known.id == line.carrier);
        let known = known
            .ok_or_else(|| carrier.error(&format!("no carrier has the id {}", line.carrier)))?;
        if !known.services.iter().any(|known| known.name == line.service) {
            let problem = format!("{} has no service {}", known.name, line.service);
            return Err(service.error(&problem));
        }
        if lines.iter().any(|l| l.carrier == line.carrier && l.service == line.service) {
            let problem = format!("contradicts an earlier line of {} {}", known.name, line.service);
            return Err(service.error(&problem));
        }
        lines.push(line);
    }
    Ok(lines)
}
