//! Containers: several shipments travel in one, and for a while only the
//! container is seen.
//!
//! Each container is packed in one event and unpacked in one, and every event of
//! a full one lies between the two. So whatever order they arrive in, each
//! concerns the same shipments.

use super::codes::CALLS;
use super::dcsa::Goods;
use super::epcis::{Of, set, temperature};
use super::happening::Happening;
use super::order::Order;
use super::pen::Pen;
use crate::books::Fate;
use crate::error::Error;
use std::collections::BTreeMap;

/// The most events of one container.
pub(crate) const MOST_EVENTS: u32 = 14;

/// When a shipment was in a container, as shares of the day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stay {
    pub(crate) from: f64,
    pub(crate) to: f64,
}

/// Some orders that travel together.
#[derive(Debug, Clone)]
pub(crate) struct Trip {
    /// Their places in the list of orders.
    pub(crate) orders: Vec<usize>,
    pub(crate) stay: Stay,
}

/// Finds orders that can travel together: of one shop, ordered early enough, from
/// overseas or not. Those that fill a container of their own are left out.
pub(crate) fn trips(pen: &mut Pen<'_>, orders: &[Order], most: usize) -> Vec<Trip> {
    let mut together: BTreeMap<(&str, bool), Vec<usize>> = BTreeMap::new();
    for (at, order) in orders.iter().enumerate() {
        if order.ordered < 0.35 && order.container.is_none() {
            together.entry((order.tenant(), order.overseas)).or_default().push(at);
        }
    }
    let mut trips = Vec::new();
    // By turns from each group, so that none is left out.
    while trips.len() < most && !together.is_empty() {
        for group in together.values_mut() {
            let size = pen.dice.usize(2..=6).min(group.len());
            let loaded = group.split_off(group.len() - size);
            if trips.len() < most && loaded.len() > 1 {
                let ordered = loaded.iter().filter_map(|at| orders.get(*at));
                let last = ordered.map(|order| order.ordered).fold(0.0, f64::max);
                let from = last + pen.between(0.05, 0.1);
                let stay = Stay { from, to: pen.between(0.82, 0.9) };
                trips.push(Trip { orders: loaded, stay });
            }
        }
        together.retain(|_, group| group.len() > 1);
    }
    trips
}

/// Everything that happens to a container and what is in it: at most
/// [`MOST_EVENTS`].
pub(crate) fn journey(
    pen: &mut Pen<'_>,
    orders: &[Order],
    trip: &Trip,
) -> Result<Vec<Happening>, Error> {
    let inside: Vec<&Order> = trip.orders.iter().filter_map(|at| orders.get(*at)).collect();
    let Some(first) = inside.first() else { return Ok(Vec::new()) };
    let number = pen.names.container();
    let shipments = inside.iter().map(|order| order.shipment.as_str());
    let mut way = Way {
        expected: Fate::tasks(shipments),
        tenant: first.tenant(),
        bic: format!("urn:epc:id:bic:{number}"),
        number,
        from: first.origin,
        // A ship calls at a port on its way to wherever each shipment goes.
        to: pen.pick(&CALLS),
        events: Vec::new(),
    };
    let Stay { from, to } = trip.stay;
    let pallets = way.load(pen, &inside, from)?;
    let step = (to - from) / 8.0;
    if first.overseas {
        way.overseas(pen, first, from, step)?;
        return Ok(way.events);
    }
    way.at_sea(pen, first, from, step)?;
    way.unload(pen, &pallets, to)?;
    Ok(way.events)
}

/// A pallet and the parcels on it; without a name they stand in the container
/// by themselves.
struct Pallet {
    name: Option<String>,
    parcels: Vec<String>,
}

struct Way {
    number: String,
    bic: String,
    from: &'static str,
    to: &'static str,
    tenant: &'static str,
    expected: Fate,
    events: Vec<Happening>,
}

impl Way {
    fn of(&self, what: &'static str, at: f64) -> Of {
        Of { what, tenant: self.tenant, at, expected: self.expected.clone() }
    }

    /// Parcels go on pallets, perhaps, and everything into the container.
    fn load(
        &mut self,
        pen: &mut Pen<'_>,
        inside: &[&Order],
        at: f64,
    ) -> Result<Vec<Pallet>, Error> {
        let parcels = |pen: &mut Pen<'_>, orders: &[&Order]| -> Vec<String> {
            let all = orders.iter().flat_map(|order| &order.parcels);
            all.map(|sscc| pen.parcel(sscc)).collect()
        };
        if pen.chance(50) {
            let parcels = parcels(pen, inside);
            let packed = pen.packed(self.of("packed", at), &self.bic, &parcels, true, self.from)?;
            self.events.push(packed);
            return Ok(vec![Pallet { name: None, parcels }]);
        }
        let mut pallets = Vec::new();
        for orders in inside.chunks(3) {
            let (name, parcels) = (pen.names.sscc(), parcels(pen, orders));
            let shipments = orders.iter().map(|order| order.shipment.as_str());
            let of = Of { expected: Fate::tasks(shipments), ..self.of("stacked", at - 0.02) };
            let parent = pen.parcel(&name);
            self.events.push(pen.packed(of, &parent, &parcels, true, self.from)?);
            pallets.push(Pallet { name: Some(name), parcels });
        }
        let names = pallets.iter().filter_map(|pallet| pallet.name.as_deref());
        let names: Vec<_> = names.map(|name| pen.parcel(name)).collect();
        let packed = pen.packed(self.of("packed", at), &self.bic, &names, true, self.from)?;
        self.events.push(packed);
        Ok(pallets)
    }

    /// To the terminal and on board.
    fn on_board(&mut self, pen: &mut Pen<'_>, from: f64, step: f64) -> Result<(), Error> {
        for (number, (what, code)) in [("gated in", "GTIN"), ("loaded", "LOAD")].iter().enumerate()
        {
            let at = from + step * if number == 0 { 1.0 } else { 1.6 };
            let event = pen.handled(self.of(what, at), code, &self.number, false, self.from)?;
            self.events.push(event);
        }
        let of = self.of("sailed", from + step * 2.2);
        let sailed = pen.moved(of, "DEPA", Goods::Container(&self.number), self.from)?;
        self.events.push(sailed);
        Ok(())
    }

    /// A few days or weeks before arrival, the estimate moves to and fro.
    fn estimates(
        &mut self,
        pen: &mut Pen<'_>,
        (from, to): (f64, f64),
        arrival: f64,
    ) -> Result<(), Error> {
        let count = pen.dice.u32(1..=3);
        let step = (to - from) / f64::from(count);
        for number in 0..count {
            let of = self.of("estimated", from + step * (f64::from(number) + 0.5));
            let arrival = (arrival + pen.between(-0.3, 1.5)).max(of.at + 0.05);
            let goods = Goods::Container(&self.number);
            let estimate = pen.estimated(of, goods, self.to, arrival)?;
            self.events.push(estimate);
        }
        Ok(())
    }

    /// The ship is under way for weeks; the day ends before it arrives.
    fn overseas(
        &mut self,
        pen: &mut Pen<'_>,
        first: &Order,
        from: f64,
        step: f64,
    ) -> Result<(), Error> {
        self.on_board(pen, from, step)?;
        self.estimates(pen, (from + step * 2.6, from + step * 7.0), first.promised - 4.0)
    }

    /// A short crossing, with a sensor on the container and an arrival.
    fn at_sea(
        &mut self,
        pen: &mut Pen<'_>,
        first: &Order,
        from: f64,
        step: f64,
    ) -> Result<(), Error> {
        self.on_board(pen, from, step)?;
        self.estimates(pen, (from + step * 2.6, from + step * 5.0), first.promised - 1.0)?;
        if pen.chance(40) {
            let at = from + step * 5.4;
            let of = self.of("measured", at);
            let goods = [self.bic.clone()];
            let mut seen = pen.seen(of, &goods, "sensor_reporting", self.from)?;
            let time = pen.utc(at)?;
            set(&mut seen.data, "sensorElementList", temperature(4.0, &time, false));
            self.events.push(seen);
        }
        let of = self.of("landed", from + step * 6.0);
        let landed = pen.moved(of, "ARRI", Goods::Container(&self.number), self.to)?;
        self.events.push(landed);
        let of = self.of("discharged", from + step * 6.6);
        let discharged = pen.handled(of, "DISC", &self.number, false, self.to)?;
        self.events.push(discharged);
        Ok(())
    }

    /// Everything is taken out, and the empty container goes back.
    fn unload(&mut self, pen: &mut Pen<'_>, pallets: &[Pallet], at: f64) -> Result<(), Error> {
        let mut children = Vec::new();
        for pallet in pallets {
            match &pallet.name {
                Some(name) => children.push(pen.parcel(name)),
                None => children.extend(pallet.parcels.iter().cloned()),
            }
        }
        let of = self.of("unpacked", at);
        let unpacked = pen.packed(of, &self.bic, &children, false, self.to)?;
        self.events.push(unpacked);
        let of = Of { expected: Fate::nobody(), ..self.of("empty returned", at + 0.03) };
        let empty = pen.handled(of, "GTIN", &self.number, true, self.to)?;
        self.events.push(empty);
        Ok(())
    }
}
