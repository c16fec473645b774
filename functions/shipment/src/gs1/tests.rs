use super::*;
use proptest::prelude::*;

fn key(text: &str) -> Key {
    parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).unwrap()
}

#[test]
fn published_examples_of_check_digits() {
    // GS1's own worked examples: a GTIN-13 and SSCCs of the General Specifications.
    assert_eq!(check_digit("629104150021"), Some(3));
    assert_eq!(check_digit("37610425002123456"), Some(9));
    assert_eq!(check_digit("00345678901234567"), Some(0));
    assert_eq!(check_digit("12x"), None);
}

/// Pairs from the Tag Data Standard (chapter 7) and the EPCIS 2.0 examples, which
/// write the same things once as URN and once as Digital Link.
#[test]
fn a_urn_and_a_digital_link_of_one_thing_are_one_key() {
    use Key::{Container, Giai, Ginc, Gln, Grai, Gsin, Item, Other, Sscc};
    for (urn, link, expected) in [
        (
            "urn:epc:id:sscc:0614141.1234567890",
            "https://id.gs1.org/00/106141412345678908",
            Sscc("106141412345678908".into()),
        ),
        (
            "urn:epc:id:sgtin:0614141.712345.32a%2Fb",
            "https://id.gs1.org/01/70614141123451/21/32a%2Fb",
            Item("70614141123451".into()),
        ),
        (
            "urn:epc:class:lgtin:4012345.012345.998877",
            "https://id.gs1.org/01/04012345123456/10/998877",
            Item("04012345123456".into()),
        ),
        (
            "urn:epc:idpat:sgtin:4012345.066666.*",
            "https://id.gs1.org/01/04012345666663",
            Item("04012345666663".into()),
        ),
        (
            "urn:epc:id:sgln:0614141.12345.400",
            "https://id.gs1.org/414/0614141123452/254/400",
            Gln("0614141123452".into()),
        ),
        (
            "urn:epc:id:pgln:0614141.00777",
            "https://id.gs1.org/417/0614141007776",
            Gln("0614141007776".into()),
        ),
        (
            "urn:epc:id:grai:0614141.12345.400",
            "https://example.com/8003/00614141123452400",
            Grai("00614141123452400".into()),
        ),
        (
            "urn:epc:id:giai:4000001.111",
            "https://id.gs1.org/8004/4000001111",
            Giai("4000001111".into()),
        ),
        (
            "urn:epc:id:giai:0614141.12%2F34",
            "https://example.com/a/b/8004/061414112%2F34?17=270101#x",
            Giai("061414112/34".into()),
        ),
        (
            "urn:epc:id:gsin:0614141.123456789",
            "https://example.com/402/06141411234567890",
            Gsin("06141411234567890".into()),
        ),
        (
            "urn:epc:id:ginc:0614141.xyz3311cba",
            "HTTP://example.com:8080/401/0614141xyz3311cba/",
            Ginc("0614141xyz3311cba".into()),
        ),
        ("urn:epc:id:gdti:0614141.12345.400", "https://example.org/253/4012345000054987", Other),
        ("URN:EPC:id:bic:CSQU3054383", "", Container("CSQU3054383".into())),
    ] {
        assert_eq!(key(urn), expected, "{urn}");
        if !link.is_empty() {
            assert_eq!(key(link), expected, "{link}");
        }
    }
}

#[test]
fn a_place_is_found_in_whichever_form_it_is_written() {
    let of = |text: &str| gln(text).unwrap();
    let dock = Some("0614141073467".to_owned());
    assert_eq!(of("urn:epc:id:sgln:0614141.07346.1234"), dock);
    assert_eq!(of("urn:epc:idpat:sgln:0614141.07346.*"), dock);
    assert_eq!(of("https://dock.example.com/414/0614141073467"), dock);
    // A prefix of twelve digits leaves no digit for the location.
    assert_eq!(of("urn:epc:id:sgln:061414112345..0"), Some("0614141123452".into()));
    for none in [
        "",
        "NLRTM",
        "0614141073467",
        "geo:53.5,10.0",
        "urn:epc:id:sscc:0614141.1234567890",
        "https://id.gs1.org/01/04012345666663",
        "https://example.com/places/dock-7",
    ] {
        assert_eq!(of(none), None, "{none}");
    }
    assert_eq!(
        gln("https://id.gs1.org/414/0614141073468").unwrap_err().to_string(),
        "wrong check digit in GLN 0614141073468: expected 7, got 8"
    );
}

#[test]
fn web_addresses_that_only_resemble_a_digital_link_are_none() {
    for none in [
        "https://",
        "https://example.com",
        "https:///00/106141412345678908",
        "https://example.com/2026/01/15",
        "https://example.com/00/1061414123456789081",
        "https://example.com/00/106141412345678908/history",
        "https://example.com/00/106141412345678908/x/y",
        "https://example.com/414/06141410734é",
        "https://example.com/8003/00614141",
        "https://example.com/8004/%ff%fe",
        "ftp://example.com/00/106141412345678908",
    ] {
        assert_eq!(parse(none), Ok(None), "{none}");
    }
    // Without a serial number it is a type of crates, not one of them.
    assert_eq!(key("https://example.com/8003/00614141123452"), Key::Other);
    assert_eq!(key("urn:epc:idpat:grai:0614141.12345.*"), Key::Other);
    // Shorter GTINs are the same with zeros in front.
    assert_eq!(key("https://example.com/01/614141123452"), Key::Item("00614141123452".into()));
}

#[test]
fn a_urn_of_another_form_says_which_was_expected() {
    let of = |text: &str| parse(text).unwrap_err().to_string();
    assert_eq!(
        of("urn:epc:id:sscc:0614141.123456789"),
        "expected urn:epc:id:sscc:PREFIX.SERIAL with 17 digits, got \"urn:epc:id:sscc:0614141.123456789\""
    );
    for bad in [
        "urn:epc:id:sscc:061414112345678901",
        "urn:epc:id:sscc:06141.123456789012",
        "urn:epc:id:sscc:0614141.12345é890",
        "urn:epc:id:sgln:0614141.07346",
        "urn:epc:id:grai:0614141.12345.",
        "urn:epc:id:giai:0614141.has space",
        "urn:epc:id:ginc:0614141.%ff",
        "urn:epc:id:bic:CSQU305438",
    ] {
        assert!(of(bad).starts_with("expected urn:epc:id:"), "{bad}");
    }
    assert_eq!(
        of("urn:epc:id:bic:CSQU3054384"),
        "wrong check digit in container CSQU3054384: expected 3, got 4"
    );
    for other in ["urn:epc:", "urn:epc:id", "urn:epc:tag:sscc-96:3.0614141.1234567890"] {
        assert_eq!(key(other), Key::Other, "{other}");
    }
}

proptest! {
    #[test]
    fn any_text_is_a_key_or_none_or_an_error(text in ".{0,60}", start in 0_usize..6) {
        let prefix = ["", "urn:epc:id:", "urn:epc:id:sscc:", "https://x/", "https://x/00/", "https://x/8003/"];
        let _ = parse(&format!("{}{text}", prefix[start]));
    }

    #[test]
    fn the_dot_of_a_urn_moves_nothing(digits in "[0-9]{12}", at in 6_usize..13, dock in "[0-9A-Z]{1,20}") {
        let (prefix, location) = digits.split_at(at);
        let plain = format!("{digits}{}", check_digit(&digits).unwrap());
        let urn = format!("urn:epc:id:sgln:{prefix}.{location}.{dock}");
        let link = format!("https://example.com/414/{plain}/254/{dock}");
        prop_assert_eq!(gln(&urn).unwrap(), Some(plain.clone()));
        prop_assert_eq!(gln(&link).unwrap(), Some(plain));
    }
}
