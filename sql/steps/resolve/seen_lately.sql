-- Links that need no bump: those of a run with more than 100,000 sightings, seen within the last day already. A million
-- updates that say "again today" cost more than the run; every sighting stands in the data set links all the same. A row
-- with a later time of its own is written down: until then its source stands by what it said.
SELECT h.seq
FROM link_hits h
CROSS JOIN (SELECT count(*) AS sightings FROM links WHERE outcome = 'unchanged') n
WHERE n.sightings > 100000 AND h.unchanged AND h.seen_at > $landed_at - INTERVAL '1' DAY AND NOT h.said_later
