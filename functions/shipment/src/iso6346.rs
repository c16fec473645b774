//! Numbers of freight containers.
//!
//! ISO 6346: three letters of the owner, a letter for the kind of equipment (`U`
//! for a container), six digits and a check digit: `CSQU3054383`.

use crate::gs1::Error;

const LENGTH: usize = 11;

/// The number in capitals, without the spaces and hyphens with which it is
/// painted on a container: `csqu 305438-3` is `CSQU3054383`. `None` when what is
/// left is not four letters and seven digits.
///
/// # Errors
/// [`Error::CheckDigit`] when the last digit does not fit the others.
pub(crate) fn canonical(text: &str) -> Result<Option<String>, Error> {
    let number: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '-'))
        .map(|c| c.to_ascii_uppercase())
        .take(LENGTH + 1)
        .collect();
    let Some((owner, digits)) = number.split_at_checked(4) else { return Ok(None) };
    let letters = owner.bytes().all(|byte| byte.is_ascii_uppercase());
    if number.len() != LENGTH || !letters || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let Some((body, last)) = number.split_at_checked(LENGTH - 1) else { return Ok(None) };
    let (Some(expected), Ok(got)) = (check_digit(body), last.parse()) else { return Ok(None) };
    if got != expected {
        return Err(Error::CheckDigit { key: "container", value: number, expected, got });
    }
    Ok(Some(number))
}

/// Annex A of ISO 6346: letters count from 10 on and leave out the multiples of
/// 11, the weights are the powers of two, and the sum is taken modulo 11; ten
/// counts as zero.
fn check_digit(body: &str) -> Option<u8> {
    let mut sum = 0_u32;
    for (at, byte) in body.bytes().enumerate() {
        let value = match byte {
            b'0'..=b'9' => u32::from(byte - b'0'),
            b'A'..=b'Z' => {
                let nth = u32::from(byte - b'A');
                // A is 10, B 12, L 23, V 34: each multiple of 11 moves the rest by one.
                10 + nth + nth.div_ceil(10)
            }
            _ => return None,
        };
        sum = sum.checked_add(value.checked_shl(u32::try_from(at).ok()?)?)?;
    }
    u8::try_from(sum % 11 % 10).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_leave_out_the_multiples_of_eleven() {
        for (letter, value) in [("A", 10_u8), ("B", 12), ("K", 21), ("L", 23), ("V", 34), ("Z", 38)]
        {
            assert_eq!(check_digit(letter), Some(value % 11 % 10), "{letter}");
        }
        assert_eq!(check_digit("é"), None);
    }

    #[test]
    fn published_numbers_are_taken_however_they_are_written() {
        // The example of the standard, and one of the DCSA event structure.
        for text in ["CSQU3054383", "csqu 305438 3", "CSQU-305438-3"] {
            assert_eq!(canonical(text), Ok(Some("CSQU3054383".into())));
        }
        assert_eq!(canonical("APZU4812090"), Ok(Some("APZU4812090".into())));
        for bad in ["", "CSQU305438", "CSQU30543833", "CS1U3054383", "CSQU30543é3", "ééé"] {
            assert_eq!(canonical(bad), Ok(None), "{bad}");
        }
        assert_eq!(
            canonical("CSQU3054384").unwrap_err().to_string(),
            "wrong check digit in container CSQU3054384: expected 3, got 4"
        );
    }
}
