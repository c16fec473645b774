//! Each cause with an error that a real client makes of a real answer.

use super::*;
use crate::cloud::http;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::Credentials;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers everything with one answer, and says where.
async fn answering(status: u16, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 65_536];
            // Requests this small come in one piece or two; the answer fits both.
            let _ = stream.read(&mut request).await;
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.0\r\n\
                 content-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    place
}

async fn configuration(endpoint: &str) -> SdkConfig {
    let limits = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(2)).build();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-west-1"))
        .endpoint_url(endpoint)
        .credentials_provider(Credentials::new("AKID", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .timeout_config(limits)
        .http_client(http())
        .load()
        .await
}

/// What DynamoDB's client makes of an answer.
async fn queried(endpoint: &str) -> (String, Cause) {
    let client = aws_sdk_dynamodb::Client::new(&configuration(endpoint).await);
    let asked = client.query().table_name("t").key_condition_expression("pk = :pk").send().await;
    read(&asked.unwrap_err())
}

async fn of(status: u16, body: &'static str) -> (String, Cause) {
    queried(&answering(status, body).await).await
}

#[tokio::test]
async fn a_denial_names_who_and_what() {
    let (text, cause) = of(
        400,
        r#"{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"User: arn:aws:sts::123456789012:assumed-role/ops/anna is not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:eu-west-1:123456789012:table/flotilla-fleet because no identity-based policy allows the dynamodb:Query action"}"#,
    )
    .await;
    assert!(text.starts_with("AccessDeniedException: User: arn:aws:sts::"), "{text}");
    let advice = cause.advice();
    let expected = "arn:aws:sts::123456789012:assumed-role/ops/anna may not do dynamodb:Query on \
                    arn:aws:dynamodb:eu-west-1:123456789012:table/flotilla-fleet. Allow it";
    assert!(advice.starts_with(expected), "{advice}");
    // Services that do not say who.
    let (_, cause) = of(400, r#"{"__type":"AccessDenied","message":"Access is denied."}"#).await;
    assert!(cause.advice().starts_with("These credentials may not do this."), "{cause:?}");
}

#[tokio::test]
async fn credentials_that_do_not_hold_are_told_apart() {
    for (code, cause) in [
        ("ExpiredTokenException", Cause::Expired),
        ("UnrecognizedClientException", Cause::Unknown),
        ("InvalidSignatureException", Cause::Signature),
    ] {
        let body = format!(r#"{{"__type":"com.amazon.coral#{code}","message":"No."}}"#);
        let (text, found) = of(400, body.leak()).await;
        assert_eq!((text, found), (format!("{code}: No."), cause));
    }
    // CloudFormation speaks XML.
    let body = "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code>\
                <Message>The security token included in the request is expired</Message></Error>\
                <RequestId>1</RequestId></ErrorResponse>";
    let endpoint = answering(403, body).await;
    let client = aws_sdk_cloudformation::Client::new(&configuration(&endpoint).await);
    let error = client.describe_stacks().send().await.unwrap_err();
    let (text, cause) = read(&error);
    assert_eq!(text, "ExpiredToken: The security token included in the request is expired");
    assert!(cause.advice().contains("aws sso login"), "{cause:?}");
}

#[tokio::test]
async fn throttling_missing_things_and_trouble_at_aws() {
    for (code, cause) in [
        ("ThrottlingException", Cause::Throttled),
        ("ProvisionedThroughputExceededException", Cause::Throttled),
        ("ResourceNotFoundException", Cause::Missing),
        ("InternalServerError", Cause::Broken),
        ("ValidationException", Cause::Other),
    ] {
        let body = format!(r#"{{"__type":"com.amazonaws#{code}","message":"No."}}"#);
        let (text, found) = of(400, body.leak()).await;
        assert_eq!((text, found), (format!("{code}: No."), cause));
    }
    let body = r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The queue is gone."}"#;
    let endpoint = answering(400, body).await;
    let client = aws_sdk_sqs::Client::new(&configuration(&endpoint).await);
    let error = client.get_queue_attributes().queue_url(&endpoint).send().await.unwrap_err();
    let (text, cause) = read(&error);
    assert_eq!((text.as_str(), cause), ("QueueDoesNotExist: The queue is gone.", Cause::Missing));
}

#[tokio::test]
async fn no_answer_and_answers_of_others() {
    // A port that nobody listens on.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (text, cause) = queried(&nobody).await;
    assert_eq!(cause, Cause::Unreachable, "{text}");
    assert!(text.contains("refused"), "{text}");
    // Somebody who listens and never answers.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("http://{}", listener.local_addr().unwrap());
    let (text, cause) = queried(&silent).await;
    assert_eq!(cause, Cause::Silent, "{text}");
    let (text, cause) = of(200, "<html>Welcome to the hotel</html>").await;
    assert_eq!(cause, Cause::NotAws, "{text}");
    let (text, cause) = of(502, "<html>Bad gateway</html>").await;
    assert_eq!(cause, Cause::NotAws, "{text}");
}

#[test]
fn without_credentials_that_is_said() {
    let text = "dispatch failure: other: no providers in chain provided credentials";
    let (_, cause) = read(&std::io::Error::other(text));
    assert_eq!(cause, Cause::NoCredentials);
    assert!(cause.advice().contains("AWS_PROFILE"));
}

#[test]
fn an_error_in_words_has_a_cause_as_well() {
    let told = "service error: unhandled error (AccessDeniedException): Error { code: \
                \"AccessDeniedException\", message: \"User: anna is not authorized to perform: \
                dynamodb:GetItem on resource: t\" }";
    let advice = in_words(told).advice();
    assert!(advice.starts_with("anna may not do dynamodb:GetItem on t"), "{advice}");
    assert_eq!(in_words("unavailable: dispatch failure: io error"), Cause::Unreachable);
    assert_eq!(in_words("a field is missing"), Cause::Other);
}
