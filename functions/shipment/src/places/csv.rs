//! The places file: `code,city,country,lat,lon,zone,gln`, as a spreadsheet writes it.

use super::place::Form;
use super::{KnownPlace, Place, PlaceZone, Places, PlacesError};
use crate::csv::{End, row, unmarked};
use crate::invalid::quoted;

const COLUMNS: [&str; 7] = ["code", "city", "country", "lat", "lon", "zone", "gln"];

pub(super) fn read(text: &str, file: &str) -> Result<Places, PlacesError> {
    let mut lines = unmarked(text)
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
    let mut places = Places::default();
    for (at, line) in lines {
        let row = Row { file, line: at, cells: cells(line).map_err(|p| wrong(at, "code", p))? };
        let (code, place, glns) = row.place()?;
        for gln in glns {
            if let Some(other) = places.codes.insert(gln.clone(), code.clone()) {
                return Err(row.wrong("gln", format!("{gln} is {other} already")));
            }
        }
        if places.known.insert(code.clone(), place).is_some() {
            return Err(row.wrong("code", format!("{code} stands in the file twice")));
        }
    }
    Ok(places)
}

/// A line's cells. A quote that is not closed is this line's fault, and the next line
/// is read by itself.
fn cells(line: &str) -> Result<Vec<String>, String> {
    match row(&mut line.chars().peekable()) {
        (cells, End::Line | End::Text) => Ok(cells),
        (_, End::Quote) => Err("a quote is opened and not closed".to_owned()),
    }
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

    fn place(&self) -> Result<(Place, KnownPlace, Vec<Place>), PlacesError> {
        let [code, city, country, lat, lon, zone, gln_cell] = self.cells.as_slice() else {
            let missing = COLUMNS.get(self.cells.len()).copied().unwrap_or("gln");
            let problem = format!("expected {} cells, got {}", COLUMNS.len(), self.cells.len());
            return Err(self.wrong(missing, problem));
        };
        let code = self.named("code", code.trim(), Form::Code, "a code such as NLRTM")?;
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
            zone: PlaceZone::parse(zone.trim())
                .map_err(|error| self.wrong("zone", error.to_string()))?,
        };
        let gln =
            |text| self.named("gln", text, Form::Gln, "GLNs of 13 digits with spaces between");
        let glns = gln_cell.split_whitespace().map(gln).collect::<Result<_, _>>()?;
        Ok((code, place, glns))
    }

    /// A place in one of its forms.
    fn named(
        &self,
        column: &str,
        text: &str,
        form: Form,
        expected: &str,
    ) -> Result<Place, PlacesError> {
        let place = text.parse::<Place>().map_err(|error| self.wrong(column, error.to_string()))?;
        if place.form() != form {
            let problem = format!("expected {expected}, got {}", quoted(text));
            return Err(self.wrong(column, problem));
        }
        Ok(place)
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

    const HEADER: &str = "# a comment\ncode,city,country,lat,lon,zone,gln\n";

    fn error(rows: &str) -> String {
        Places::parse(&format!("{HEADER}{rows}"), "p.csv").unwrap_err().to_string()
    }

    #[test]
    fn errors_name_file_line_and_column() {
        const GOOD: &str = "DEBER,Berlin,DE,52.52,13.40,Europe/Berlin,9521234000037\n";
        for (row, problem) in [
            ("NLRTM,R,NL,north,4,UTC,", "lat: expected degrees from -90 to 90, got \"north\""),
            ("NLRTM,R,NL,51.92,190,UTC,", "lon: expected degrees from -180 to 180, got \"190\""),
            ("NLRTM,R,NL,NaN,4,UTC,", "lat: expected degrees from -90 to 90, got \"NaN\""),
            ("NLRTM,R,nl,51.92,4,UTC,", "country: expected two capital letters, got \"nl\""),
            ("NLRTM,,NL,51.92,4,UTC,", "city: expected a name, got nothing"),
            (
                "NL-RTM,R,NL,51.92,4,UTC,",
                "code: expected a place code of 1 to 32 letters and digits such as NLRTM, a GLN, geo:latitude,longitude or another URI, got \"NL-RTM\"",
            ),
            (
                "9521234000013,R,NL,51.92,4,UTC,",
                "code: expected a code such as NLRTM, got \"9521234000013\"",
            ),
            (
                "NLRTM,R,NL,51.92,4,Europe/Rotterdam,",
                "zone: expected a time zone such as Europe/Berlin or an offset such as +02:00, got \"Europe/Rotterdam\"",
            ),
            (
                "NLRTM,R,NL,51.92,4,,",
                "zone: expected a time zone such as Europe/Berlin or an offset such as +02:00, got \"\"",
            ),
            (
                "NLRTM,R,NL,51.92,4,UTC,9521234000013 9521234000014",
                "gln: wrong check digit in GLN 9521234000014: expected 3, got 4",
            ),
            (
                "NLRTM,R,NL,51.92,4,UTC,952123400001",
                "gln: expected GLNs of 13 digits with spaces between, got \"952123400001\"",
            ),
            ("NLRTM,R,NL,51.92,4,UTC,9521234000037", "gln: 9521234000037 is DEBER already"),
            ("NLRTM,R,NL,51.92", "lon: expected 7 cells, got 4"),
            ("NLRTM,R,NL,51.92,4,UTC,,", "gln: expected 7 cells, got 8"),
            ("deber,Again,DE,51.92,4,UTC,", "code: DEBER stands in the file twice"),
            ("NLRTM,\"R,NL,51.92,4,UTC,", "code: a quote is opened and not closed"),
        ] {
            let found = error(&format!("{GOOD}\n# another comment\n{row}\n"));
            assert_eq!(found, format!("p.csv: line 6, column {problem}"));
        }
    }

    #[test]
    fn another_header_is_shown() {
        assert_eq!(
            Places::parse("code;city\n", "p.csv").unwrap_err().to_string(),
            "p.csv: line 1, column header: expected code,city,country,lat,lon,zone,gln, got \"code;city\""
        );
        assert_eq!(
            Places::parse("\n", "p.csv").unwrap_err().to_string(),
            "p.csv: line 1, column header: expected code,city,country,lat,lon,zone,gln, got an empty file"
        );
    }

    #[test]
    fn a_file_saved_by_a_spreadsheet_is_read() {
        let text = "\u{feff}code,city,country,lat,lon,zone,gln\r\n\
                    NLHAG,\"Hague, \"\"The\"\"\",NL,52.08,4.31,Europe/Amsterdam,\
                    \"9521234000112 9521234000129\"\r\n";
        let places = Places::parse(text, "p.csv").unwrap();
        for name in ["NLHAG", "9521234000112", "9521234000129"] {
            let place = places.get(&name.parse().unwrap()).unwrap();
            assert_eq!(place.city, "Hague, \"The\"");
            assert_eq!(place.zone.rules().unwrap().iana_name(), Some("Europe/Amsterdam"));
        }
    }
}
