//! GS1 keys as identifiers write them: EPC URNs and Digital Link URIs.
//!
//! EPCIS names goods, places and assets by URI. One key has several: the URN
//! `urn:epc:id:sscc:0614141.1234567890` leaves the check digit out and sets the
//! company prefix off with a dot, the Digital Link `https://id.gs1.org/00/...`
//! holds the plain key under any host. Both become the same [`Key`].
//!
//! Sources: GS1 EPC Tag Data Standard 2.0 (URNs, chapter 6 and 7), GS1 Digital
//! Link URI Syntax 1.2 (chapter 4), GS1 General Specifications (check digits,
//! chapter 7.9), ISO 6346 (containers).

mod element;
mod link;
mod urn;

pub(crate) use element::key;

/// What a GS1 URI names. Values are plain: with check digit, without the dots of
/// a URN, so that the URN and the Digital Link of a thing give the same value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// A logistic unit such as a parcel or a pallet: 18 digits.
    Sscc(String),
    /// A shipment between a seller and a buyer: 17 digits.
    Gsin(String),
    /// A consignment of a forwarder: a company prefix and up to 30 characters in all.
    Ginc(String),
    /// A returnable asset such as one crate: 14 digits and its serial number.
    Grai(String),
    /// An individual asset such as a trailer: up to 30 characters.
    Giai(String),
    /// A place or a party: 13 digits. What stands behind it, a door or a dock, is
    /// left out: the place is the same.
    Gln(String),
    /// Trade items, one, a batch or all of a kind: the GTIN of 14 digits.
    Item(String),
    /// A freight container of ISO 6346: 4 letters and 7 digits.
    Container(String),
    /// Something else that GS1 has keys for: documents, people, coupons, parts.
    Other,
}

/// Why the text is no key, although it has the form of a GS1 URI. A retry does
/// not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The last digit does not fit the others: a typing or scanning error.
    #[error("wrong check digit in {key} {value}: expected {expected}, got {got}")]
    CheckDigit {
        /// The kind of key.
        key: &'static str,
        /// The whole key.
        value: String,
        /// The digit that would fit.
        expected: u8,
        /// The digit that is there.
        got: u8,
    },
    /// The parts of a URN are not those of its scheme.
    #[error("expected {expected}, got {got}")]
    Form {
        /// The form, as the standard writes it.
        expected: &'static str,
        /// What was found, short and safe to print.
        got: String,
    },
}

/// The key in an EPC URN or a GS1 Digital Link; `None` when the text is neither.
///
/// A web address whose path only resembles a Digital Link is none: identifiers of
/// other systems are web addresses, too.
///
/// # Errors
/// [`Error`] when a key has a wrong check digit, or a URN not the parts of its scheme.
pub fn parse(text: &str) -> Result<Option<Key>, Error> {
    if let Some(rest) = after(text, "urn:epc:") {
        return urn::parse(rest, text).map(Some);
    }
    match after(text, "https://").or_else(|| after(text, "http://")) {
        Some(rest) => link::parse(rest),
        None => Ok(None),
    }
}

/// The GLN that a URI names, for places and parties: 13 digits. `None` when the
/// text is not a GS1 URI, or one of something else.
///
/// # Errors
/// As [`parse`].
pub fn gln(text: &str) -> Result<Option<String>, Error> {
    Ok(parse(text)?.and_then(|key| match key {
        Key::Gln(gln) => Some(gln),
        Key::Sscc(_)
        | Key::Gsin(_)
        | Key::Ginc(_)
        | Key::Grai(_)
        | Key::Giai(_)
        | Key::Item(_)
        | Key::Container(_)
        | Key::Other => None,
    }))
}

/// The check digit of a GS1 key: weights 3 and 1 from the right, modulo 10.
/// `None` when the text is not made of digits.
#[must_use]
pub fn check_digit(body: &str) -> Option<u8> {
    let mut sum = 0_u32;
    for (at, byte) in body.bytes().rev().enumerate() {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        let weight = if at % 2 == 0 { 3 } else { 1 };
        sum = sum.checked_add(u32::from(digit) * weight)?;
    }
    u8::try_from((10 - sum % 10) % 10).ok()
}

/// What follows a prefix, whose letters may be of either case.
fn after<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

#[cfg(test)]
mod tests;
