//! The terminal, the keys, and the loop between them and the cloud.
//!
//! The terminal is given back as it was: at the end, after an error, after a signal
//! that ends the process, and before a panic says what it has to say.

use super::view::{Effect, Happened, View};
use super::{detail, draw};
use crate::cloud::Cloud;
use crate::error::Error;
use crate::see::fleet::gather::Wish;
use flotilla_task::SystemClock;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{Event, KeyEventKind, poll, read};
use std::io;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{MissedTickBehavior, interval};

/// How soon the thread that waits for keys sees that nobody listens any more.
const NOTICE: Duration = Duration::from_millis(100);

/// Shows the view until a key or a signal ends it.
pub(super) async fn run(cloud: &Cloud, wish: &Wish, mut view: View) -> Result<(), Error> {
    let mut screen = Screen::open()?;
    let mut keys = keys();
    let mut refresh = interval(view.every);
    refresh.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut ended = std::pin::pin!(ended());
    // What the cloud was asked and has not answered yet. One look at a time; details
    // beside it.
    let mut asked: FuturesUnordered<LocalBoxFuture<'_, Happened>> = FuturesUnordered::new();
    let mut looking = false;
    loop {
        screen.0.draw(|frame| draw::draw(frame, &view))?;
        let happened = tokio::select! {
            () = &mut ended => return Ok(()),
            event = keys.recv() => match event.transpose()? {
                // The thread ends only when nobody listens.
                None => return Ok(()),
                Some(Event::Key(key)) if key.kind != KeyEventKind::Release => Happened::Key(key),
                // Another size, or nothing of interest: the frame is drawn anew.
                Some(_) => continue,
            },
            Some(answer) = asked.next() => answer,
            _ = refresh.tick(), if !looking && !view.paused => {
                looking = true;
                asked.push(Box::pin(look(cloud, wish)));
                continue;
            }
        };
        looking &= !matches!(happened, Happened::Looked(_) | Happened::Failed(_));
        match view.update(happened) {
            Effect::Draw => {}
            Effect::Quit => return Ok(()),
            Effect::Ask(stage) => asked.push(Box::pin(async move {
                Happened::Detail(stage, detail::ask(cloud, stage).await.map_err(told))
            })),
            Effect::Read(id) => asked.push(Box::pin(async move {
                let story = detail::read(cloud, &id).await.map_err(told);
                Happened::Story(id, story)
            })),
        }
    }
}

async fn look(cloud: &Cloud, wish: &Wish) -> Happened {
    match cloud.snapshot(wish, &SystemClock).await {
        Ok(fleet) => Happened::Looked(Box::new(fleet)),
        Err(error) => Happened::Failed(told(error)),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "it is what errors are mapped with")]
fn told(error: Error) -> String {
    error.to_string()
}

/// The terminal, ours until it is dropped.
struct Screen(DefaultTerminal);

impl Screen {
    /// Takes it over. From then on a panic gives it back before it speaks.
    fn open() -> io::Result<Self> {
        let opened = ratatui::try_init();
        if opened.is_err() {
            // Half of it may be done.
            let _ = ratatui::try_restore();
        }
        opened.map(Self)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Whoever sees this fail sees the terminal as well: there is nobody to tell.
        let _ = self.0.show_cursor();
        let _ = ratatui::try_restore();
    }
}

/// What the terminal says, from a thread that waits for it: reading a terminal blocks.
fn keys() -> UnboundedReceiver<io::Result<Event>> {
    let (told, keys) = unbounded_channel();
    std::thread::spawn(move || wait_for_keys(&told));
    keys
}

fn wait_for_keys(told: &UnboundedSender<io::Result<Event>>) {
    while !told.is_closed() {
        let event = match poll(NOTICE) {
            Ok(false) => continue,
            Ok(true) => read(),
            Err(error) => Err(error),
        };
        let over = event.is_err();
        if told.send(event).is_err() || over {
            return;
        }
    }
}

/// Waits for a signal that ends the process. Ctrl-C is a key here, and this one comes
/// from elsewhere.
async fn ended() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt()];
        let mut signals: Vec<_> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
        if !signals.is_empty() {
            let waits = signals.iter_mut().map(|signal| Box::pin(signal.recv()));
            futures_util::future::select_all(waits).await;
            return;
        }
    }
    // Without it the process ends as it would anyway.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
