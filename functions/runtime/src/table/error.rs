//! DynamoDB's errors as the port's: does a retry help?

use super::item::Item;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use flotilla_task::StoreError;

/// Errors of the operations that take a condition.
pub(super) trait Conditional:
    ProvideErrorMetadata + std::error::Error + Send + Sync + 'static
{
    /// The old item of a failed condition; the outer none when it was another error.
    fn failed_condition(&self) -> Option<Option<Item>>;
}

macro_rules! conditional {
    ($($error:ident),*) => {$(
        impl Conditional for $error {
            fn failed_condition(&self) -> Option<Option<Item>> {
                match self {
                    Self::ConditionalCheckFailedException(failed) => Some(failed.item.clone()),
                    // The SDK's error enums are open; everything else is an error.
                    _ => None,
                }
            }
        }
    )*};
}
conditional!(PutItemError, UpdateItemError);

/// The old item when the condition failed, the port's error otherwise.
pub(super) fn old_item<E: Conditional, R: std::fmt::Debug + Send + Sync + 'static>(
    error: SdkError<E, R>,
) -> Result<Option<Item>, StoreError> {
    let failed = error.as_service_error().and_then(Conditional::failed_condition);
    failed.ok_or_else(|| unavailable(error))
}

/// The port's error for an SDK error: what the service refused for good is
/// rejected, everything else may be tried again.
pub fn unavailable<E, R>(error: SdkError<E, R>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let code = error.code().unwrap_or_default().to_owned();
    let text = format!("{}", aws_sdk_dynamodb::error::DisplayErrorContext(&error));
    let text: String = text.chars().take(300).collect();
    match code.as_str() {
        "ValidationException" => StoreError::Rejected(text),
        // A missing permission or table is an operator's mistake that gets mended;
        // it must not fail the traffic of the meantime.
        _ => StoreError::Unavailable(text),
    }
}
