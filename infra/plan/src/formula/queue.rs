//! Servers that take several at once from one queue, in equilibrium.
//!
//! Arrivals are a Poisson stream, service times exponential, and a server that becomes
//! free takes what waits, up to a batch: `M/M^[1,B]/c`. For batches of one this is the
//! queue of Erlang's C formula. While not every server is busy the balance equations are
//! Erlang's; while all are, the number that waits is geometric, with the root `z` of
//! `c m z^(B+1) - (l + c m) z + l = 0` that lies between 0 and 1 (l arrivals and m batches
//! a second and server).

/// A queue and its servers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Queue {
    /// Arrivals a second.
    pub arrivals: f64,
    /// Seconds that a batch takes, on average.
    pub seconds: f64,
    /// Servers. Between two whole numbers the results are in between.
    pub servers: f64,
    /// The most records of a batch.
    pub batch: f64,
}

/// What such a queue does on average.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Busy {
    /// The probability that all servers are busy, as an arrival finds them.
    pub all: f64,
    /// The root `z`: how much less likely each further one that waits is.
    pub root: f64,
    /// Seconds that one waits who finds all busy, on average.
    pub wait: f64,
    /// Servers at work.
    pub servers: f64,
    /// Records of a batch.
    pub fill: f64,
}

impl Queue {
    /// The share of the most that the servers can do: 1 and more never comes to rest.
    #[must_use]
    pub fn load(&self) -> f64 {
        self.arrivals * self.seconds / (self.servers * self.batch)
    }

    /// Its equilibrium; none where it has none.
    #[must_use]
    pub fn rest(&self) -> Option<Busy> {
        if self.arrivals <= 0.0 || self.servers <= 0.0 {
            return None;
        }
        if self.load() >= 1.0 {
            return None;
        }
        let root = self.root();
        let offered = self.arrivals * self.seconds;
        // Erlang's B: the share of time in which all of c are busy, if nobody waited.
        let blocked = erlang_b(offered, self.servers);
        let waiting = 1.0 / (1.0 - root);
        let below = 1.0 / blocked - 1.0;
        let all = waiting / (below + waiting);
        let servers = (offered * below - self.servers + self.servers * waiting) / (below + waiting);
        // The sum loses its digits where hardly any server is busy, and needs none there.
        let servers = if all < 1e-6 { offered } else { servers.clamp(1e-12, self.servers) };
        let fill = (self.arrivals * self.seconds / servers).clamp(1.0, self.batch);
        Some(Busy { all, root, wait: root / ((1.0 - root) * self.arrivals), servers, fill })
    }

    /// The average wait of all arrivals, in seconds; none without an equilibrium.
    #[must_use]
    pub fn wait(&self) -> Option<f64> {
        self.rest().map(|busy| busy.all * busy.wait)
    }

    /// By halving: the polynomial divided by `z - 1` grows from below to above zero.
    fn root(&self) -> f64 {
        let ratio = self.servers / self.seconds / self.arrivals;
        // ratio (z + z^2 + ... + z^B) = 1
        let above = |z: f64| ratio * z * (1.0 - z.powf(self.batch)) / (1.0 - z) > 1.0;
        let (mut low, mut high) = (0.0, 1.0 - 1e-12);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if above(middle) { high = middle } else { low = middle }
        }
        f64::midpoint(low, high)
    }
}

/// Erlang's B by its recursion, between whole numbers of servers in a straight line.
fn erlang_b(offered: f64, servers: f64) -> f64 {
    let whole = servers.floor();
    let mut blocked = 1.0;
    let mut count = 0.0;
    while count < whole {
        count += 1.0;
        blocked = offered * blocked / (count + offered * blocked);
    }
    let next = offered * blocked / (whole + 1.0 + offered * blocked);
    (blocked + (servers - whole) * (next - blocked)).max(f64::MIN_POSITIVE)
}
