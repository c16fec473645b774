//! A program in a terminal, as a person would see it: keys go in, a screen comes out.

use crate::{PATIENCE, command_line, until};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};

/// The smallest usual terminal.
const SIZE: PtySize = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };

/// A terminal that `flotilla` runs in.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    // Held open, so that the terminal's settings can be asked for when the program has ended.
    _slave: Box<dyn SlavePty + Send>,
    screen: Arc<Mutex<vt100::Parser>>,
    settings: String,
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.contents())
    }
}

impl Terminal {
    /// Starts `flotilla` in it.
    pub fn start(arguments: &[&str]) -> Self {
        let pair = native_pty_system().openpty(SIZE).unwrap();
        let mut command = CommandBuilder::new(command_line::binary());
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        let settings = settings(&*pair.master);
        let child = pair.slave.spawn_command(command).unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new(SIZE.rows, SIZE.cols, 0)));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let shown = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            while let Ok(length @ 1..) = reader.read(&mut bytes) {
                shown.lock().unwrap().process(&bytes[..length]);
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Self { child, keys, master: pair.master, _slave: pair.slave, screen, settings }
    }

    /// What is on the screen.
    pub fn contents(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Types that.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Makes it larger or smaller.
    pub fn resize(&self, rows: u16, cols: u16) {
        self.master.resize(PtySize { rows, cols, ..SIZE }).unwrap();
        self.screen.lock().unwrap().screen_mut().set_size(rows, cols);
    }

    /// Waits until the screen is as expected.
    pub async fn shows(&self, what: &str, is_there: impl Fn(&str) -> bool) -> String {
        let look = || async {
            let contents = self.contents();
            is_there(&contents).then_some(contents)
        };
        let waited = std::panic::AssertUnwindSafe(until(what, PATIENCE, look));
        match futures_util::FutureExt::catch_unwind(waited).await {
            Ok(contents) => contents,
            Err(_) => panic!("{what} is not on the screen:\n{}", self.contents()),
        }
    }

    /// Waits until the program has ended, and says with which exit code.
    pub async fn ended(&mut self) -> u32 {
        let child = std::cell::RefCell::new(&mut self.child);
        until("the program to end", PATIENCE, || async {
            let ended = child.borrow_mut().try_wait().unwrap();
            ended.map(|status| status.exit_code())
        })
        .await
    }

    /// Ends it as `kill` does.
    pub fn terminate(&self) {
        let id = self.child.process_id().unwrap().to_string();
        assert!(std::process::Command::new("kill").arg(id).status().unwrap().success());
    }

    /// Whether the terminal is as it was before the program started.
    pub async fn is_restored(&self) {
        until("the terminal to be as it was", PATIENCE, || async {
            let parser = self.screen.lock().unwrap();
            let screen = parser.screen();
            let screens = !screen.alternate_screen() && !screen.hide_cursor();
            (screens && settings(&*self.master) == self.settings).then_some(())
        })
        .await;
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It has ended already where all went well.
        let _ = self.child.kill();
    }
}

/// How the terminal treats what is typed and printed.
fn settings(master: &dyn MasterPty) -> String {
    let of = master.get_termios().unwrap();
    format!("{:?} {:?} {:?}", of.input_flags, of.output_flags, of.local_flags)
}
