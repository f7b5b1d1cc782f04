//! The ZIP of a workbook: what kind it is, and whether its parts are within their limits.

use std::io::{BufReader, Read, Seek};

use quick_xml::events::Event;
use zip::ZipArchive;

use super::error::Fault;
use super::guard::{Piece, attribute, measure, walk};
use super::view::View;

pub(super) type Bytes = BufReader<View>;
pub(super) type Zip = ZipArchive<Bytes>;

/// Strings that cells share, and the bytes of the part that holds them: all of them are in memory while sheets are read.
const MAX_STRINGS: u64 = 10_000_000;
const MAX_STRINGS_BYTES: u64 = 512 << 20;
/// Fonts, fills and cell formats. Spreadsheet programs have 65,490 formats at most.
const MAX_STYLES: u64 = 500_000;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Xlsx,
    Xlsb,
    Xls,
    Ods,
}

/// A ZIP file, opened.
pub(super) fn open(view: &View) -> Result<Zip, Fault> {
    let mut view = view.clone();
    view.rewind()?;
    Ok(ZipArchive::new(BufReader::with_capacity(64 << 10, view))?)
}

/// Which kind of workbook the parts make up, within `budget` bytes by their declared sizes.
pub(super) fn family(zip: &mut Zip, budget: u64) -> Result<Family, Fault> {
    let mut names = Vec::new();
    let mut declared = 0_u64;
    for index in 0..zip.len() {
        let part = zip.by_index_raw(index)?;
        if part.encrypted() {
            return Err(Fault::Password);
        }
        let name = String::from_utf8_lossy(part.name_raw()).replace('\\', "/").to_lowercase();
        // Pictures are not read.
        if !name.contains("/media/") && !name.starts_with("pictures/") {
            declared = declared.saturating_add(part.size());
        }
        names.push(name);
    }
    if declared > budget {
        return Err(Fault::Unpacked);
    }
    let has = |name: &str| names.iter().any(|n| n == name);
    let begins = |start: &str| names.iter().any(|n| n.starts_with(start));
    if has("mimetype") {
        let mut mimetype = String::new();
        zip.by_name("mimetype")?.take(200).read_to_string(&mut mimetype)?;
        return match mimetype.trim() {
            "application/vnd.oasis.opendocument.spreadsheet" => Ok(Family::Ods),
            other if other.contains("opendocument.text") => Err(Fault::Other("a text document")),
            other if other.contains("opendocument") => Err(Fault::Other("another OpenDocument file")),
            _ => Err(Fault::Other("a ZIP file of another kind")),
        };
    }
    if has("xl/workbook.bin") {
        return Ok(Family::Xlsb);
    }
    if has("xl/workbook.xml") || begins("xl/") && has("_rels/.rels") {
        return Ok(Family::Xlsx);
    }
    Err(Fault::Other(match () {
        () if begins("word/") => "a text document (DOCX)",
        () if begins("ppt/") => "a presentation (PPTX)",
        () if has("index/document.iwa") => "a Numbers document",
        () => "a ZIP file without a workbook in it",
    }))
}

/// The name of a part as it stands in the ZIP: capitals and backslashes do not count.
pub(super) fn find(zip: &Zip, path: &str) -> Option<String> {
    if zip.index_for_name(path).is_some() {
        return Some(path.to_owned());
    }
    let same = |name: &str| name.replace('\\', "/").eq_ignore_ascii_case(path);
    zip.file_names().flatten().find(|name| same(name)).map(std::borrow::Cow::into_owned)
}

/// The parts of an XLSX.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Of each sheet, in their order.
    pub sheets: Vec<String>,
    /// Strings that cells share.
    pub strings: u64,
}

/// Goes through the parts that are read whole when an XLSX is opened.
pub(super) fn check_xlsx(zip: &mut Zip, budget: &mut u64) -> Result<Parts, Fault> {
    let (folder, workbook) = main_part(zip, budget)?;
    let strings = shared_strings(zip, &format!("{folder}sharedStrings.xml"), budget)?;
    let mut styles = 0_u64;
    each_element(zip, &format!("{folder}styles.xml"), budget, |event, name| {
        styles += u64::from(matches!(name, "xf" | "font" | "fill" | "border" | "numFmt") && is_start(event));
        if styles > MAX_STYLES { Err(Fault::Large("cell formats", MAX_STYLES)) } else { Ok(()) }
    })?;
    each_element(zip, &format!("{folder}theme/theme1.xml"), budget, |_, _| Ok(()))?;
    let mut targets: Vec<(String, String)> = Vec::new();
    each_element(zip, &format!("{folder}_rels/{workbook}.rels"), budget, |event, name| {
        if let (Event::Start(e) | Event::Empty(e), "Relationship") = (event, name)
            && let (Some(id), Some(target)) = (attribute(e, "Id")?, attribute(e, "Target")?)
        {
            targets.push((id, target));
        }
        Ok(())
    })?;
    let mut sheets = Vec::new();
    each_element(zip, &format!("{folder}{workbook}"), budget, |event, name| {
        if let (Event::Start(e) | Event::Empty(e), "sheet") = (event, name) {
            let id = attribute(e, "id")?;
            let target = targets.iter().find(|(known, _)| Some(known) == id.as_ref());
            let (_, target) = target.ok_or_else(|| Fault::damaged("a sheet in its list has no part"))?;
            let absolute = target.strip_prefix('/').map(str::to_owned);
            sheets.push(absolute.unwrap_or_else(|| format!("{folder}{target}")));
        }
        Ok(())
    })?;
    Ok(Parts { sheets, strings })
}

/// The folder of the workbook's main part, and its name in it.
fn main_part(zip: &mut Zip, budget: &mut u64) -> Result<(String, String), Fault> {
    let mut main = None;
    each_element(zip, "_rels/.rels", budget, |event, name| {
        if let (Event::Start(e) | Event::Empty(e), "Relationship") = (event, name)
            && attribute(e, "Type")?.is_some_and(|t| t.ends_with("/relationships/officeDocument"))
            && let Some(target) = attribute(e, "Target")?
        {
            main = Some(target);
        }
        Ok(())
    })?;
    let main = main.ok_or_else(|| Fault::damaged("it does not say which of its parts is the workbook"))?;
    let (folder, name) = main.rsplit_once('/').map_or(("", main.as_str()), |(folder, name)| (folder, name));
    let folder = folder.strip_prefix('/').unwrap_or(folder);
    let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    Ok((folder, name.to_owned()))
}

fn shared_strings(zip: &mut Zip, path: &str, budget: &mut u64) -> Result<u64, Fault> {
    let Some(name) = find(zip, path) else { return Ok(0) };
    let mut strings = 0_u64;
    let mut depth = 0_u64;
    let before = *budget;
    let mut left = before.min(MAX_STRINGS_BYTES);
    let granted = left;
    let walked = walk(zip.by_name(&name)?, &mut left, false, |event| {
        match event {
            Event::Start(e) | Event::Empty(e) if e.local_name().as_ref() == "sst" => {
                // Room is made for so many at once.
                let declared = attribute(e, "uniqueCount")?.and_then(|n| n.parse::<u64>().ok());
                if declared.is_some_and(|n| n > MAX_STRINGS) {
                    return Err(Fault::Large("shared strings", MAX_STRINGS));
                }
            }
            Event::Start(e) if e.local_name().as_ref() == "si" => {
                depth = 1;
                strings += 1;
            }
            Event::Empty(e) if e.local_name().as_ref() == "si" => strings += 1,
            Event::End(e) if e.local_name().as_ref() == "si" => depth = 0,
            _ => {}
        }
        if strings > MAX_STRINGS {
            return Err(Fault::Large("shared strings", MAX_STRINGS));
        }
        Ok(if depth == 0 { Piece::Ends } else { Piece::GoesOn })
    });
    *budget = before.saturating_sub(granted.saturating_sub(left));
    match walked {
        Err(Fault::Unpacked) if granted == MAX_STRINGS_BYTES => {
            Err(Fault::Large("shared strings of more bytes", MAX_STRINGS_BYTES))
        }
        walked => walked.map(|()| strings),
    }
}

fn is_start(event: &Event<'_>) -> bool {
    matches!(event, Event::Start(_) | Event::Empty(_))
}

/// Goes through a part, where there is one; `see` is given the elements with their names.
pub(super) fn each_element(
    zip: &mut Zip,
    path: &str,
    budget: &mut u64,
    mut see: impl FnMut(&Event<'_>, &str) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let Some(name) = find(zip, path) else { return Ok(()) };
    walk(zip.by_name(&name)?, budget, false, |event| {
        match event {
            Event::Start(e) | Event::Empty(e) => see(event, e.local_name().as_ref())?,
            Event::End(e) => see(event, e.local_name().as_ref())?,
            _ => {}
        }
        Ok(Piece::Ends)
    })
}

/// Goes through the parts of an XLSB: they are no XML, so only their sizes are looked at.
pub(super) fn check_xlsb(zip: &mut Zip, budget: &mut u64) -> Result<(), Fault> {
    for name in zip.file_names().flatten().map(|n| n.into_owned()).collect::<Vec<_>>() {
        let folded = name.replace('\\', "/").to_lowercase();
        if folded.ends_with(".rels") {
            each_element(zip, &name, budget, |_, _| Ok(()))?;
        } else if folded.starts_with("xl/") && folded.ends_with(".bin") {
            let bytes = measure(zip.by_name(&name)?, budget)?;
            if folded.ends_with("sharedstrings.bin") && bytes > MAX_STRINGS_BYTES {
                return Err(Fault::Large("shared strings of more bytes", MAX_STRINGS_BYTES));
            }
        }
    }
    Ok(())
}
