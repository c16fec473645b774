//! Where a process announces that it stands at a crash point.

use flotilla_crashpoint::{Point, VARIABLE};
use std::net::Ipv4Addr;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Waits for one process to reach one point.
#[derive(Debug)]
pub struct Trap {
    listener: TcpListener,
    /// What the process has to find in [`VARIABLE`].
    pub value: String,
}

/// A process that stands at its point.
#[derive(Debug)]
pub struct Caught {
    line: TcpStream,
    /// The point's name.
    pub at: String,
    /// The process.
    pub pid: u32,
}

impl Trap {
    /// The variable that leads a process into it.
    pub const VARIABLE: &str = VARIABLE;

    /// Sets a trap at a point, for the time that it is reached `nth`.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn set(point: Point, nth: u32) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let value = format!("{}:{nth}@{}", point.name(), listener.local_addr()?);
        Ok(Self { listener, value })
    }

    /// Waits until the process stands there.
    ///
    /// # Errors
    /// When the announcement breaks off.
    pub async fn caught(self) -> std::io::Result<Caught> {
        let (mut line, _) = self.listener.accept().await?;
        let mut said = String::new();
        BufReader::new(&mut line).read_line(&mut said).await?;
        let (at, pid) = said.trim().split_once(' ').unwrap_or_default();
        let pid = pid.parse().map_err(std::io::Error::other)?;
        Ok(Caught { at: at.to_owned(), pid, line })
    }
}

impl Caught {
    /// Lets it go on, as soon as it runs.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn let_go(mut self) -> std::io::Result<()> {
        self.line.write_all(b"g").await
    }
}
