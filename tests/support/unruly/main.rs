//! A function that behaves as its event says, for the host's own tests.
//!
//! ```text
//! "tell"    answers with what it was told about the invocation
//! "fail"    reports an error
//! "crash"   ends without a word
//! "hang"    never answers
//! "wrong"   answers another invocation first, and tells what that came to
//! ```
//!
//! `UNRULY=cannot` makes it report that it cannot begin, `UNRULY=ends` makes it end
//! before it has asked for anything.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "it may well fail"
)]

use reqwest::header::HeaderMap;
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let _already = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
    let url = |path: &str| format!("http://{api}/2018-06-01/runtime/{path}");
    let post = async |path: String, body: &Value| {
        client.post(url(&path)).json(body).send().await.unwrap().status().as_u16()
    };
    match std::env::var("UNRULY").as_deref() {
        Ok("cannot") => {
            post("init/error".to_owned(), &json!({"errorMessage": "no table"})).await;
        }
        Ok("ends") => {
            println!("the table is missing");
            std::process::exit(7);
        }
        _ => {}
    }
    loop {
        let event = client.get(url("invocation/next")).send().await.unwrap();
        let headers = event.headers().clone();
        let id = header(&headers, "lambda-runtime-aws-request-id");
        let wish: Value = serde_json::from_slice(&event.bytes().await.unwrap()).unwrap();
        println!("asked to {wish}");
        match wish.as_str().unwrap() {
            "tell" => {
                post(format!("invocation/{id}/response"), &told(&headers)).await;
            }
            "fail" => {
                let why = json!({"errorType": "Unruly", "errorMessage": "I would rather not"});
                post(format!("invocation/{id}/error"), &why).await;
            }
            "crash" => std::process::exit(3),
            "hang" => std::future::pending().await,
            "wrong" => {
                let came_to = post("invocation/another/response".to_owned(), &json!(1)).await;
                post(format!("invocation/{id}/response"), &json!(came_to)).await;
            }
            other => panic!("no idea how to {other}"),
        }
    }
}

fn header(headers: &HeaderMap, name: &str) -> String {
    headers[name].to_str().unwrap().to_owned()
}

fn told(headers: &HeaderMap) -> Value {
    json!({
        "id": header(headers, "lambda-runtime-aws-request-id"),
        "deadline": header(headers, "lambda-runtime-deadline-ms"),
        "arn": header(headers, "lambda-runtime-invoked-function-arn"),
        "trace": header(headers, "lambda-runtime-trace-id"),
        "variables": std::env::vars().collect::<std::collections::BTreeMap<_, _>>(),
    })
}
