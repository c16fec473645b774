//! The comparison in words.

use super::compare::{Change, Comparison, Side};
use std::io::{self, Write};

impl Comparison {
    /// Writes each change with its reasons, and the sums.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn tell(&self, out: &mut dyn Write) -> io::Result<()> {
        for change in &self.changed {
            self.change(change, out)?;
        }
        let (all, changed) = (self.compared, self.changed.len());
        writeln!(
            out,
            "{changed} of {all} decisions would change from {} to {}",
            self.old, self.new
        )?;
        for ((old, new), count) in self.kinds() {
            writeln!(out, "  {count} from {old} to {new}")?;
        }
        let gain = self.new_cost_cents - self.old_cost_cents;
        let (old, new) = (self.money(self.old_cost_cents), self.money(self.new_cost_cents));
        writeln!(out, "what they book would cost {new} instead of {old} ({})", self.signed(gain))?;
        if self.without_rate > 0 {
            let (count, name) = (self.without_rate, &self.old);
            writeln!(out, "  without {count} bookings in a currency that {name} has no rate for")?;
        }
        if !self.not_compared.is_empty() {
            let count = self.not_compared.len();
            writeln!(
                out,
                "{count} more could not be compared: {} decides them otherwise today, because more \
                 has been learned since or a carrier had refused: {}",
                self.old,
                self.not_compared.join(", ")
            )?;
        }
        Ok(())
    }

    fn change(&self, change: &Change, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{} ({}, task {})", change.shipment, change.event, change.task)?;
        writeln!(out, "  {}: {}", self.old, self.side(&change.old))?;
        writeln!(out, "  {}: {}", self.new, self.side(&change.new))?;
        if let (Some(old), Some(new)) = (change.old.cost_cents, change.new.cost_cents)
            && old != new
        {
            writeln!(out, "  costs {}", self.signed(new - old))?;
        }
        Ok(())
    }

    fn side(&self, side: &Side) -> String {
        let mut text = side.action.to_owned();
        if let Some(booking) = &side.booking {
            let cost = side.cost_cents.map_or_else(|| "?".to_owned(), |cents| self.money(cents));
            text.push_str(&format!(" {booking} for {cost}"));
        }
        if side.tell_customer {
            text.push_str(", customer told");
        }
        format!("{text}. {}", side.reason)
    }

    fn money(&self, cents: i64) -> String {
        let sign = if cents < 0 { "-" } else { "" };
        let cents = cents.unsigned_abs();
        format!("{sign}{}.{:02} {}", cents / 100, cents % 100, self.currency)
    }

    fn signed(&self, cents: i64) -> String {
        let plus = if cents > 0 { "+" } else { "" };
        format!("{plus}{}", self.money(cents))
    }
}
