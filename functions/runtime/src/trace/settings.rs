//! OpenTelemetry's own variables, from the function's environment and from a file.
//!
//! | variable | here |
//! |---|---|
//! | `OTEL_EXPORTER_OTLP_ENDPOINT`, `..._TRACES_ENDPOINT` | where the collector listens for OTLP over HTTP; spans go there only when one of them is set |
//! | `OTEL_EXPORTER_OTLP_HEADERS`, `..._TRACES_HEADERS` | `name=value,...`, sent with every request |
//! | `OTEL_EXPORTER_OTLP_TIMEOUT`, `..._TRACES_TIMEOUT` | milliseconds that an invocation waits for the collector; 200, at most 1000 |
//! | `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` | as specified; the service is the function's name |
//! | `OTEL_TRACES_SAMPLER`, `..._ARG` | see [`sampler`](super::sampler) |
//! | `OTEL_SDK_DISABLED`, `OTEL_TRACES_EXPORTER` | `true`, and `none`, switch it off |
//!
//! As the specification wants it, a wrong value is told of and the default counts: a
//! function does not fail to start because of its traces.

use super::Sampler;
use crate::settings::{Environment, SettingError};
use percent_encoding::percent_decode_str;
use std::time::Duration;

/// Lines of `OTEL_...=value` in a layer, for all functions at once. The layer is part
/// of a function's version, so that another file is another version.
pub(super) const FILE: &str = "/opt/otel.env";

/// What an invocation waits for a collector, where nothing else is said.
const LIMIT_MS: u64 = 200;
/// And at most: a record's answer is worth more than its trace.
const MAX_LIMIT_MS: u64 = 1_000;

/// Where spans go, and how.
#[derive(Clone, PartialEq)]
pub(super) struct Otlp {
    /// The URL for traces.
    pub(super) url: String,
    /// Sent with every request. They may hold a key, hence no `Debug`.
    pub(super) headers: Vec<(String, String)>,
    /// How long an invocation waits.
    pub(super) limit: Duration,
    /// Which traces are kept.
    pub(super) sampler: Sampler,
    /// Who the spans are from.
    pub(super) resource: Vec<(String, String)>,
}

/// Reads the variables; none when no collector is named. What is wrong is listed.
pub(super) fn read(env: &Environment) -> (Option<Otlp>, Vec<SettingError>) {
    let mut wrong = Vec::new();
    let settings = endpoint(env, &mut wrong).map(|url| Otlp {
        url,
        headers: pairs(env, "HEADERS", &mut wrong),
        limit: limit(env, &mut wrong),
        sampler: Sampler::read(env).unwrap_or_else(|error| {
            wrong.push(error);
            Sampler::default()
        }),
        resource: resource(env, &mut wrong),
    });
    if let Some(protocol) =
        of(env, "PROTOCOL").filter(|it| settings.is_some() && *it != "http/json")
    {
        wrong.push(error("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", &format!("{protocol:?}")));
    }
    (settings, wrong)
}

/// The variable for traces, or the one for everything.
fn of<'a>(env: &'a Environment, name: &str) -> Option<&'a str> {
    env.get(&format!("OTEL_EXPORTER_OTLP_TRACES_{name}"))
        .or_else(|| env.get(&format!("OTEL_EXPORTER_OTLP_{name}")))
}

fn endpoint(env: &Environment, wrong: &mut Vec<SettingError>) -> Option<String> {
    let is = |name, value: &str| env.get(name).is_some_and(|it| it.eq_ignore_ascii_case(value));
    if is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none") {
        return None;
    }
    let given = of(env, "ENDPOINT")?;
    let own = env.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").is_some();
    let url =
        if own { given.to_owned() } else { format!("{}/v1/traces", given.trim_end_matches('/')) };
    if url.starts_with("https://") || url.starts_with("http://") {
        return Some(url);
    }
    // A URL may hold a key, so it is not told.
    wrong.push(error("OTEL_EXPORTER_OTLP_ENDPOINT", "an http or https URL", "another address"));
    None
}

fn limit(env: &Environment, wrong: &mut Vec<SettingError>) -> Duration {
    let millis = match of(env, "TIMEOUT").map(str::parse::<u64>) {
        None => LIMIT_MS,
        Some(Ok(millis)) if (1..=MAX_LIMIT_MS).contains(&millis) => millis,
        Some(given) => {
            let got = given.map_or_else(|_| "no number".to_owned(), |millis| millis.to_string());
            wrong.push(error("OTEL_EXPORTER_OTLP_TIMEOUT", "1 to 1000 milliseconds", &got));
            LIMIT_MS
        }
    };
    Duration::from_millis(millis)
}

/// `name=value,...` with values in percent encoding. A value is not told in an error:
/// it may be a key.
fn pairs(env: &Environment, name: &str, wrong: &mut Vec<SettingError>) -> Vec<(String, String)> {
    let listed = of(env, name).unwrap_or_default();
    listed_pairs(&format!("OTEL_EXPORTER_OTLP_{name}"), listed, wrong)
}

fn listed_pairs(name: &str, listed: &str, wrong: &mut Vec<SettingError>) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for part in listed.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let value = |text: &str| percent_decode_str(text.trim()).decode_utf8().map(String::from);
        match part.split_once('=').map(|(key, text)| (key.trim(), value(text))) {
            Some((key, Ok(value))) if !key.is_empty() => pairs.push((key.to_owned(), value)),
            Some(_) | None => wrong.push(error(name, "name=value pairs", "another one")),
        }
    }
    pairs
}

/// The function, and what the deployment says about it besides.
fn resource(env: &Environment, wrong: &mut Vec<SettingError>) -> Vec<(String, String)> {
    let name = "OTEL_RESOURCE_ATTRIBUTES";
    let mut resource = listed_pairs(name, env.get(name).unwrap_or_default(), wrong);
    let mut put = |key: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|_| !resource.iter().any(|(known, _)| known == key)) {
            resource.push((key.to_owned(), value.to_owned()));
        }
    };
    let function = env.get("AWS_LAMBDA_FUNCTION_NAME");
    put("service.name", env.get("OTEL_SERVICE_NAME").or(function).or(Some("flotilla")));
    put("faas.name", function);
    put("faas.version", env.get("AWS_LAMBDA_FUNCTION_VERSION"));
    put("faas.instance", env.get("AWS_LAMBDA_LOG_STREAM_NAME"));
    put("cloud.region", env.get("AWS_REGION"));
    resource
}

fn error(name: &str, expected: &'static str, got: &str) -> SettingError {
    SettingError { name: name.to_owned(), expected, got: got.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

    fn read_all<const N: usize>(pairs: [(&str, &str); N]) -> (Otlp, Vec<String>) {
        let (settings, wrong) = read(&Environment::from(pairs));
        (settings.expect("a collector"), wrong.into_iter().map(|it| it.to_string()).collect())
    }

    #[test]
    fn nothing_is_sent_unless_a_collector_is_named() {
        let off = |pairs: &[(&str, &str)]| {
            let pairs: [(&str, &str); 2] = pairs.try_into().unwrap();
            read(&Environment::from(pairs)).0.is_none()
        };
        assert!(off(&[("OTEL_SERVICE_NAME", "x"), (AT, "")]));
        assert!(off(&[("OTEL_SDK_DISABLED", "TRUE"), (AT, "http://c")]));
        assert!(off(&[("OTEL_TRACES_EXPORTER", "none"), (AT, "http://c")]));
        assert!(off(&[("OTEL_SERVICE_NAME", "x"), (AT, "collector:4317")]));
    }

    #[test]
    fn an_endpoint_for_everything_gets_the_path_of_traces_and_one_for_traces_has_its_own() {
        assert_eq!(read_all([(AT, "http://c:4318/")]).0.url, "http://c:4318/v1/traces");
        assert_eq!(read_all([(AT, "https://c/otlp")]).0.url, "https://c/otlp/v1/traces");
        let own = [(AT, "https://c"), ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://t/x")];
        assert_eq!(read_all(own).0.url, "http://t/x");
    }

    #[test]
    fn headers_are_decoded_and_never_told() {
        let given = "api-key=s%20ecret, x-tenant = us,broken";
        let (settings, wrong) = read_all([(AT, "http://c"), ("OTEL_EXPORTER_OTLP_HEADERS", given)]);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(settings.headers, [pair("api-key", "s ecret"), pair("x-tenant", "us")]);
        assert_eq!(wrong.len(), 1);
        assert!(!wrong[0].contains("broken") && wrong[0].contains("HEADERS"), "{wrong:?}");
    }

    #[test]
    fn a_wrong_value_is_told_of_and_the_default_counts() {
        let (settings, wrong) = read_all([
            (AT, "http://c"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "10000"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_TRACES_SAMPLER", "sometimes"),
        ]);
        assert_eq!(settings.limit, Duration::from_millis(200));
        assert_eq!(settings.sampler, Sampler::default());
        let told = wrong.join("\n");
        for part in ["milliseconds, got 10000", "expected http/json, got \"grpc\"", "\"sometimes\""]
        {
            assert!(told.contains(part), "{told}");
        }
    }

    #[test]
    fn an_address_that_is_refused_is_not_told() {
        let (settings, wrong) = read(&Environment::from([(AT, "collector.example/s3cret")]));
        assert!(settings.is_none());
        let told = wrong[0].to_string();
        assert!(told.starts_with(AT) && !told.contains("s3cret"), "{told}");
    }

    #[test]
    fn a_service_is_its_function_unless_it_has_another_name() {
        let function = ("AWS_LAMBDA_FUNCTION_NAME", "f-state");
        let named = |settings: Otlp, key: &str| {
            settings.resource.into_iter().find(|(name, _)| name == key).map(|(_, value)| value)
        };
        let (settings, _) = read_all([(AT, "http://c"), function]);
        assert_eq!(named(settings, "service.name").unwrap(), "f-state");
        let more = ("OTEL_RESOURCE_ATTRIBUTES", "service.namespace=shop,service.name=x");
        let (settings, _) = read_all([(AT, "http://c"), function, more]);
        assert_eq!(named(settings.clone(), "service.name").unwrap(), "x");
        assert_eq!(named(settings, "service.namespace").unwrap(), "shop");
    }
}
