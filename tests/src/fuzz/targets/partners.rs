//! What a partner answers, down to its HTTP.

use super::{is_short, runtime};
use crate::recorded::values;
use flotilla_runtime::outbound::Outbound;
use flotilla_runtime::partners::{Directory, HttpPartners};
use flotilla_runtime::settings::Environment;
use flotilla_shipment::ports::{Audience, BookingRequest, CallError, Notice, Partners};
use flotilla_shipment::slot::Generation;
use flotilla_task::{ShipmentId, TaskId};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Longer than any error about an answer.
const ERROR: usize = 600;
/// The longest wait that a partner may ask for.
const WAIT: Duration = Duration::from_secs(900);

const BOOKED: &str = r#"{"reference":"SW-000001","service":"express","cost_cents":2981}"#;

pub(super) fn samples() -> Vec<Vec<u8>> {
    let answer = |status: &str, header: &str, body: &str| {
        let length = body.len();
        let json = "content-type: application/json";
        format!("HTTP/1.1 {status}\r\n{json}\r\n{header}content-length: {length}\r\n\r\n{body}")
            .into_bytes()
    };
    let chunk = BOOKED.len();
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunk:x}\r\n{BOOKED}\r\n0\r\n\r\n"
    );
    vec![
        answer("200 OK", "", BOOKED),
        answer("201 Created", "", BOOKED),
        answer("429 Too Many Requests", "retry-after: 7\r\n", ""),
        answer("422 Unprocessable Content", "", r#"{"error":"no such service"}"#),
        answer("302 Found", "location: /elsewhere\r\n", ""),
        answer("500 Internal Server Error", "", "sorry"),
        chunked.into_bytes(),
        answer("200 OK", "", &format!("[{BOOKED}]")),
        answer("200 OK", "ratelimit: \"default\";r=0;t=30\r\n", r#"{"error":"no"}"#),
        // The body alone, so that changes of its tree come first.
        BOOKED.as_bytes().to_vec(),
    ]
}

pub(super) fn check() -> impl Fn(&[u8]) {
    let runtime = runtime();
    let answer = Arc::new(Mutex::new(Vec::new()));
    let base = runtime.block_on(serve(Arc::clone(&answer)));
    let file =
        String::from_utf8(crate::fuzz::samples::file("functions/communication/data/partners.toml"));
    // Every carrier has a look-up here, which reads an answer of its own kind.
    let own = "{base}/bookings?key={key}\"\nhonours_keys";
    let file = file.unwrap().replace("\nhonours_keys", &format!("\nlook_up = \"{own}"));
    let directory = Directory::parse(&file, &base).unwrap();
    let partners = HttpPartners::new(directory, &here()).unwrap();
    move |bytes| {
        *answer.lock().unwrap() = if bytes.starts_with(b"HTTP/") {
            bytes.to_vec()
        } else {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", bytes.len());
            [head.as_bytes(), bytes].concat()
        };
        runtime.block_on(call(&partners));
    }
}

/// Calls may go to this machine.
fn here() -> Outbound {
    Outbound::read(&Environment::from([("OUTBOUND_LOOPBACK", "allow")])).unwrap()
}

/// Answers every call with what is in there, and hangs up.
async fn serve(answer: Arc<Mutex<Vec<u8>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut caller, _)) = listener.accept().await {
            let answer = answer.lock().unwrap().clone();
            tokio::spawn(async move {
                let mut asked = [0; 4096];
                let _asked = caller.read(&mut asked).await;
                let _gone = caller.write_all(&answer).await;
                let _gone = caller.shutdown().await;
            });
        }
    });
    base
}

async fn call(partners: &HttpPartners) {
    let shipment = ShipmentId::new("SHP-1").unwrap();
    let request = BookingRequest {
        key: "SHP-1/main/1".into(),
        shipment: shipment.clone(),
        generation: Generation(1),
        carrier: "swift".into(),
        service: "express".into(),
        via: None,
        origin: values::of("NLRTM"),
        destination: values::of("DEBER"),
        weight_g: 2400,
    };
    match partners.book(&request, &mut ()).await {
        Ok(booking) => {
            let long = booking.reference.len();
            assert!((1..=64).contains(&long) && booking.service == "express", "{booking:?}");
        }
        Err(error) => is_told(&error),
    }
    match partners.look_up(&request).await {
        Ok(booking) => {
            let long = booking.map_or(1, |booking| booking.reference.len());
            assert!((1..=64).contains(&long), "{long}");
        }
        Err(error) => is_told(&error),
    }
    if let Err(error) = partners.cancel(&values::booking(), &mut ()).await {
        is_told(&error);
    }
    let notice = Notice {
        audience: Audience::Customer,
        key: "t/customer".into(),
        shipment,
        task: TaskId::new("t").unwrap(),
        action: "notify",
        text: "late".into(),
    };
    if let Err(error) = partners.notify(&notice).await {
        is_told(&error);
    }
}

fn is_told(error: &CallError) {
    if let CallError::Throttled { after: Some(after), .. } = error {
        assert!(*after <= WAIT, "{after:?}");
    }
    is_short(error, ERROR);
}
