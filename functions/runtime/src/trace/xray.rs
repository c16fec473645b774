//! X-Ray: each record and each call as a subsegment under Lambda's own segment of the
//! invocation, sent to the daemon that Lambda runs beside a function.
//!
//! X-Ray's own trace is the invocation's, and one invocation works on many events.
//! What joins the stages there are the trace headers of messages, which it links, and
//! the annotations `task` and `shipment`, by which it finds them.

use super::{Span, SpanId, Tree, Value};
use crate::settings::{Environment, SettingError};
use serde_json::{Map, Value as Json, json};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

const ADDRESS: &str = "AWS_XRAY_DAEMON_ADDRESS";
/// What comes before each document, so that the daemon knows it.
const HEAD: &str = "{\"format\":\"json\",\"version\":1}\n";
/// Time that an invocation spends on datagrams at most: a thousand take some ten
/// milliseconds of a whole processor.
const BUDGET: Duration = Duration::from_millis(50);

/// The invocation's trace, if X-Ray keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    root: String,
    id: String,
}

impl Segment {
    /// Reads an invocation's trace header; none where it is not kept.
    pub(super) fn read(header: &str) -> Option<Self> {
        let of = |name: &str| {
            let mut parts = header.split(';').filter_map(|part| part.trim().split_once('='));
            parts.find_map(|(key, value)| (key == name).then_some(value))
        };
        let id = |text: &str, digits: usize| {
            text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        let (root, parent) = (of("Root")?, of("Parent")?);
        let rest = root.strip_prefix("1-")?.split_once('-')?;
        let sound = id(rest.0, 8) && id(rest.1, 24) && id(parent, 16);
        (sound && of("Sampled") == Some("1"))
            .then(|| Self { root: root.to_owned(), id: parent.to_owned() })
    }

    /// The header for messages that leave. Lambda's lineage is left out: what loops
    /// on purpose is bounded by the messages' own count of hops.
    pub(super) fn header(&self) -> String {
        format!("Root={};Parent={};Sampled=1", self.root, self.id)
    }
}

/// The daemon.
#[derive(Debug)]
pub(super) struct Daemon {
    socket: UdpSocket,
    address: SocketAddr,
}

impl Daemon {
    /// The daemon that the environment names, if it names one.
    ///
    /// # Errors
    /// [`SettingError`] when no datagram can be sent there.
    pub(super) fn read(env: &Environment) -> Result<Option<Self>, SettingError> {
        let Some(text) = env.get(ADDRESS) else { return Ok(None) };
        // It may name one for each of two protocols: "tcp:HOST:PORT udp:HOST:PORT".
        let parts = text.split_whitespace().filter(|part| !part.starts_with("tcp:"));
        let address = parts.map(|part| part.trim_start_matches("udp:").parse()).next();
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))
            .and_then(|socket| socket.set_nonblocking(true).map(|()| socket));
        match (address, socket) {
            (Some(Ok(address @ SocketAddr::V4(_))), Ok(socket)) => {
                Ok(Some(Self { socket, address }))
            }
            _ => Err(SettingError {
                name: ADDRESS.to_owned(),
                expected: "an IPv4 address with a port",
                got: format!("{text:?}"),
            }),
        }
    }

    /// Sends what was done, within its budget and what is `left`. A datagram that is
    /// lost is a subsegment that is missing; the first that cannot be taken ends it,
    /// for those after it would not be taken either.
    pub(super) fn send(&self, segment: &Segment, trees: &[Tree], left: Duration) {
        let (began, budget) = (Instant::now(), BUDGET.min(left));
        for document in trees.iter().flat_map(|tree| documents(segment, tree)) {
            if began.elapsed() >= budget {
                tracing::debug!("no time is left for further subsegments");
                return;
            }
            let datagram = format!("{HEAD}{document}");
            if let Err(error) = self.socket.send_to(datagram.as_bytes(), self.address) {
                tracing::debug!(%error, "a subsegment was not sent");
                return;
            }
        }
    }
}

fn documents(segment: &Segment, tree: &Tree) -> impl Iterator<Item = Json> {
    let record = document(segment, &tree.record, segment.id.clone());
    let of_record: SpanId = tree.record.id;
    let call = move |call| document(segment, call, of_record.to_string());
    std::iter::once(record).chain(tree.calls.iter().map(call))
}

/// A subsegment that is sent by itself.
fn document(segment: &Segment, span: &Span, parent: String) -> Json {
    let mut fields = Map::from_iter([
        ("type".to_owned(), json!("subsegment")),
        ("trace_id".to_owned(), json!(segment.root)),
        ("parent_id".to_owned(), json!(parent)),
        ("id".to_owned(), json!(span.id.to_string())),
        ("name".to_owned(), json!(span.name)),
        ("start_time".to_owned(), json!(seconds(span.began))),
        ("end_time".to_owned(), json!(seconds(span.ended))),
    ]);
    let mut put = |name: &str, value: Json| fields.insert(name.to_owned(), value);
    if let Some(operation) = span.text("db.operation.name") {
        put("namespace", json!("aws"));
        put("name", json!("DynamoDB"));
        put(
            "aws",
            json!({ "operation": operation, "table_name": span.text("db.collection.name") }),
        );
    } else if let Some(partner) = span.text("peer.service") {
        put("namespace", json!("remote"));
        put("name", json!(partner));
    }
    let mut annotations = Map::new();
    for (name, value) in &span.attributes {
        let value = match value {
            Value::Text(text) => json!(text),
            Value::Number(number) => json!(number),
            Value::Flag(flag) => json!(flag),
        };
        if *name == "http.response.status_code" {
            put("http", json!({ "response": { "status": value } }));
        } else if let Some(name) = name.strip_prefix("flotilla.") {
            annotations.insert(name.to_owned(), value);
        }
    }
    if let Some(error) = &span.error {
        annotations.insert("error".to_owned(), json!(error));
        for flag in flags(error, span) {
            put(flag, json!(true));
        }
    }
    put("annotations", Json::Object(annotations));
    Json::Object(fields)
}

/// What X-Ray shows an error as. Work that will be tried again, and an answer that
/// the caller brought about, are errors; only the rest is the other side's fault.
fn flags(error: &str, span: &Span) -> &'static [&'static str] {
    let is_throttle =
        ["429", "ThrottlingException", "ProvisionedThroughputExceededException"].contains(&error);
    let is_refusal = matches!(error.parse::<u16>(), Ok(400..=499));
    let comes_again = span.text("flotilla.outcome") == Some("to_be_tried_again");
    match error {
        _ if is_throttle => &["error", "throttle"],
        _ if is_refusal || comes_again => &["error"],
        _ => &["fault"],
    }
}

/// As X-Ray counts time.
#[allow(clippy::cast_precision_loss, reason = "it is shown in milliseconds")]
fn seconds(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::super::tests::tree;
    use super::*;

    const HEADER: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;\
                          Sampled=1;Lineage=1:fc3b4ff1:0";

    #[test]
    fn a_header_is_read_only_where_its_trace_is_kept() {
        let segment = Segment::read(HEADER).unwrap();
        assert_eq!(segment.root, "1-5759e988-bd862e3fe1be46a994272793");
        assert_eq!(
            segment.header(),
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
        );
        for none in [
            "",
            "Root=1-5759e988-bd862e3fe1be46a994272793",
            &HEADER.replace("Sampled=1", "Sampled=0"),
            &HEADER.replace("1-5759e988", "2-5759e988"),
            &HEADER.replace("53995c3f42cd8ad8", "53995c3f42cd8ad"),
            &HEADER.replace("53995c3f42cd8ad8", "53995c3f42cd8a\"d"),
        ] {
            assert_eq!(Segment::read(none), None, "{none}");
        }
    }

    #[test]
    fn a_record_stands_under_lambdas_segment_and_its_calls_under_it() {
        let daemon = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        daemon.set_read_timeout(Some(std::time::Duration::from_secs(5))).unwrap();
        let address = format!("tcp:127.0.0.1:1 udp:{}", daemon.local_addr().unwrap());
        let ours =
            Daemon::read(&Environment::from([(ADDRESS, address.as_str())])).unwrap().unwrap();
        let second = Duration::from_secs(1);
        ours.send(&Segment::read(HEADER).unwrap(), &[tree()], second);
        let heard = || {
            let mut bytes = [0; 65_536];
            let length = daemon.recv(&mut bytes).unwrap();
            let text = std::str::from_utf8(&bytes[..length]).unwrap();
            let (head, document) = text.split_once('\n').unwrap();
            assert_eq!(head, r#"{"format":"json","version":1}"#);
            serde_json::from_str::<Json>(document).unwrap()
        };
        assert_eq!(
            heard(),
            json!({
                "type": "subsegment", "trace_id": "1-5759e988-bd862e3fe1be46a994272793",
                "parent_id": "53995c3f42cd8ad8", "id": "00f067aa0ba902b7", "name": "state",
                "start_time": 1_700_000_000.0, "end_time": 1_700_000_000.004,
                "annotations": { "task": "t-1", "epoch": 7 },
            })
        );
        let call = heard();
        assert_eq!(
            (&call["parent_id"], &call["fault"]),
            (&json!("00f067aa0ba902b7"), &json!(true))
        );
        assert_eq!((&call["name"], &call["namespace"]), (&json!("DynamoDB"), &json!("aws")));
        assert_eq!(call["annotations"], json!({ "refused": true, "error": "timeout" }));
    }

    #[test]
    fn only_what_the_other_side_did_wrong_is_a_fault() {
        let with = |outcome: &'static str| {
            let mut span = tree().record;
            span.say("flotilla.outcome", outcome);
            span
        };
        for (error, outcome, expected) in [
            ("500", "claimed", ["fault"].as_slice()),
            ("timeout", "claimed", &["fault"]),
            ("404", "claimed", &["error"]),
            ("429", "claimed", &["error", "throttle"]),
            ("ProvisionedThroughputExceededException", "claimed", &["error", "throttle"]),
            ("failed", "to_be_tried_again", &["error"]),
            ("failed", "failed", &["fault"]),
        ] {
            assert_eq!(flags(error, &with(outcome)), expected, "{error} {outcome}");
        }
    }

    #[test]
    fn nothing_is_sent_when_no_time_is_left() {
        let daemon = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        daemon.set_nonblocking(true).unwrap();
        let address = daemon.local_addr().unwrap().to_string();
        let ours = Daemon::read(&Environment::from([(ADDRESS, &*address)])).unwrap().unwrap();
        ours.send(&Segment::read(HEADER).unwrap(), &[tree()], Duration::ZERO);
        assert!(daemon.recv(&mut [0; 16]).is_err());
    }

    #[test]
    fn a_daemon_without_an_address_is_none_and_a_wrong_one_is_named() {
        assert!(Daemon::read(&Environment::default()).unwrap().is_none());
        for wrong in ["daemon", "tcp:127.0.0.1:2000", "127.0.0.1"] {
            let wrong = Daemon::read(&Environment::from([(ADDRESS, wrong)])).unwrap_err();
            assert_eq!(wrong.name, ADDRESS);
        }
    }
}
