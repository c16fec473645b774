//! The places file: `code,city,country,lat,lon`, as a spreadsheet writes it.

use super::{KnownPlace, Place, PlacesError};
use crate::invalid::quoted;
use std::collections::HashMap;

const COLUMNS: [&str; 5] = ["code", "city", "country", "lat", "lon"];

pub(super) fn read(text: &str, file: &str) -> Result<HashMap<Place, KnownPlace>, PlacesError> {
    // Spreadsheets put a byte order mark in front of UTF-8.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line))
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let wrong = |line: usize, column: &str, problem: String| PlacesError {
        file: file.to_owned(),
        line,
        column: column.to_owned(),
        problem,
    };
    let header = COLUMNS.join(",");
    match lines.next() {
        Some((_, line)) if line.trim() == header => {}
        Some((at, line)) => {
            return Err(wrong(at, "header", format!("expected {header}, got {}", quoted(line))));
        }
        None => return Err(wrong(1, "header", format!("expected {header}, got an empty file"))),
    }
    let mut places = HashMap::new();
    for (at, line) in lines {
        let row = Row { file, line: at, cells: cells(line).map_err(|p| wrong(at, "code", p))? };
        let (code, place) = row.place()?;
        if places.insert(code.clone(), place).is_some() {
            return Err(row.wrong("code", format!("{code} stands in the file twice")));
        }
    }
    Ok(places)
}

/// Splits a line at its commas; a cell in double quotes may hold commas.
fn cells(line: &str) -> Result<Vec<String>, String> {
    let (mut cells, mut cell, mut in_quotes) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if in_quotes && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => in_quotes = !in_quotes,
            ',' if !in_quotes => cells.push(std::mem::take(&mut cell)),
            other => cell.push(other),
        }
    }
    if in_quotes {
        return Err("a quote is opened and not closed".to_owned());
    }
    cells.push(cell);
    Ok(cells)
}

struct Row<'a> {
    file: &'a str,
    line: usize,
    cells: Vec<String>,
}

impl Row<'_> {
    fn wrong(&self, column: &str, problem: String) -> PlacesError {
        PlacesError {
            file: self.file.to_owned(),
            line: self.line,
            column: column.to_owned(),
            problem,
        }
    }

    fn place(&self) -> Result<(Place, KnownPlace), PlacesError> {
        let [code, city, country, lat, lon] = self.cells.as_slice() else {
            let missing = COLUMNS.get(self.cells.len()).copied().unwrap_or("lon");
            let problem = format!("expected {} cells, got {}", COLUMNS.len(), self.cells.len());
            return Err(self.wrong(missing, problem));
        };
        let code =
            code.trim().parse::<Place>().map_err(|error| self.wrong("code", error.to_string()))?;
        if city.trim().is_empty() {
            return Err(self.wrong("city", "expected a name, got nothing".to_owned()));
        }
        let country = country.trim();
        if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
            let problem = format!("expected two capital letters, got {}", quoted(country));
            return Err(self.wrong("country", problem));
        }
        let place = KnownPlace {
            city: city.trim().to_owned(),
            country: country.to_owned(),
            lat: self.degrees("lat", lat, 90.0)?,
            lon: self.degrees("lon", lon, 180.0)?,
        };
        Ok((code, place))
    }

    fn degrees(&self, column: &str, cell: &str, most: f64) -> Result<f64, PlacesError> {
        // The range also refuses "NaN" and "inf", which parse as floats.
        cell.trim()
            .parse::<f64>()
            .ok()
            .filter(|degrees| (-most..=most).contains(degrees))
            .ok_or_else(|| {
                let problem =
                    format!("expected degrees from -{most} to {most}, got {}", quoted(cell));
                self.wrong(column, problem)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Places;

    const HEADER: &str = "# a comment\ncode,city,country,lat,lon\n";

    fn error(rows: &str) -> String {
        Places::parse(&format!("{HEADER}{rows}"), "p.csv").unwrap_err().to_string()
    }

    #[test]
    fn errors_name_file_line_and_column() {
        assert_eq!(
            error("NLRTM,Rotterdam,NL,51.92,4.48\nDEBER,Berlin,DE,north,13.40\n"),
            "p.csv: line 4, column lat: expected degrees from -90 to 90, got \"north\""
        );
        assert_eq!(
            error("NLRTM,Rotterdam,NL,51.92,190\n"),
            "p.csv: line 3, column lon: expected degrees from -180 to 180, got \"190\""
        );
        assert_eq!(
            error("NLRTM,Rotterdam,NL,NaN,4\n"),
            "p.csv: line 3, column lat: expected degrees from -90 to 90, got \"NaN\""
        );
        assert_eq!(
            error("NLRTM,Rotterdam,nl,51.92,4\n"),
            "p.csv: line 3, column country: expected two capital letters, got \"nl\""
        );
        assert_eq!(
            error("NLRTM,,NL,51.92,4\n"),
            "p.csv: line 3, column city: expected a name, got nothing"
        );
        assert_eq!(
            error("NL-RTM,Rotterdam,NL,51.92,4\n"),
            "p.csv: line 3, column code: expected a place code of 1 to 32 letters and digits such as NLRTM, got \"NL-RTM\""
        );
        assert_eq!(
            error("NLRTM,Rotterdam,NL,51.92\n"),
            "p.csv: line 3, column lon: expected 5 cells, got 4"
        );
        assert_eq!(
            error("NLRTM,Rotterdam,NL,51.92,4.48\nnlrtm,Again,NL,51.92,4.48\n"),
            "p.csv: line 4, column code: NLRTM stands in the file twice"
        );
        assert_eq!(
            error("NLRTM,\"Rotterdam,NL,51.92,4.48\n"),
            "p.csv: line 3, column code: a quote is opened and not closed"
        );
    }

    #[test]
    fn another_header_is_shown() {
        assert_eq!(
            Places::parse("code;city;country;lat;lon\n", "p.csv").unwrap_err().to_string(),
            "p.csv: line 1, column header: expected code,city,country,lat,lon, got \"code;city;country;lat;lon\""
        );
        assert_eq!(
            Places::parse("\n", "p.csv").unwrap_err().to_string(),
            "p.csv: line 1, column header: expected code,city,country,lat,lon, got an empty file"
        );
    }

    #[test]
    fn a_file_saved_by_a_spreadsheet_is_read() {
        let text =
            "\u{feff}code,city,country,lat,lon\r\nNLHAG,\"Hague, \"\"The\"\"\",NL,52.08,4.31\r\n";
        let places = Places::parse(text, "p.csv").unwrap();
        let place = places.get(&"NLHAG".parse().unwrap()).unwrap();
        assert_eq!(place.city, "Hague, \"The\"");
    }
}
