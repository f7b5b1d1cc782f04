//! The lines of a card as properties: lines that go on are put together, then group, name and parameters are told apart.

/// One property of a card.
#[derive(Debug, Default)]
pub(super) struct Property {
    /// What ties it to others: `item1`.
    pub group: Option<String>,
    /// In capitals.
    pub name: String,
    /// Names in capitals, values as they stand. The types of vCard 2.1, which have no name, are of `TYPE`.
    pub params: Vec<(String, String)>,
    /// As it stands in the file, unfolded.
    pub value: Vec<u8>,
    pub encoding: Encoding,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    #[default]
    Plain,
    QuotedPrintable,
    Base64,
}

/// A line that is no property, from 0.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable(pub u64);

impl Property {
    /// The first value of a parameter.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Its types in small letters, without those that say nothing.
    pub(super) fn types(&self) -> Vec<String> {
        let all = self.params.iter().filter(|(name, _)| name == "TYPE").flat_map(|(_, v)| v.split(','));
        let mut types: Vec<String> = Vec::new();
        for one in all {
            let one = match one.trim().to_ascii_lowercase().as_str() {
                "pref" | "voice" | "internet" | "" => continue,
                "mobile" => "cell".to_owned(),
                one => one.to_owned(),
            };
            if !types.contains(&one) {
                types.push(one);
            }
        }
        types
    }

    /// The preferred of several comes first: from 1 to 100, and 101 for those of which nothing is said.
    pub(super) fn rank(&self) -> u8 {
        let types = self.params.iter().filter(|(name, _)| name == "TYPE").flat_map(|(_, v)| v.split(','));
        let by_type = types.into_iter().any(|t| t.trim().eq_ignore_ascii_case("pref"));
        match self.param("PREF").and_then(|pref| pref.trim().parse::<u8>().ok()) {
            Some(rank) => rank.clamp(1, 100),
            None if by_type => 1,
            None => 101,
        }
    }
}

/// The properties between the first and the last line of a card.
pub(super) fn properties(card: &[u8]) -> Result<Vec<Property>, Unreadable> {
    let mut properties: Vec<Property> = Vec::new();
    let mut old = false;
    let mut nested = 0_u32;
    for (number, line) in (0_u64..).zip(card.split(|b| *b == b'\n')) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(last) = properties.last_mut()
            && go_on(last, line, old)
        {
            continue;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let property = property(line).ok_or(Unreadable(number))?;
        let of_card = property.value.trim_ascii().eq_ignore_ascii_case(b"VCARD");
        match property.name.as_str() {
            // The card of an assistant in the card is left as one value of it.
            "BEGIN" if of_card && number > 0 => {
                nested += 1;
                continue;
            }
            "BEGIN" if of_card => continue,
            "END" if of_card && nested > 0 => {
                nested -= 1;
                continue;
            }
            "END" if of_card => break,
            "VERSION" if nested == 0 => {
                old = property.value.trim_ascii().starts_with(b"2");
                continue;
            }
            _ => {}
        }
        properties.push(match nested {
            0 => property,
            _ => Property { name: format!("AGENT.{}", property.name), ..property },
        });
    }
    Ok(properties)
}

/// Adds a line that goes on from the property before it.
fn go_on(last: &mut Property, line: &[u8], old: bool) -> bool {
    if last.encoding == Encoding::QuotedPrintable && last.value.ends_with(b"=") {
        last.value.pop();
        last.value.extend_from_slice(line);
        return true;
    }
    let folded = line.strip_prefix(b" ").or_else(|| line.strip_prefix(b"\t"));
    match (folded, last.encoding) {
        (Some(rest), Encoding::Base64) => last.value.extend_from_slice(rest.trim_ascii()),
        // vCard 2.1 folds at a blank, which belongs to the text.
        (Some(_), _) if old => last.value.extend_from_slice(line),
        (Some(rest), _) => last.value.extend_from_slice(rest),
        (None, Encoding::Base64) if is_base64(line) => last.value.extend_from_slice(line),
        (None, _) => return false,
    }
    true
}

fn is_base64(line: &[u8]) -> bool {
    !line.is_empty() && line.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
}

/// `group.NAME;PARAM=value:value`
fn property(line: &[u8]) -> Option<Property> {
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
    let colon = colon(line)?;
    let (head, value) = (line.get(..colon)?, line.get(colon + 1..)?);
    let head = std::str::from_utf8(head).ok()?;
    let mut parts = Parts(head);
    let name = parts.next()?.trim();
    let (group, name) = match name.rsplit_once('.') {
        Some((group, name)) => (Some(group.to_ascii_lowercase()), name),
        None => (None, name),
    };
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
        return None;
    }
    let mut property =
        Property { group, name: name.to_ascii_uppercase(), value: value.to_vec(), ..Property::default() };
    for part in parts {
        let (name, value) = match part.split_once('=') {
            Some((name, value)) => (name.trim().to_ascii_uppercase(), value.trim().replace('"', "")),
            None => match part.trim().to_ascii_uppercase().as_str() {
                "" => continue,
                word @ ("QUOTED-PRINTABLE" | "BASE64") => ("ENCODING".to_owned(), word.to_owned()),
                word => ("TYPE".to_owned(), word.to_owned()),
            },
        };
        if name == "ENCODING" {
            property.encoding = match value.to_ascii_uppercase().as_str() {
                "QUOTED-PRINTABLE" | "Q" => Encoding::QuotedPrintable,
                "BASE64" | "B" => Encoding::Base64,
                _ => Encoding::Plain,
            };
        }
        property.params.push((name, value));
    }
    Some(property)
}

/// The first colon that does not stand in quotes.
fn colon(line: &[u8]) -> Option<usize> {
    let mut quoted = false;
    for (i, byte) in line.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b':' if !quoted => return Some(i),
            _ => {}
        }
    }
    // A quote that is not closed is none.
    memchr::memchr(b':', line)
}

/// What stands between semicolons that are not in quotes.
struct Parts<'a>(&'a str);

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.0.is_empty() {
            return None;
        }
        let mut quoted = false;
        let end = self.0.bytes().position(|b| {
            quoted ^= b == b'"';
            b == b';' && !quoted
        });
        let (part, rest) = match end {
            Some(end) => (self.0.get(..end)?, self.0.get(end + 1..)?),
            None => (self.0, ""),
        };
        self.0 = rest;
        Some(part)
    }
}
