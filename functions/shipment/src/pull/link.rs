//! The next page, where an answer's `Link` header names it (RFC 8288).

/// The target of the first link with `rel="next"`.
#[must_use]
pub fn next(header: &str) -> Option<&str> {
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<') {
        let (target, after) = after.split_once('>')?;
        // Parameters go on until the next link begins, and no link begins in quotes.
        let mut in_quotes = false;
        let end = after.find(|c| {
            in_quotes ^= c == '"';
            c == ',' && !in_quotes
        });
        let (parameters, later) = after.split_at(end.unwrap_or(after.len()));
        if parameters.split(';').any(is_next) {
            return Some(target.trim());
        }
        rest = later;
    }
    None
}

/// A relation may have several words.
fn is_next(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    let words = value.trim().trim_matches('"').split_whitespace();
    name.trim().eq_ignore_ascii_case("rel")
        && words.into_iter().any(|w| w.eq_ignore_ascii_case("next"))
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn the_next_page_is_found_among_links() {
        for (header, found) in [
            ("<https://a/b?x=1,2>; rel=\"next\"", Some("https://a/b?x=1,2")),
            ("</b>; rel=prev, </c>; title=\"a, <b>\"; rel=\"last next\"", Some("/c")),
            ("</b>;REL=NEXT", Some("/b")),
            ("</b>; rel=\"nexts\"", None),
            ("</b>", None),
            ("https://a/b; rel=next", None),
            ("<https://a", None),
            ("", None),
        ] {
            assert_eq!(next(header), found, "{header}");
        }
    }
}
