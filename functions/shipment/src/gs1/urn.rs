//! EPC URNs: `urn:epc:id:...` for one thing, `urn:epc:class:...` and
//! `urn:epc:idpat:...` for all of a kind.

use super::element::is_text;
use super::{Error, Key, check_digit};
use crate::invalid::quoted;
use crate::iso6346;
use percent_encoding::percent_decode_str;

/// A GS1 company prefix has six to twelve digits.
const PREFIX: std::ops::RangeInclusive<usize> = 6..=12;

/// The longest GINC and GIAI, company prefix included.
const MAX_TEXT: usize = 30;
/// The longest serial number of a GRAI.
const MAX_SERIAL: usize = 16;

/// Reads what follows `urn:epc:`; `whole` is for errors.
pub(super) fn parse(rest: &str, whole: &str) -> Result<Key, Error> {
    let Some((kind, rest)) = rest.split_once(':') else { return Ok(Key::Other) };
    let Some((scheme, rest)) = rest.split_once(':') else { return Ok(Key::Other) };
    let read = match kind {
        "id" if scheme == "bic" => {
            let number = iso6346::canonical(rest)?;
            number.map(Key::Container).ok_or("urn:epc:id:bic: with 4 letters and 7 digits")
        }
        "id" => instance(scheme, rest),
        "class" | "idpat" => class(scheme, rest),
        _ => return Ok(Key::Other),
    };
    read.map_err(|expected| Error::Form { expected, got: quoted(whole) })
}

fn instance(scheme: &str, rest: &str) -> Result<Key, &'static str> {
    match scheme {
        "sscc" => {
            const FORM: &str = "urn:epc:id:sscc:PREFIX.SERIAL with 17 digits";
            let (prefix, serial) = rest.split_once('.').ok_or(FORM)?;
            indicator_first(prefix, serial, 17).map(Key::Sscc).ok_or(FORM)
        }
        "gsin" => {
            const FORM: &str = "urn:epc:id:gsin:PREFIX.REFERENCE with 16 digits";
            let (prefix, reference) = rest.split_once('.').ok_or(FORM)?;
            prefix_first(prefix, reference, 16).map(Key::Gsin).ok_or(FORM)
        }
        "ginc" => {
            const FORM: &str = "urn:epc:id:ginc:PREFIX.REFERENCE with up to 30 characters";
            text(rest).map(Key::Ginc).ok_or(FORM)
        }
        "giai" => {
            const FORM: &str = "urn:epc:id:giai:PREFIX.REFERENCE with up to 30 characters";
            text(rest).map(Key::Giai).ok_or(FORM)
        }
        "grai" => {
            grai(rest).ok_or("urn:epc:id:grai:PREFIX.TYPE.SERIAL with 12 digits and a serial")
        }
        "sgln" => place(rest).ok_or("urn:epc:id:sgln:PREFIX.LOCATION.EXTENSION with 12 digits"),
        "pgln" => {
            const FORM: &str = "urn:epc:id:pgln:PREFIX.PARTY with 12 digits";
            let (prefix, party) = rest.split_once('.').ok_or(FORM)?;
            prefix_first(prefix, party, 12).map(Key::Gln).ok_or(FORM)
        }
        "sgtin" | "upui" | "itip" => {
            item(rest).ok_or("urn:epc:id:sgtin:PREFIX.ITEM.SERIAL with 13 digits")
        }
        _ => Ok(Key::Other),
    }
}

fn class(scheme: &str, rest: &str) -> Result<Key, &'static str> {
    match scheme {
        "lgtin" | "sgtin" | "upui" | "itip" => {
            item(rest).ok_or("urn:epc:class:lgtin:PREFIX.ITEM.LOT with 13 digits")
        }
        "sgln" => place(rest).ok_or("urn:epc:idpat:sgln:PREFIX.LOCATION.* with 12 digits"),
        // A pattern stands for all of a kind, which no order could name.
        _ => Ok(Key::Other),
    }
}

/// `PREFIX.LOCATION.EXTENSION`: the place is named without its extension.
fn place(rest: &str) -> Option<Key> {
    let (prefix, rest) = rest.split_once('.')?;
    let (location, _) = rest.split_once('.')?;
    prefix_first(prefix, location, 12).map(Key::Gln)
}

/// `PREFIX.ITEM...`: a lot or a serial number may follow, or `*` for any.
fn item(rest: &str) -> Option<Key> {
    let mut parts = rest.split('.');
    let (prefix, reference) = (parts.next()?, parts.next()?);
    if reference == "*" {
        return Some(Key::Other);
    }
    indicator_first(prefix, reference, 13).map(Key::Item)
}

/// `PREFIX.TYPE.SERIAL` becomes a zero, the twelve digits, their check digit and
/// the serial number.
fn grai(rest: &str) -> Option<Key> {
    let (prefix, rest) = rest.split_once('.')?;
    let (kind, serial) = rest.split_once('.')?;
    let serial = decoded(serial).filter(|serial| is_text(serial, MAX_SERIAL))?;
    let kind = prefix_first(prefix, kind, 12)?;
    Some(Key::Grai(format!("0{kind}{serial}")))
}

/// `PREFIX.REFERENCE` with a reference of letters.
fn text(rest: &str) -> Option<String> {
    let (prefix, reference) = rest.split_once('.')?;
    let reference = decoded(reference).filter(|text| is_text(text, MAX_TEXT))?;
    let whole = format!("{prefix}{reference}");
    (is_prefix(prefix) && whole.len() <= MAX_TEXT).then_some(whole)
}

/// A key whose first digit stands behind the dot in a URN: the extension digit of
/// an SSCC, the indicator of a GTIN.
fn indicator_first(prefix: &str, reference: &str, digits: usize) -> Option<String> {
    let (first, rest) = reference.split_at_checked(1)?;
    with_check_digit(prefix, &format!("{first}{prefix}{rest}"), digits)
}

fn prefix_first(prefix: &str, reference: &str, digits: usize) -> Option<String> {
    with_check_digit(prefix, &format!("{prefix}{reference}"), digits)
}

fn with_check_digit(prefix: &str, body: &str, digits: usize) -> Option<String> {
    if !is_prefix(prefix) || body.len() != digits {
        return None;
    }
    check_digit(body).map(|digit| format!("{body}{digit}"))
}

fn is_prefix(text: &str) -> bool {
    PREFIX.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// URNs write characters that are special in a URI as `%2F`.
fn decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}
