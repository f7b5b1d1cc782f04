//! Whether an object with one list of objects is a record, or what an answer wraps around its records.
//!
//! `{"id":1,"items":[{…}]}` is an order, `{"total":3,"records":[{…}]}` are three records. What stands beside the list tells:
//! the list holds the records where nothing stands there but what answers say of themselves (how many there are, where the next
//! page is, whether all went well), told by the names of the members. Anything else belongs to a record.

/// Beside a list of any name: counts, pages, links, what the answer is about itself.
const ALWAYS: &[&str] = &[
    "apiversion",
    "continuationtoken",
    "count",
    "currentpage",
    "cursor",
    "cursors",
    "etag",
    "firstpage",
    "hasmore",
    "hasnext",
    "hasnextpage",
    "href",
    "lastpage",
    "limit",
    "link",
    "links",
    "meta",
    "metadata",
    "next",
    "nextcursor",
    "nextlink",
    "nextpage",
    "nextpagetoken",
    "nextrecordsurl",
    "odatacontext",
    "odatacount",
    "odatanextlink",
    "offset",
    "page",
    "pagecount",
    "pageinfo",
    "pages",
    "pagesize",
    "pagination",
    "paging",
    "perpage",
    "prev",
    "previous",
    "prevpage",
    "recordcount",
    "responsemetadata",
    "resultcount",
    "rowcount",
    "total",
    "totalcount",
    "totalelements",
    "totalitems",
    "totalpages",
    "totalrecords",
    "totalresults",
    "totalrows",
    "totalsize",
];

/// Beside a list that is named for being one: these could as well be of a record.
const OF_ANSWERS: &[&str] = &[
    "code",
    "date",
    "done",
    "error",
    "errors",
    "exportdate",
    "exportedat",
    "first",
    "generatedat",
    "kind",
    "last",
    "message",
    "more",
    "n",
    "object",
    "ok",
    "requestid",
    "schema",
    "self",
    "size",
    "skip",
    "start",
    "status",
    "success",
    "timestamp",
    "took",
    "top",
    "type",
    "url",
    "version",
    "warnings",
];

/// Names of lists that say only that they are lists.
const LISTS: &[&str] = &[
    "content", "data", "elements", "entries", "features", "hits", "list", "objects", "records", "result",
    "results", "rows", "value", "values",
];

/// `beside`: the names of the members that are not null, beside the list. The first one that belongs to a record.
pub(super) fn of_a_record<'a>(list: &str, beside: &'a [String]) -> Option<&'a String> {
    let general = LISTS.contains(&folded(list).as_str());
    beside.iter().find(|name| {
        let name = folded(name);
        let told = |names: &[&str]| names.binary_search(&name.as_str()).is_ok();
        !(told(ALWAYS) || general && told(OF_ANSWERS))
    })
}

/// Letters and digits alone: `@odata.nextLink`, `next_link` and `next-link` are one.
fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).take(40).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::{ALWAYS, OF_ANSWERS, of_a_record};

    #[test]
    fn answers_and_records() {
        assert!(ALWAYS.is_sorted() && OF_ANSWERS.is_sorted());
        for (list, beside, record) in [
            ("items", &[][..], None),
            ("records", &["total"], None),
            ("data", &["meta", "_links", "status"], None),
            ("value", &["@odata.context", "@odata.nextLink"], None),
            ("features", &["type"], None),
            ("items", &["id"], Some("id")),
            ("items", &["total", "customer"], Some("customer")),
            ("items", &["status"], Some("status")),
            ("data", &["count", "name"], Some("name")),
        ] {
            let beside: Vec<String> = beside.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(of_a_record(list, &beside).map(String::as_str), record, "{list} {beside:?}");
        }
    }
}
