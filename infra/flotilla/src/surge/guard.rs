//! What keeps a load from going where nobody meant it to go.

use crate::error::Error;
use std::net::IpAddr;

/// The services a load reaches, as their own endpoint settings name them.
const SERVICES: [&str; 4] = ["SQS", "DYNAMODB", "CLOUDFORMATION", "CLOUDWATCH_LOGS"];

/// Where the requests would go, as far as it is no machine of one's own: an address, or
/// AWS itself. None if all go to this machine.
pub(super) fn elsewhere(
    endpoint: Option<&str>,
    setting: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let Some(endpoint) = endpoint else {
        return Some("AWS itself, as AWS_ENDPOINT_URL is not set".to_owned());
    };
    if !is_loopback(endpoint) {
        return Some(format!("{endpoint} (AWS_ENDPOINT_URL)"));
    }
    SERVICES.iter().find_map(|service| {
        let name = format!("AWS_ENDPOINT_URL_{service}");
        let own = setting(&name).filter(|url| !url.is_empty() && !is_loopback(url))?;
        Some(format!("{own} ({name})"))
    })
}

fn is_loopback(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.map_or(host == "localhost", |address| address.is_loopback())
}

/// A load that costs money, as somebody has to agree to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bill<'a> {
    /// Messages.
    pub(super) messages: usize,
    /// What they cost in all, in US dollars.
    pub(super) dollars: f64,
    /// The same in words.
    pub(super) words: &'a str,
    /// What may be spent, in US dollars.
    pub(super) budget: f64,
}

/// Refuses what is too dear, and what goes elsewhere unless that was asked for.
///
/// # Errors
/// [`Error::Usage`] says where it would go, what it would cost, and how to agree.
pub(super) fn allow(elsewhere: Option<&str>, agreed: bool, bill: Bill<'_>) -> Result<(), Error> {
    let Bill { messages, dollars, words, budget } = bill;
    if !budget.is_finite() || budget < 0.0 {
        let expected = "expected dollars, and not less than none";
        return Err(Error::usage(format!("--budget {budget}: {expected}")));
    }
    let Some(place) = elsewhere else { return Ok(()) };
    if dollars > budget {
        return Err(Error::usage(format!(
            "--budget {budget}: the {messages} messages of this profile would cost about {words}; \
             nothing was sent"
        )));
    }
    if !agreed {
        return Err(Error::usage(format!(
            "this load of {messages} messages would go to {place}, and cost about {words}; nothing \
             was sent. If that is what you want, say --yes-load-aws; for a local cloud, `make surge`"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn only_this_machine_is_local() {
        for local in [
            "http://127.0.0.1:4566",
            "http://localhost:4566/",
            "http://[::1]:1",
            "http://127.9.9.9",
        ] {
            assert_eq!(elsewhere(Some(local), none), None, "{local}");
        }
        for other in [
            "https://sqs.eu-central-1.amazonaws.com",
            "http://10.0.0.7:4566",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://user@example.com#127.0.0.1",
            "nonsense",
        ] {
            let place = elsewhere(Some(other), none).unwrap();
            assert!(place.contains(other) && place.contains("AWS_ENDPOINT_URL"), "{place}");
        }
        assert!(elsewhere(None, none).unwrap().starts_with("AWS itself"));
        // One service that goes elsewhere is enough.
        let sqs =
            |name: &str| (name == "AWS_ENDPOINT_URL_SQS").then(|| "https://sqs.aws".to_owned());
        let place = elsewhere(Some("http://127.0.0.1:4566"), sqs).unwrap();
        assert_eq!(place, "https://sqs.aws (AWS_ENDPOINT_URL_SQS)");
    }

    #[test]
    fn a_load_elsewhere_needs_a_word_and_a_budget_and_says_what_it_costs() {
        let bill = Bill { messages: 3000, dollars: 0.5, words: "$0.50", budget: 1.0 };
        assert!(allow(None, false, bill).is_ok(), "a local run needs no word");
        assert!(allow(None, false, Bill { dollars: 99.0, ..bill }).is_ok(), "and costs nothing");
        let error = allow(Some("AWS itself"), false, bill).unwrap_err().to_string();
        for part in ["AWS itself", "$0.50", "3000 messages", "--yes-load-aws", "nothing was sent"] {
            assert!(error.contains(part), "{error}");
        }
        assert!(allow(Some("AWS itself"), true, bill).is_ok());
        let dear = Bill { dollars: 1.01, words: "$1.01", ..bill };
        let error = allow(Some("AWS itself"), true, dear).unwrap_err().to_string();
        assert!(error.starts_with("--budget 1: ") && error.contains("$1.01"), "{error}");
        for wrong in [-1.0, f64::NAN, f64::INFINITY] {
            let error = allow(None, true, Bill { budget: wrong, ..bill }).unwrap_err().to_string();
            assert!(error.starts_with("--budget "), "{error}");
        }
    }
}
