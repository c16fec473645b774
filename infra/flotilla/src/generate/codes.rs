//! Names with valid check digits, and the places of the map.

use flotilla_shipment::identifier::gs1_check_digit;
use flotilla_task::fingerprint;

/// Where shipments start and end, as UN/LOCODE. The place file gives the n-th of
/// them the GLN with location reference n.
pub const PLACES: [&str; 12] = [
    "NLRTM", "DEHAM", "DEBER", "FRPAR", "ESBCN", "PLWAW", "ITMIL", "GBLON", "SEGOT", "DKCPH",
    "ATVIE", "CZPRG",
];

/// Container ports overseas, weeks away.
pub(crate) const OVERSEAS: [&str; 3] = ["CNSHA", "SGSIN", "KRPUS"];

/// Ports that a container may call at on its way.
pub(crate) const CALLS: [&str; 4] = ["BEANR", "DEBRV", "GBFXT", "FRLEH"];

/// A GS1 company prefix from the range that GS1 keeps for demonstrations.
pub(crate) const COMPANY: &str = "9521234";

/// A Serial Shipping Container Code: extension digit, company, serial number
/// and the check digit that GS1's modulo 10 asks for.
#[must_use]
pub fn sscc(serial: u64) -> String {
    with_check_digit(&format!("0{COMPANY}{:09}", serial % 1_000_000_000))
}

/// The Global Location Number of the n-th place.
pub(crate) fn gln(reference: usize) -> String {
    with_check_digit(&format!("{COMPANY}{reference:05}"))
}

fn with_check_digit(body: &str) -> String {
    let check = gs1_check_digit(body).unwrap_or_default();
    format!("{body}{check}")
}

/// A container's number by ISO 6346: three letters of an owner, `U`, six digits
/// and the check digit of its annex A.
fn container(owner: &str, serial: u64) -> String {
    let body = format!("{owner}U{:06}", serial % 1_000_000);
    let value = |c: char| {
        let digit = c.to_digit(36).unwrap_or_default();
        // Letters count from 10 on, and leave out the multiples of 11.
        digit + digit.saturating_sub(1) / 10
    };
    let sum: u32 = body.chars().map(value).zip(0..).map(|(value, place)| value << place).sum();
    format!("{body}{}", sum % 11 % 10)
}

/// Hands out names that no other run uses.
#[derive(Debug)]
pub(crate) struct Names {
    run: String,
    /// Serial numbers of parcels start here: far apart for different runs.
    serial: u64,
    owner: String,
    shipments: u64,
    events: u64,
    bookings: u64,
}

impl Names {
    pub(crate) fn new(run: &str) -> Self {
        let hash = fingerprint(&["serials", run]);
        let serial = u64::from_str_radix(hash.get(..12).unwrap_or_default(), 16).unwrap_or(0);
        // A hexadecimal digit is a letter from A to P.
        let letter =
            |c: char| char::from(b'A' + u8::try_from(c.to_digit(16).unwrap_or(0)).unwrap_or(0));
        let owner = hash.chars().rev().take(3).map(letter).collect();
        Self { run: run.to_owned(), serial, owner, shipments: 0, events: 0, bookings: 0 }
    }

    pub(crate) fn shipment(&mut self) -> String {
        self.shipments += 1;
        format!("SHP-{}-{:06}", self.run, self.shipments)
    }

    /// The id of a message, or of one of the fleet's own events.
    pub(crate) fn event(&mut self) -> String {
        let number = self.next();
        format!("evt-{}-{number:06}", self.run)
    }

    /// The id of a DCSA event.
    pub(crate) fn uuid(&mut self) -> String {
        let hash = self.hash();
        let part = |from: usize, to: usize| hash.get(from..to).unwrap_or_default();
        let (a, b, c, d, e) = (part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32));
        format!("{a}-{b}-4{c}-8{d}-{e}")
    }

    /// The id of an EPCIS event: a hash of its content, or a UUID.
    pub(crate) fn event_uri(&mut self) -> String {
        if self.events.is_multiple_of(2) {
            return format!("urn:uuid:{}", self.uuid());
        }
        format!("ni:///sha-256;{}{}?ver=CBV2.0", self.hash(), self.hash())
    }

    pub(crate) fn booking(&mut self) -> String {
        self.bookings += 1;
        format!("BKR-{}-{}", self.run, self.bookings)
    }

    pub(crate) fn waybill(&mut self) -> String {
        self.bookings += 1;
        format!("WB-{}-{}", self.run, self.bookings)
    }

    pub(crate) fn sscc(&mut self) -> String {
        sscc(self.serial())
    }

    pub(crate) fn container(&mut self) -> String {
        let serial = self.serial();
        container(&self.owner, serial)
    }

    const fn next(&mut self) -> u64 {
        self.events += 1;
        self.events
    }

    const fn serial(&mut self) -> u64 {
        self.serial = self.serial.wrapping_add(1);
        self.serial
    }

    fn hash(&mut self) -> String {
        let number = self.next().to_string();
        fingerprint(&["event", &self.run, &number])
    }
}
