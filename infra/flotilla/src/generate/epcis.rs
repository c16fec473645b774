//! EPCIS 2.0 events: what a warehouse saw.

use super::happening::{Happening, Standard};
use super::pen::Pen;
use crate::books::Fate;
use crate::error::Error;
use serde_json::{Map, Value, json};

/// Whose event it is, when it happened, and what must become of it.
#[derive(Debug, Clone)]
pub(crate) struct Of {
    pub(crate) what: &'static str,
    pub(crate) tenant: &'static str,
    pub(crate) at: f64,
    pub(crate) expected: Fate,
}

impl Pen<'_> {
    /// An event of a type, with the fields that are its own.
    pub(crate) fn epcis(&mut self, of: Of, kind: &str, own: Value) -> Result<Happening, Error> {
        let id = self.names.event_uri();
        let (time, offset) = self.time_of(of.at)?;
        let mut event = Map::from_iter([
            ("type".to_owned(), json!(kind)),
            ("eventID".to_owned(), json!(id)),
            ("eventTime".to_owned(), json!(time)),
            ("eventTimeZoneOffset".to_owned(), json!(offset)),
        ]);
        if let Value::Object(own) = own {
            event.extend(own);
        }
        if self.chance(20) {
            // Every installation has fields of its own.
            event.insert("example:shift".to_owned(), json!({"team": "night", "gate": 7}));
        }
        let Of { what, tenant, at, expected } = of;
        let data = Value::Object(event);
        Ok(Happening { what, standard: Standard::Epcis, id, data, tenant, expected, at })
    }

    /// Goods were seen somewhere, in a step of the business.
    pub(crate) fn seen(
        &mut self,
        of: Of,
        goods: &[String],
        step: &str,
        place: &str,
    ) -> Result<Happening, Error> {
        let mut own = json!({
            "action": "OBSERVE",
            "bizStep": self.business_step(step),
            "epcList": goods,
        });
        let place = self.place_uri(place);
        let field = if self.chance(85) { "readPoint" } else { "bizLocation" };
        set(&mut own, field, json!({"id": place}));
        if matches!(step, "departing" | "shipping") {
            set(&mut own, "disposition", json!("in_transit"));
        }
        self.epcis(of, "ObjectEvent", own)
    }

    /// Loads were put into another, or taken out of it.
    pub(crate) fn packed(
        &mut self,
        of: Of,
        parent: &str,
        children: &[String],
        inside: bool,
        place: &str,
    ) -> Result<Happening, Error> {
        let (action, step) = if inside { ("ADD", "loading") } else { ("DELETE", "unloading") };
        let own = json!({
            "action": action,
            "bizStep": self.business_step(step),
            "parentID": parent,
            "childEPCs": children,
            "readPoint": {"id": self.place_uri(place)},
        });
        self.epcis(of, "AggregationEvent", own)
    }

    /// An event once more, with the declaration that it was an error.
    pub(crate) fn withdrawn(&mut self, old: &Happening, at: f64) -> Result<Happening, Error> {
        let mut again = old.clone();
        let declared = json!({"declarationTime": self.utc(at)?, "reason": "did_not_occur"});
        set(&mut again.data, "errorDeclaration", declared);
        Ok(Happening { what: "withdrawn", id: format!("{}#error", old.id), at, ..again })
    }

    /// The time with its offset, as systems write it: in local time, or in UTC
    /// with the local offset beside it.
    fn time_of(&mut self, at: f64) -> Result<(String, String), Error> {
        let hours = self.pick(&[0_i8, 1, 1, 2]);
        let time = if self.chance(60) { self.day.local(at, hours)? } else { self.day.utc(at)? };
        Ok((time, format!("+{hours:02}:00")))
    }

    /// A term of the Core Business Vocabulary in one of its forms.
    fn business_step(&mut self, step: &str) -> String {
        match self.dice.u32(0..10) {
            0 => format!("urn:epcglobal:cbv:bizstep:{step}"),
            1 => format!("https://ref.gs1.org/cbv/BizStep-{step}"),
            2 => format!("cbv:BizStep-{step}"),
            _ => step.to_owned(),
        }
    }
}

/// What a sensor on the goods reports.
pub(crate) fn temperature(celsius: f64, time: &str, alarm: bool) -> Value {
    let mut report = json!({"type": "Temperature", "value": celsius, "uom": "CEL"});
    if alarm {
        set(&mut report, "exception", json!("ALARM_CONDITION"));
    }
    json!([{
        "sensorMetadata": {"time": time, "deviceID": "urn:epc:id:giai:9521234.sensor17"},
        "sensorReport": [report],
    }])
}

/// Sets a field of an object.
pub(crate) fn set(object: &mut Value, field: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
}
