//! A call as it is sent: method, URL, headers, body, and the signature over them.

use super::{Error, Object};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use flotilla_task::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, Url};
use std::time::{Duration, UNIX_EPOCH};

/// What stands for itself in a path or a query (RFC 3986's unreserved).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The same in an object's key, whose slashes are the path's.
const KEY: &AsciiSet = &ENCODED.remove(b'/');

/// A call before it is signed.
#[derive(Debug)]
pub(super) struct Call {
    service: &'static str,
    pub(super) method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

impl Call {
    /// `ssm:GetParameter`.
    pub(super) fn parameter(name: &str) -> Self {
        let body = serde_json::json!({ "Name": name, "WithDecryption": true });
        Self::json("ssm", "AmazonSSM.GetParameter", &body)
    }

    /// `secretsmanager:GetSecretValue`.
    pub(super) fn secret(id: &str) -> Self {
        let body = serde_json::json!({ "SecretId": id });
        Self::json("secretsmanager", "secretsmanager.GetSecretValue", &body)
    }

    /// `s3:GetObject`. The bucket stands in the path: a name with dots in it has no
    /// certificate, and the local clouds know no hosts for buckets.
    pub(super) fn object(object: &Object, known: Option<&str>) -> Self {
        let encoded = |text, set| utf8_percent_encode(text, set);
        let (bucket, key) = (encoded(&object.bucket, ENCODED), encoded(&object.key, KEY));
        let path = match &object.version {
            None => format!("/{bucket}/{key}"),
            Some(version) => format!("/{bucket}/{key}?versionId={}", encoded(version, ENCODED)),
        };
        let headers = known.map(|tag| ("if-none-match", tag.to_owned())).into_iter().collect();
        Self { service: "s3", method: Method::GET, path, headers, body: String::new() }
    }

    fn json(service: &'static str, target: &str, body: &serde_json::Value) -> Self {
        Self {
            service,
            method: Method::POST,
            path: "/".to_owned(),
            headers: vec![
                ("content-type", "application/x-amz-json-1.1".to_owned()),
                ("x-amz-target", target.to_owned()),
            ],
            body: body.to_string(),
        }
    }

    /// The URL, and all headers with the signature among them.
    pub(super) fn sign(
        &self,
        region: &str,
        endpoint: Option<&str>,
        credentials: Credentials,
        now: Timestamp,
    ) -> Result<(Url, Vec<(String, String)>), Error> {
        let base = endpoint.map_or_else(|| self.endpoint(region), str::to_owned);
        let url = Url::parse(&format!("{base}{}", self.path))
            .map_err(|error| Error::Unset(format!("AWS_ENDPOINT_URL: {error}")))?;
        let unsigned = |problem: String| Error::Unset(format!("the signature: {problem}"));
        let identity = credentials.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(self.service)
            .time(UNIX_EPOCH + Duration::from_millis(now.as_millis()))
            .settings(self.settings())
            .build()
            .map_err(|error| unsigned(error.to_string()))?
            .into();
        let headers = self.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let body = SignableBody::Bytes(self.body.as_bytes());
        let request = SignableRequest::new(self.method.as_str(), url.as_str(), headers, body)
            .map_err(|error| unsigned(error.to_string()))?;
        let signed = sign(request, &params).map_err(|error| unsigned(error.to_string()))?;
        let (added, _) = signed.into_parts().0.into_parts();
        let own = self.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let added = added.iter().map(|added| (added.name().to_owned(), added.value().to_owned()));
        Ok((url, own.chain(added).collect()))
    }

    fn settings(&self) -> SigningSettings {
        let mut settings = SigningSettings::default();
        if self.service == "s3" {
            // S3 takes a path as it stands, and wants the body's hash in a header.
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        settings
    }

    fn endpoint(&self, region: &str) -> String {
        let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        format!("https://{}.{region}.{suffix}", self.service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_millis(1_369_353_600_000);

    fn signed(call: &Call, endpoint: Option<&str>) -> (String, Vec<(String, String)>) {
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let keys = Credentials::new("AKIAIOSFODNN7EXAMPLE", secret, None, None, "test");
        let (url, headers) = call.sign("us-east-1", endpoint, keys, AT).unwrap();
        (url.to_string(), headers)
    }

    fn header<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
        &headers.iter().find(|(key, _)| key == name).unwrap_or_else(|| panic!("{name}")).1
    }

    fn object(key: &str, version: Option<&str>) -> Object {
        let version = version.map(str::to_owned);
        Object { bucket: "ours".to_owned(), key: key.to_owned(), version }
    }

    #[test]
    fn each_call_goes_to_its_service_and_names_what_it_wants() {
        let (url, headers) = signed(&Call::parameter("/flotilla/policy"), None);
        assert_eq!(url, "https://ssm.us-east-1.amazonaws.com/");
        assert_eq!(header(&headers, "x-amz-target"), "AmazonSSM.GetParameter");
        let authorization = header(&headers, "authorization");
        let scope = "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/ssm/aws4_request";
        assert!(authorization.contains(scope), "{authorization}");
        assert!(authorization.contains("SignedHeaders=content-type;host;"), "{authorization}");
        let (url, headers) = signed(&Call::secret("keys"), Some("http://127.0.0.1:4566"));
        assert_eq!(url, "http://127.0.0.1:4566/");
        assert_eq!(header(&headers, "x-amz-target"), "secretsmanager.GetSecretValue");
    }

    #[test]
    fn an_objects_key_is_encoded_once_and_its_hash_is_sent() {
        let call = Call::object(&object("a b/ü+c.toml", Some("v/1")), Some("\"tag\""));
        let (url, headers) = signed(&call, None);
        let expected =
            "https://s3.us-east-1.amazonaws.com/ours/a%20b/%C3%BC%2Bc.toml?versionId=v%2F1";
        assert_eq!(url, expected);
        assert_eq!(header(&headers, "if-none-match"), "\"tag\"");
        assert_eq!(header(&headers, "x-amz-content-sha256").len(), 64);
    }
}
