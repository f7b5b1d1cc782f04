CREATE TABLE faculties (name TEXT PRIMARY KEY);
INSERT INTO faculties VALUES ('Law'), ('Music');
CREATE TABLE students (
    tenant_id  TEXT NOT NULL DEFAULT 'default',
    id         INTEGER NOT NULL,
    first_name TEXT CONSTRAINT short_enough CHECK (length(first_name) <= 20),
    last_name  TEXT NOT NULL CONSTRAINT last_name_fits CHECK (length(last_name) <= 20),
    email      TEXT CONSTRAINT students_email_once UNIQUE,
    born       TEXT,
    semester   INTEGER CONSTRAINT semester_counts CHECK (semester > 0),
    faculty    TEXT CONSTRAINT known_faculty REFERENCES faculties (name),
    created_at INTEGER,
    PRIMARY KEY (tenant_id, id)
);
CREATE TRIGGER no_bots BEFORE INSERT ON students WHEN NEW.first_name = 'Robot'
BEGIN SELECT RAISE(ABORT, 'robots do not study'); END;
CREATE TRIGGER no_bots_later BEFORE UPDATE ON students WHEN NEW.first_name = 'Robot'
BEGIN SELECT RAISE(ABORT, 'robots do not study'); END;
