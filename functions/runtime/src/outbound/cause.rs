//! Why a call failed, in a few words.

use flotilla_task::safe;
use std::error::Error;

/// The innermost cause of a failed call; the outer ones repeat the URL, which may hold
/// what nobody should read.
#[must_use]
pub fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    safe(&cause.to_string())
}
