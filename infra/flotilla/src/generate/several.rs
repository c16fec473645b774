//! Events that do not concern just one shipment: several, or nobody.

use super::crowd::TENANTS;
use super::epcis::Of;
use super::happening::Happening;
use super::order::Order;
use super::pen::Pen;
use crate::books::Fate;
use crate::error::Error;
use serde_json::json;

/// A truck leaves or arrives with parcels of several shipments, at times with one
/// that nobody has ordered: the event waits for it, and the others do not.
pub(crate) fn truck(pen: &mut Pen<'_>, orders: &[Order]) -> Result<Option<Happening>, Error> {
    let Some(first) = pen.dice.choice(orders) else { return Ok(None) };
    let of_shop: Vec<&Order> = orders.iter().filter(|o| o.tenant() == first.tenant()).collect();
    let mut aboard: Vec<&Order> = vec![first];
    for _ in 0..pen.dice.usize(1..=4) {
        let next = pen.dice.choice(&of_shop).copied();
        aboard.extend(next.filter(|next| aboard.iter().all(|o| o.shipment != next.shipment)));
    }
    let last = aboard.iter().map(|order| order.ordered).fold(0.0, f64::max);
    let at = pen.between(last + 0.01, 0.95);
    let mut goods: Vec<String> = Vec::new();
    for order in &aboard {
        let parcels = order.parcels.iter().map(|sscc| pen.parcel(sscc));
        goods.extend(parcels);
    }
    let mut expected = Fate::tasks(aboard.iter().map(|order| order.shipment.as_str()));
    if pen.chance(20) {
        let stranger = pen.names.sscc();
        goods.push(pen.parcel(&stranger));
        expected = expected.and_waits(&format!("sscc:{stranger}"));
    }
    let (step, what) = pen.pick(&[("departing", "truck departed"), ("arriving", "truck arrived")]);
    let place = first.origin;
    let of = Of { what, tenant: first.tenant(), at, expected };
    pen.seen(of, &goods, step, place).map(Some)
}

/// Something happened to things that no order names.
pub(crate) fn nobodys(pen: &mut Pen<'_>) -> Result<Happening, Error> {
    let at = pen.between(0.05, 0.95);
    let tenant = pen.pick(&TENANTS);
    let of = Of { what: "items only", tenant, at, expected: Fate::nobody() };
    let serial = pen.dice.u32(1000..9999);
    let item = format!("urn:epc:id:sgtin:9521234.012345.{serial}");
    match pen.dice.u32(0..3) {
        0 => {
            let output = format!("https://id.gs1.org/01/09521234543213/21/{serial}");
            let own = json!({"inputEPCList": [item], "outputEPCList": [output],
                             "bizStep": "commissioning"});
            pen.epcis(of, "TransformationEvent", own)
        }
        1 => {
            let own = json!({"action": "ADD", "epcList": [item], "bizTransactionList": [
                {"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:9521234000013:PO-1"}]});
            pen.epcis(of, "TransactionEvent", own)
        }
        _ => pen.seen(of, &[item], "stocking", "NLRTM"),
    }
}
