//! Events that wait until somebody says which shipment they belong to.

use super::Cloud;
use super::attention::Wanted;
use crate::error::Error;
use jiff::Timestamp;

/// One event that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The load it waits for, `sscc:003456789012345670`.
    pub load: String,
    /// Since when.
    pub since: Timestamp,
}

impl Cloud {
    /// Every event that waits, the longest first. Asks the index of what needs
    /// attention, so it costs no scan, and lags behind the table by moments.
    ///
    /// # Errors
    /// [`Error::Environment`] when DynamoDB does not answer.
    pub async fn waiting(&self) -> Result<Vec<Waiting>, Error> {
        let entries = self.attention(Wanted::Parked).await?;
        let waiting = entries.into_iter().filter_map(|entry| {
            let load = entry.pk.strip_prefix("ID#")?.to_owned();
            let since = i64::try_from(entry.since_ms).ok()?;
            Some(Waiting { load, since: Timestamp::from_millisecond(since).ok()? })
        });
        Ok(waiting.collect())
    }
}
