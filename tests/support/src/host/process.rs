//! A child process: its end, and what it prints.

use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Child;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;

/// Collects the process when it ends, and ends it when asked to.
pub(super) async fn watch_over(
    mut child: Child,
    mut killed: UnboundedReceiver<()>,
    end: watch::Sender<Option<ExitStatus>>,
) {
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            asked = killed.recv() => {
                // Both are over: it has ended, or nobody holds it any more.
                let _ended = child.start_kill();
                if asked.is_none() {
                    break child.wait().await;
                }
            }
        }
    };
    if let Err(error) = &status {
        tracing::error!(%error, "a process could not be waited for");
    }
    let _nobody = end.send(Some(status.unwrap_or_default()));
}

/// Reads all the time, because a full pipe would stop the process.
pub(super) fn keep(
    pipe: Option<impl AsyncRead + Unpin + Send + 'static>,
    printed: &Arc<Mutex<String>>,
) {
    let Some(pipe) = pipe else { return };
    let printed = Arc::clone(printed);
    tokio::spawn(async move {
        let mut lines = BufReader::new(pipe).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let mut printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
            printed.push_str(&line);
            printed.push('\n');
        }
    });
}
