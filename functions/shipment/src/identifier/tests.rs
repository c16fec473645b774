use super::*;
use proptest::prelude::*;

fn error(scheme: Scheme, value: &str) -> String {
    Identifier::new(scheme, value).unwrap_err().to_string()
}

#[test]
fn errors_say_what_was_expected() {
    let of = |value| error(Scheme::Sscc, value);
    assert_eq!(
        of("003456789012345675"),
        "wrong check digit in SSCC 003456789012345675: expected 0, got 5"
    );
    assert_eq!(of("123"), "expected an SSCC of 18 digits, got \"123\"");
    // Eighteen bytes that are not eighteen digits.
    assert!(of("ééééééééé").starts_with("expected an SSCC of 18 digits"));
    assert!(of("00345678901234567x").starts_with("expected an SSCC"));
    assert!(of("urn:epc:id:bic:CSQU3054383").starts_with("expected an SSCC"), "no SSCC");
    assert_eq!(
        error(Scheme::Container, "CSQU3054384"),
        "wrong check digit in container CSQU3054384: expected 3, got 4"
    );
    assert!(error(Scheme::Container, "MSKU").starts_with("expected a container number of"));
    assert!(error(Scheme::Gsin, "061414112345678901").starts_with("expected a GSIN of 17"));
    assert!(error(Scheme::Ginc, "0614141 x").starts_with("expected a GINC of up to 30"));
    for bad in ["0614141x", "8004/", "8003/00614141123452", "414/0614141123452"] {
        assert!(error(Scheme::Asset, bad).starts_with("expected 8003/ and a GRAI"), "{bad}");
    }
    for bad in ["", "a b", "a#b", &"x".repeat(65)] {
        assert!(error(Scheme::Booking, bad).starts_with("expected 1 to 64 letters"), "{bad}");
    }
    let of = |text: &str| text.parse::<Identifier>().unwrap_err().to_string();
    assert_eq!(
        of("gln:1"),
        "expected sscc, gsin, ginc, asset, container, booking or waybill, got \"gln\""
    );
    assert_eq!(of("sscc"), "expected scheme:value, got \"sscc\"");
}

#[test]
fn what_names_no_load_is_no_identifier() {
    for text in [
        "urn:epc:id:sgtin:0614141.107346.2018",
        "urn:epc:id:sgln:0614141.00777.0",
        "urn:epc:id:gdti:0614141.00001.1618034",
        "https://id.gs1.org/01/04012345666663",
        "https://example.com/loads/7",
        "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "106141412345678908",
    ] {
        assert_eq!(Identifier::from_uri(text), Ok(None), "{text}");
    }
    assert!(Identifier::from_uri("https://id.gs1.org/00/106141412345678907").is_err());
}

#[test]
fn json_is_the_index_key_and_is_checked_again_when_read() {
    let booking = Identifier::new(Scheme::Booking, "BKR-77").unwrap();
    let json = serde_json::to_string(&booking).unwrap();
    assert_eq!(json, r#""booking:BKR-77""#);
    assert_eq!(serde_json::from_str::<Identifier>(&json).unwrap(), booking);
    assert_eq!(serde_json::to_string(&Scheme::Sscc).unwrap(), r#""sscc""#);
    assert!(serde_json::from_str::<Identifier>(r#""sscc:003456789012345675""#).is_err());
}

proptest! {
    #[test]
    fn one_wrong_digit_is_always_found(body in "[0-9]{17}", at in 0_usize..18, by in 1_u8..10) {
        let good = format!("{body}{}", gs1_check_digit(&body).unwrap());
        prop_assert!(Identifier::new(Scheme::Sscc, &good).is_ok());
        let mut bytes = good.into_bytes();
        bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
        let bad = String::from_utf8(bytes).unwrap();
        let found = matches!(
            Identifier::new(Scheme::Sscc, &bad),
            Err(Error::Gs1(gs1::Error::CheckDigit { .. }))
        );
        prop_assert!(found);
    }

    #[test]
    fn every_text_form_of_a_load_is_one_identifier(
        digits in "[0-9]{17}", text in "[!-~]{1,16}", at in 6_usize..13
    ) {
        let same = |scheme, forms: [String; 3]| {
            let found = forms.map(|form| Identifier::new(scheme, &form).map(|id| id.index_key()));
            prop_assert!(found[0].is_ok(), "{:?}", found[0]);
            prop_assert_eq!(&found[0], &found[1]);
            prop_assert_eq!(&found[0], &found[2]);
            Ok(())
        };
        // The 82 characters of the General Specifications, as a URI writes them.
        let text: String =
            text.chars().filter(|c| !"#$@[\\]^`{|}~".contains(*c)).chain(['7']).collect();
        let text = &text[..text.len().min(16)];
        let escaped: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let (first, rest) = digits.split_at(1);
        let (prefix, serial) = rest.split_at(at);
        let sscc = format!("{digits}{}", gs1_check_digit(&digits).unwrap());
        let urn = format!("urn:epc:id:sscc:{prefix}.{first}{serial}");
        same(Scheme::Sscc, [format!("https://x.example/00/{sscc}"), urn, sscc])?;
        let body = &digits[..16];
        let (prefix, reference) = body.split_at(at);
        let gsin = format!("{body}{}", gs1_check_digit(body).unwrap());
        let urn = format!("urn:epc:id:gsin:{prefix}.{reference}");
        same(Scheme::Gsin, [format!("https://x.example/402/{gsin}"), urn, gsin])?;
        let body = &digits[..12];
        let (prefix, reference) = body.split_at(at);
        let grai = format!("0{body}{}", gs1_check_digit(body).unwrap());
        let urn = format!("urn:epc:id:grai:{prefix}.{reference}.{escaped}");
        let link = format!("https://x.example/8003/{grai}{escaped}");
        same(Scheme::Asset, [link, urn, format!("8003/{grai}{text}")])?;
        let urn = format!("urn:epc:id:giai:{prefix}.{escaped}");
        let link = format!("https://x.example/8004/{prefix}{escaped}");
        same(Scheme::Asset, [link, urn, format!("8004/{prefix}{text}")])?;
        let urn = format!("urn:epc:id:ginc:{prefix}.{escaped}");
        let link = format!("https://x.example/401/{prefix}{escaped}");
        same(Scheme::Ginc, [link, urn, format!("{prefix}{text}")])?;
    }
}
