//! Writes `SCALE.md` to standard output.
#![allow(clippy::print_stdout, reason = "a program that prints")]

fn main() -> Result<(), Box<dyn std::error::Error>> {
    print!("{}", flotilla_plan::scale::document(&flotilla_plan::Book::included()?)?);
    Ok(())
}
