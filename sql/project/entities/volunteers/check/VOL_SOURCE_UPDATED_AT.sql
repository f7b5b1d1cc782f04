/*---
rule: VOL_SOURCE_UPDATED_AT
severity: error
mode: enforce
message: The time of the last change cannot be read, or can be read in more than one way
hint: Write it as 2025-03-31 or 2025-03-31T14:30:00Z; for dates such as 03/04/2025 set date_order (dmy or mdy) in the source file; a number such as 45731.5 is a spreadsheet's count of days, export the column as dates
fields: [source_updated_at]
deletes: true
---*/
SELECT sequence_number, 'source_updated_at' AS field, source_updated_at_unparsed AS value
FROM staged
-- It decides which version of a record is the later one: a guess could undo a newer value.
WHERE source_updated_at_unparsed IS NOT NULL
