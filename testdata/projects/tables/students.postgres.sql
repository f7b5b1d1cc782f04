CREATE TABLE faculties (name text PRIMARY KEY);
INSERT INTO faculties VALUES ('Law'), ('Music');
CREATE DOMAIN short_name AS text CONSTRAINT short_enough CHECK (length(VALUE) <= 20);
CREATE TABLE students (
    tenant_id  text NOT NULL DEFAULT 'default',
    id         bigserial NOT NULL,
    first_name short_name,
    last_name  varchar(20) NOT NULL,
    email      text CONSTRAINT students_email_once UNIQUE,
    born       date,
    semester   bigint CONSTRAINT semester_counts CHECK (semester > 0),
    faculty    text CONSTRAINT known_faculty REFERENCES faculties (name),
    created_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE FUNCTION no_bots() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.first_name = 'Robot' THEN RAISE EXCEPTION 'robots do not study'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER no_bots BEFORE INSERT OR UPDATE ON students FOR EACH ROW EXECUTE FUNCTION no_bots();
