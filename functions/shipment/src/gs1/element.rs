//! Plain keys behind their application identifier, as a label and a Digital Link
//! have them: `00` and an SSCC, `414` and a GLN.

use super::{Error, Key, check_digit};

/// The key of an application identifier; `None` when it is no primary key, or the
/// value does not have its form.
pub(crate) fn key(ai: &str, value: &str) -> Result<Option<Key>, Error> {
    let all = |name, digits, make: fn(String) -> Key| {
        Ok(checked(name, value, digits)?.map(|()| make(value.to_owned())))
    };
    match ai {
        "00" => all("SSCC", 18, Key::Sscc),
        "01" => item(value),
        "402" => all("GSIN", 17, Key::Gsin),
        "414" | "417" => all("GLN", 13, Key::Gln),
        "401" => Ok(is_text(value, 30).then(|| Key::Ginc(value.to_owned()))),
        "8004" => Ok(is_text(value, 30).then(|| Key::Giai(value.to_owned()))),
        "8003" => grai(value),
        "253" | "255" | "8006" | "8010" | "8013" | "8017" | "8018" => Ok(Some(Key::Other)),
        _ => Ok(None),
    }
}

/// Shorter GTINs are filled up with zeros, which change no check digit.
fn item(value: &str) -> Result<Option<Key>, Error> {
    if !matches!(value.len(), 8 | 12 | 13 | 14) {
        return Ok(None);
    }
    let gtin = format!("{value:0>14}");
    Ok(checked("GTIN", &gtin, 14)?.map(|()| Key::Item(gtin)))
}

/// Fourteen digits, of which the last is the check digit, and a serial number.
/// Without one they name all assets of a type.
fn grai(value: &str) -> Result<Option<Key>, Error> {
    let Some((kind, serial)) = value.split_at_checked(14) else { return Ok(None) };
    if checked("GRAI", kind, 14)?.is_none() {
        return Ok(None);
    }
    if serial.is_empty() {
        return Ok(Some(Key::Other));
    }
    Ok(is_text(serial, 16).then(|| Key::Grai(value.to_owned())))
}

/// Takes digits of which the last is the check digit; `None` when they are not
/// so many digits.
fn checked(key: &'static str, value: &str, digits: usize) -> Result<Option<()>, Error> {
    if value.len() != digits || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let Some((body, last)) = value.split_at_checked(digits.saturating_sub(1)) else {
        return Ok(None);
    };
    let (Some(expected), Ok(got)) = (check_digit(body), last.parse()) else { return Ok(None) };
    if got != expected {
        return Err(Error::CheckDigit { key, value: value.to_owned(), expected, got });
    }
    Ok(Some(()))
}

/// Whether the text may stand in a key that has more than digits: the 82
/// characters of ISO 646 that the General Specifications allow (figure 7.11-1).
pub(super) fn is_text(text: &str, most: usize) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!\"%&'()*+,-./:;<=>?_".contains(&byte);
    !text.is_empty() && text.len() <= most && text.bytes().all(allowed)
}
