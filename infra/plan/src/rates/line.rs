//! From one point to the next.

use super::Point;

/// A straight line between two points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Where it begins.
    pub from: Point,
    /// Where it ends, not earlier.
    pub to: Point,
}

impl Line {
    /// The lines between points in order.
    pub fn between(points: &[Point]) -> impl DoubleEndedIterator<Item = Self> + '_ {
        let ends = points.iter().skip(1);
        points.iter().zip(ends).map(|(from, to)| Self { from: *from, to: *to })
    }

    /// In seconds.
    #[must_use]
    pub fn length(&self) -> f64 {
        self.to.time - self.from.time
    }

    fn slope(&self) -> f64 {
        if self.length() > 0.0 { (self.to.rate - self.from.rate) / self.length() } else { 0.0 }
    }

    /// The rate so many seconds after its beginning.
    #[must_use]
    pub fn rate(&self, after: f64) -> f64 {
        self.from.rate + self.slope() * after
    }

    /// The area below its first so many seconds.
    #[must_use]
    pub fn area(&self, after: f64) -> f64 {
        (self.from.rate + self.rate(after)) / 2.0 * after
    }

    /// After how long the area is this large: the root of a quadratic equation, in the
    /// form that loses no digits where the line is nearly level.
    #[must_use]
    pub fn reaches(&self, area: f64) -> f64 {
        let start = self.from.rate;
        let root = (start * start + 2.0 * self.slope() * area).max(0.0).sqrt();
        let after = if start + root > 0.0 { 2.0 * area / (start + root) } else { 0.0 };
        after.clamp(0.0, self.length())
    }
}
