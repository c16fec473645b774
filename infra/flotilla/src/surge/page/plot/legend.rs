//! What a plot shows and the names of its layers, in one row above it.

use super::Layer;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::element::{Rectangle, Text};
use plotters::prelude::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, TextStyle};

type Problem<'a> = DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>;

/// Draws it in letters of that size.
pub(super) fn draw<'a>(
    on: &DrawingArea<SVGBackend<'a>, Shift>,
    title: &str,
    layers: &[Layer],
    text: u32,
    style: &TextStyle<'_>,
) -> Result<(), Problem<'a>> {
    let words = style.pos(Pos::new(HPos::Left, VPos::Center));
    on.draw(&Text::new(format!("{title}:"), (px(text), px(text)), words.clone()))?;
    let mut x = text * 2 + width(title, text);
    for layer in layers {
        let key = [(px(x), px(text * 2 / 3)), (px(x + text), px(text * 4 / 3))];
        on.draw(&Rectangle::new(key, layer.fill().filled()))?;
        let name = (px(x + text * 3 / 2), px(text));
        on.draw(&Text::new(layer.name.clone(), name, words.clone()))?;
        x += text * 3 + width(&layer.name, text);
    }
    Ok(())
}

/// There is no font to ask: letters are about six tenths as wide as high.
fn width(words: &str, text: u32) -> u32 {
    u32::try_from(words.chars().count()).unwrap_or(u32::MAX / text).saturating_mul(text) * 3 / 5
}

fn px(length: u32) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}
