//! One plot: axes in nice steps, bands and lines, as SVG text.
//!
//! Text and axes are drawn in `currentColor`, so that they follow the page from white to
//! dark; the colours of what is plotted stand out from both.

mod axis;
mod legend;

use crate::error::Error;
use axis::Axis;
use plotters::chart::ChartBuilder;
use plotters::drawing::IntoDrawingArea;
use plotters::element::{Circle, PathElement, Polygon, Text};
use plotters::prelude::SVGBackend;
use plotters::series::DashedLineSeries;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, RGBAColor, RGBColor, TRANSPARENT, TextStyle};

/// Stands for the colour of text until the drawing is done; nothing else has it.
const INK: RGBColor = RGBColor(1, 2, 3);
/// Coordinates are whole numbers, so drawings are made larger than they are shown.
const FINE: u32 = 3;

/// A plot over the seconds of a run.
#[derive(Debug)]
pub(crate) struct Plot {
    /// What it shows, for who cannot see it.
    pub(crate) label: String,
    /// The unit of its numbers.
    pub(crate) unit: String,
    /// The last second.
    pub(crate) end: f64,
    /// When the last message was due.
    pub(crate) last_due: Option<f64>,
    /// What is drawn, the hindmost first.
    pub(crate) layers: Vec<Layer>,
    /// Width, height and text size as shown, in pixels.
    pub(crate) size: (u32, u32, u32),
    /// What is drawn above it with the names of its layers, where nothing else says it.
    pub(crate) names: Option<String>,
}

/// One thing that changes over time.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) name: String,
    pub(crate) colour: Colour,
    pub(crate) shape: Shape,
}

/// Colours that colour-blind people can tell apart, after Okabe and Ito; the ink is the
/// text's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    Ink,
    Blue,
    Orange,
    Green,
    Vermilion,
    Purple,
    Sky,
}

/// How it is drawn.
#[derive(Debug)]
pub(crate) enum Shape {
    /// Between two values at each moment.
    Band(Vec<(f64, f64, f64)>),
    /// Pieces of a line, with a gap wherever nothing was measured.
    Line(Vec<Vec<(f64, f64)>>),
}

impl Colour {
    const fn rgb(self) -> RGBColor {
        match self {
            Self::Ink => INK,
            Self::Blue => RGBColor(0x00, 0x72, 0xB2),
            Self::Orange => RGBColor(0xE6, 0x9F, 0x00),
            Self::Green => RGBColor(0x00, 0x9E, 0x73),
            Self::Vermilion => RGBColor(0xD5, 0x5E, 0x00),
            Self::Purple => RGBColor(0xCC, 0x79, 0xA7),
            Self::Sky => RGBColor(0x56, 0xB4, 0xE9),
        }
    }

    /// As CSS writes it.
    pub(crate) fn css(self) -> String {
        if self == Self::Ink {
            return "currentColor".to_owned();
        }
        let RGBColor(red, green, blue) = self.rgb();
        format!("#{red:02X}{green:02X}{blue:02X}")
    }
}

impl Layer {
    /// Bands let the grid shine through, the ink's most.
    fn fill(&self) -> RGBAColor {
        self.colour.rgb().mix(self.opacity())
    }

    /// The same for who draws its key.
    pub(crate) const fn opacity(&self) -> f64 {
        match (&self.shape, self.colour) {
            (Shape::Band(_), Colour::Ink) => 0.22,
            (Shape::Band(_), _) => 0.85,
            (Shape::Line(_), _) => 1.0,
        }
    }
}

impl Shape {
    fn highest(&self) -> f64 {
        let all: Box<dyn Iterator<Item = f64>> = match self {
            Self::Band(points) => Box::new(points.iter().map(|(_, _, high)| *high)),
            Self::Line(pieces) => Box::new(pieces.iter().flatten().map(|(_, value)| *value)),
        };
        all.filter(|value| value.is_finite()).fold(0.0, f64::max)
    }
}

impl Plot {
    /// Draws it.
    pub(crate) fn svg(&self) -> Result<String, Error> {
        let mut drawn = String::new();
        self.draw(&mut drawn).map_err(|problem| {
            Error::environment("drawing a plot", problem, "The figures are in measured.json.")
        })?;
        let (width, height, _) = self.size;
        let body = drawn.find('>').and_then(|at| drawn.get(at + 1..)).unwrap_or_default();
        Ok(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"{}\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {} {}\">{}",
            super::html::escape(&self.label),
            width * FINE,
            height * FINE,
            body.replace("#010203", "currentColor"),
        ))
    }

    fn draw(&self, to: &mut String) -> Result<(), Box<dyn std::error::Error + '_>> {
        let (width, height, letter) = self.size;
        let text = letter * FINE;
        let root = SVGBackend::with_string(to, (width * FINE, height * FINE)).into_drawing_area();
        // The library takes a font's size for its height, a quarter more than the letters'.
        let style = TextStyle::from(("sans-serif", text * 5 / 4).into_font()).color(&INK);
        let head = if self.names.is_some() { text * 9 / 4 } else { text };
        if let Some(title) = &self.names {
            legend::draw(&root, title, &self.layers, text, &style)?;
        }
        let highest = self.layers.iter().map(|layer| layer.shape.highest()).fold(0.0, f64::max);
        let (up, along) = (Axis::of_values(highest), Axis::of_time(self.end, width / (letter * 6)));
        let (top, end) = (up.end(), along.end());
        // At least as wide as most need, so that plots below each other begin at one line.
        let letters = u32::try_from(up.letters().max(5)).unwrap_or(8);
        let marks = (along.len(), up.len());
        let mut chart = ChartBuilder::on(&root)
            .margin_top(head)
            .margin_right(text * 3 / 2)
            .x_label_area_size(text * 3)
            .y_label_area_size(text * 5 / 2 + letters * text * 3 / 5)
            .build_cartesian_2d(along, up)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(INK.mix(0.16).stroke_width(FINE))
            .axis_style(INK.mix(0.5).stroke_width(FINE))
            .label_style(style.clone())
            .axis_desc_style(style.clone())
            .x_labels(marks.0)
            .y_labels(marks.1)
            .x_desc(axis::along(end))
            .y_desc(&self.unit)
            .draw()?;
        if let Some(at) = self.last_due.filter(|at| *at < end) {
            let line = [(at, 0.0), (at, top)];
            let dashes = INK.mix(0.7).stroke_width(FINE);
            chart.draw_series(DashedLineSeries::new(line, 4 * FINE, 4 * FINE, dashes))?;
            let right = at > end * 0.7;
            let pos = Pos::new(if right { HPos::Right } else { HPos::Left }, VPos::Top);
            let words = if right { "last one due " } else { " last one due" };
            chart.draw_series([Text::new(words, (at, top), style.clone().pos(pos))])?;
        }
        for layer in &self.layers {
            let colour = layer.colour.rgb();
            match &layer.shape {
                Shape::Band(points) => {
                    let fill = layer.fill();
                    let over = points.iter().map(|(at, _, high)| (*at, *high));
                    let under = points.iter().rev().map(|(at, low, _)| (*at, *low));
                    let outline: Vec<_> = over.chain(under).collect();
                    chart.draw_series([Polygon::new(outline, fill)])?;
                }
                Shape::Line(pieces) => {
                    for piece in pieces {
                        let style = colour.stroke_width(2 * FINE);
                        chart.draw_series([PathElement::new(piece.clone(), style)])?;
                        // A line needs two points to be seen.
                        let alone = piece.first().filter(|_| piece.len() == 1);
                        let dot = alone.map(|at| Circle::new(*at, 3 * FINE, colour.filled()));
                        chart.draw_series(dot)?;
                    }
                }
            }
        }
        root.present()?;
        drop(chart);
        Ok(())
    }
}
