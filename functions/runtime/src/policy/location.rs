//! Where a policy document is, as the parameter says it.

use crate::signed::Object;

/// Not a place in S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected s3://BUCKET/KEY or s3://BUCKET/KEY?versionId=ID")]
pub(super) struct NoLocation;

/// Reads the parameter's value.
pub(super) fn parse(text: &str) -> Result<Object, NoLocation> {
    let rest = text.trim().strip_prefix("s3://").ok_or(NoLocation)?;
    let (path, version) = match rest.split_once("?versionId=") {
        None => (rest, None),
        Some((path, version)) => (path, Some(version)),
    };
    let (bucket, key) = path.split_once('/').ok_or(NoLocation)?;
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    let is_bucket = (3..=63).contains(&bucket.len()) && bucket.bytes().all(letter);
    let fits = |text: &str| (1..=1024).contains(&text.len()) && !text.contains(char::is_control);
    // What looks like a misspelt version would otherwise be a part of the key.
    if !is_bucket || !fits(key) || key.contains('?') || !version.is_none_or(fits) {
        return Err(NoLocation);
    }
    let version = version.map(str::to_owned);
    Ok(Object { bucket: bucket.to_owned(), key: key.to_owned(), version })
}

/// The same in words, for logs. Its parts are bounded by [`parse`].
pub(super) fn words(object: &Object) -> String {
    let Object { bucket, key, version } = object;
    version.as_ref().map_or_else(
        || format!("s3://{bucket}/{key}"),
        |version| format!("s3://{bucket}/{key}?versionId={version}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_nothing_else_is_one() {
        for text in ["s3://our-bucket/policy.toml", "s3://b.c.d/a/b c.toml?versionId=x/Y.1"] {
            assert_eq!(words(&parse(text).unwrap()), text);
        }
        assert!(parse(" s3://our-bucket/policy.toml\n").is_ok());
        for wrong in [
            "",
            "policy.toml",
            "s3://",
            "s3://bucket",
            "s3://bucket/",
            "s3://Bu/k",
            "s3://b_c/k",
            "https://bucket.s3.amazonaws.com/k",
            "s3://bucket/k?versionId=",
            "s3://bucket/k?v=1",
        ] {
            assert_eq!(parse(wrong), Err(NoLocation), "{wrong}");
        }
    }
}
