//! What AWS answered, or did not, and what to do about it.
//!
//! AWS names an error by a code. The codes of one cause differ from service to
//! service, so they are gathered here: a person is told the cause.

use super::causes;
use aws_sdk_dynamodb::error::ErrorMetadata;
use std::error::Error;

/// Why a call was in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cause {
    /// The credentials may not do this.
    Denied(Denial),
    /// The session is over.
    Expired,
    /// AWS does not know the credentials.
    Unknown,
    /// They do not belong together, or the clock is wrong.
    Signature,
    /// There are none.
    NoCredentials,
    /// Too many requests.
    Throttled,
    /// What was asked about is not there.
    Missing,
    /// AWS itself is in trouble.
    Broken,
    /// Nobody answers.
    Unreachable,
    /// Nobody answered in time.
    Silent,
    /// Somebody answers who is not AWS.
    NotAws,
    /// Anything else.
    Other,
}

/// Who may not do what, as far as AWS says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Denial {
    who: Option<String>,
    action: Option<String>,
    resource: Option<String>,
}

/// What came back, in one line, and its cause.
pub(super) fn read(error: &dyn Error) -> (String, Cause) {
    match said(error) {
        Some((code, message)) => {
            let cause = of_code(&code, &message);
            let text = if message.is_empty() { code } else { format!("{code}: {message}") };
            (text, cause)
        }
        None => {
            let text = causes(error);
            let cause = of_silence(&text);
            (text, cause)
        }
    }
}

/// The cause of an error that is there in words only, as the task store tells it.
pub(super) fn in_words(text: &str) -> Cause {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.'));
    let known = words.map(|word| of_code(word, text)).find(|cause| *cause != Cause::Other);
    known.unwrap_or_else(|| of_silence(text))
}

/// The code and the message of what AWS said.
fn said(error: &dyn Error) -> Option<(String, String)> {
    let mut cause = error.source();
    let mut deepest = None;
    while let Some(next) = cause {
        if let Some(told) = next.downcast_ref::<ErrorMetadata>() {
            let message = told.message().unwrap_or_default();
            return Some((told.code()?.to_owned(), message.to_owned()));
        }
        deepest = Some(next.to_string());
        cause = next.source();
    }
    // An error that the service's model names says `Code: message`.
    if error.to_string() != "service error" {
        return None;
    }
    let text = deepest?;
    let (code, message) = text.split_once(": ").unwrap_or((&text, ""));
    // What the client says of an answer that it cannot read is a sentence.
    (!code.contains(' ')).then(|| (code.to_owned(), message.to_owned()))
}

fn of_code(code: &str, message: &str) -> Cause {
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "AuthorizationError"
        | "InvalidSecurity"
        | "UnauthorizedOperation"
        | "NotAuthorized" => Cause::Denied(Denial::read(message)),
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => Cause::Expired,
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidAccessKeyId"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" => Cause::Unknown,
        "SignatureDoesNotMatch" | "InvalidSignatureException" | "IncompleteSignature" => {
            Cause::Signature
        }
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "ProvisionedThroughputExceededException"
        | "SlowDown" => Cause::Throttled,
        "ResourceNotFoundException"
        | "QueueDoesNotExist"
        | "AWS.SimpleQueueService.NonExistentQueue" => Cause::Missing,
        "InternalFailure"
        | "InternalServerError"
        | "InternalError"
        | "ServiceException"
        | "ServiceUnavailable"
        | "ServiceUnavailableException" => Cause::Broken,
        _ => Cause::Other,
    }
}

/// Where AWS said nothing: what the client says about that.
fn of_silence(text: &str) -> Cause {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["CredentialsNotLoaded", "no providers in chain", "no credentials"]) {
        Cause::NoCredentials
    } else if has(&["request has timed out"]) {
        Cause::Silent
    } else if has(&["dispatch failure"]) {
        Cause::Unreachable
    } else if has(&["response error", "service error"]) {
        Cause::NotAws
    } else {
        Cause::Other
    }
}

impl Denial {
    /// `User: ARN is not authorized to perform: ACTION on resource: ARN because ...`.
    fn read(message: &str) -> Self {
        let after = |words: &str| {
            let (_, rest) = message.split_once(words)?;
            let word = rest.split_whitespace().next()?;
            Some(word.trim_end_matches(['.', ',', '"']).to_owned())
        };
        Self {
            who: after("User: "),
            action: after("to perform: "),
            resource: after("on resource: "),
        }
    }

    fn advice(&self) -> String {
        let who = self.who.as_deref().unwrap_or("These credentials");
        let action = self.action.as_deref().unwrap_or("this");
        let resource = self.resource.as_ref().map(|on| format!(" on {on}")).unwrap_or_default();
        format!(
            "{who} may not do {action}{resource}. Allow it, or use credentials that may \
             (AWS_PROFILE)."
        )
    }
}

impl Cause {
    /// What to do.
    pub(super) fn advice(&self) -> String {
        let text = match self {
            Self::Denied(denial) => return denial.advice(),
            Self::Expired => {
                "The session is over. Sign in again (`aws sso login`, or whatever gave these \
                 credentials), then try again."
            }
            Self::Unknown => {
                "AWS does not know these credentials. Are AWS_PROFILE and AWS_ACCESS_KEY_ID \
                 right, is a session token missing (AWS_SESSION_TOKEN), and is the region \
                 (AWS_REGION) one that the account uses?"
            }
            Self::Signature => {
                "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID, or this machine's \
                 clock is wrong: check both."
            }
            Self::NoCredentials => {
                "Sign in (`aws sso login`), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY. A local cloud takes any; `make up` prints the lines."
            }
            Self::Throttled => {
                "AWS wants fewer requests, and still did after several tries. Wait a minute and \
                 try again; if it stays, look at the service's quotas."
            }
            Self::Missing => {
                "What the stack names is not there. Was it deleted by hand? `sam deploy` brings \
                 it back. Is it the right region (AWS_REGION)?"
            }
            Self::Broken => "AWS says that it is its own fault. Try again in a minute.",
            Self::Unreachable => {
                "Nobody answers there. Is the cloud running? `make up` starts a local one; \
                 AWS_ENDPOINT_URL says where it is. Without it AWS is asked: is AWS_REGION a \
                 region, and is there a way to it?"
            }
            Self::Silent => {
                "No answer came in time. Is the cloud busy, or the network slow? Try again."
            }
            Self::NotAws => {
                "Whoever answers there does not answer as AWS does. Is AWS_ENDPOINT_URL right, \
                 and is there a proxy between?"
            }
            Self::Other => {
                "Check the stack (--stack), AWS_REGION, and that the credentials may do this."
            }
        };
        text.to_owned()
    }
}

#[cfg(test)]
mod tests;
