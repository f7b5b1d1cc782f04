use super::name_holds;
use proptest::prelude::*;

#[test]
fn tells_what_is_no_person() {
    for (given, family, wanted) in [
        ("Rob and", "Beth", "people"),
        ("Rob & Beth", "Edler", "people"),
        ("Rob&Beth", "Edler", "people"),
        ("Hans und Grete", "Pohl", "people"),
        ("Hans u. Grete", "Pohl", "people"),
        ("& Mrs. Brad", "Stone", "people"),
        ("und Frau", "Pohl", "people"),
        ("Rob + Beth", "Edler", "people"),
        ("Edler Rob +", "Beth", "people"),
        ("Juan y María", "López", "people"),
        ("Jean et Marie", "Dupont", "people"),
        ("Rob And Beth", "Smith", "people"),
        ("JEAN ET MARIE", "DUPONT", "people"),
        ("Jean Et Marie", "Dupont", "people"),
        ("JUAN Y MARIA", "LOPEZ", "people"),
        ("JAN EN PIET", "BOS", "people"),
        ("Hans u Grete", "Pohl", "people"),
        ("Rob or Beth", "Edler", "people"),
        ("Dupont", "SAS", "company"),
        ("Rossi", "S.p.A.", "company"),
        ("Volvo", "AB", "company"),
        ("Nokia", "Oy", "company"),
        ("Acme", "Company", "company"),
        ("Rotary Club", "Bonn", "company"),
        ("Sparkasse", "Bonn", "company"),
        ("ROB AND BETH", "SMITH", "people"),
        ("Familie", "Müller", "people"),
        ("Fam.", "Müller", "people"),
        ("The", "Smiths", "people"),
        ("The Quast", "Family", "people"),
        ("The Quast", "Families", "people"),
        ("Quast", "Family", "people"),
        ("Quast", "(Familie)", "people"),
        ("Die Familie", "Quast", "people"),
        ("Familie von der", "Heide", "people"),
        ("", "Familie Quast", "people"),
        ("Eltern", "Quast", "people"),
        ("Rob; Beth", "Edler", "people"),
        ("Rob;", "Beth", "people"),
        ("Rob /", "Beth", "people"),
        ("Rob", "/Beth", "people"),
        ("Bob, Beth", "Edler", "people"),
        ("Bob,Beth", "", "people"),
        ("Stadt", "Bonn", "company"),
        ("STADT", "BONN", "company"),
        ("", "Stadt Bonn", "company"),
        ("Gemeinde Nieder", "Stetten", "company"),
        ("Landkreis", "Unna", "company"),
        ("City of", "Springfield", "company"),
        ("Ville de", "Lyon", "company"),
        ("Friends of the", "Park", "company"),
        ("Verein der", "Freunde", "company"),
        ("Rob/Beth", "Edler", "people"),
        ("Anna", "Edler und Pohl", "people"),
        ("Musterbau", "GmbH", "company"),
        ("Smith & Sons", "Ltd", "company"),
        ("Smith & Sons", "Ltd.", "company"),
        ("Verein", "der Freunde e.V.", "company"),
        ("ACME", "Inc.", "company"),
        ("Stadtwerke", "Bonn", "company"),
        ("Siemens", "AG", "company"),
        ("Müller", "& Co. KG", "company"),
        ("Seven Mills Consulting | Miriam", "Dell", "company"),
        ("Anna | Pohl", "Bonn", "people"),
        ("Freunde e. V.", "", "company"),
        ("IBM Corp.", "Watts", "company"),
        ("Total", "6", "total"),
        ("Total", "", "total"),
        ("Summe:", "", "total"),
        ("Gesamt", "1.234,50", "total"),
        ("Total: 6", "", "total"),
        ("", "Total", "total"),
        ("Grand Total", "", "total"),
        ("Exported by admin", "on 2024-01-05", "footer"),
        ("Exported by admin on 2024-01-05", "", "footer"),
        ("Exportiert am 01.02.2024", "", "footer"),
        ("6 records", "", "footer"),
        ("6", "", "nobody"),
        ("12 Datensätze", "", "footer"),
        ("Stand: 01.02.2024", "", "footer"),
        ("Page 1 of 3", "", "footer"),
        ("dee@example.org", "Amt", "address"),
        ("Anna", "anna@example.org", "address"),
        ("anna@example.org", "anna@example.org", "address"),
        ("Anna anna@example.org", "Pohl", "address"),
        ("1234", "5678", "number"),
        ("First", "Last", "header"),
        ("FIRST NAME", "LAST NAME", "header"),
        ("Vorname", "Nachname", "header"),
        ("Prénom", "Nom", "header"),
        ("Herr", "Berg", "title"),
        ("FRAU", "SCHMIDT", "title"),
        ("Señora", "García", "title"),
        ("Acme", "Sp. z o.o.", "company"),
        ("Acme Sp. z", "o.o.", "company"),
        ("Acme", "d.o.o.", "company"),
        ("Law Offices of", "Jane Doe", "company"),
        ("Smith", "Associates", "company"),
        ("Smith and", "Associates", "company"),
        ("Bäckerei", "Schmidt", "company"),
        ("Hotel", "Adler", "company"),
        ("HOTEL", "ADLER", "company"),
        ("Hans (und Eva)", "Pohl", "people"),
        ("Hans (and Eva)", "Pohl", "people"),
        ("Jan i Anna", "Kowalscy", "people"),
        ("Ali ve Ayşe", "Yılmaz", "people"),
        ("Anna ja Matti", "Virtanen", "people"),
        ("Hans und", "von und zu Berg", "people"),
        ("*** End of report ***", "", "footer"),
    ] {
        let found = name_holds(given, family);
        assert_eq!(found.unwrap_or("nobody"), wanted, "{given:?} {family:?}");
    }
}

#[test]
fn people_stay_people() {
    for (given, family) in [
        ("Ada", "Amt"),
        ("José", "Ortega y Gasset"),
        ("Maria", "e Silva"),
        ("Anna Maria", "von der Heide"),
        ("Anna", "Gesamt"),
        ("Anna", "Summe"),
        ("Sum", "Wing"),
        ("Robert Lee", "Elder"),
        ("T. J.", "Watts"),
        ("Jean-Luc", "d'Été"),
        ("Max", "Limited-Smith"),
        ("Verena", "Vereiner"),
        ("Andy", "Undset"),
        ("Ander", "Andersen"),
        ("And", "Tamm"),
        ("Juan Y.", "Lopez"),
        ("Theo", "Family"),
        ("Anna", "Müller/Meier"),
        ("ANNA", "SE"),
        ("Ag", "Kg"),
        ("Stand", "Watie"),
        ("Page", "Turner"),
        ("Count", "Basie"),
        ("Inc", ""),
        ("Yvonne", "Ende"),
        ("", ""),
        ("Christian", "Stiftungs"),
        ("E.V.", "Smith"),
        ("Ev", "Yildiz"),
        ("Ana", "Hospital"),
        ("Kita", "Ota"),
        ("Charity", "Jones"),
        ("Anna", "Stadt"),
        ("Stadt", "Anna"),
        ("Kreis", "Otto"),
        ("Ada", "Kreis"),
        ("Anna", "Family"),
        ("T.", "Family"),
        ("The", "Nguyen"),
        ("La", "Tran"),
        ("Die", "Berg"),
        ("Anna;", "Berg"),
        ("Anna, Dr.", "Berg"),
        ("Berg, Anna", ""),
        ("City", "Jones"),
        ("Ville", "Virtanen"),
        ("Parish", "Brown"),
        ("Georg", "Graf von und zu Hardenberg"),
        ("Georg Graf von und", "zu Hardenberg"),
        ("Georg", "von und zum Stein"),
        ("Michael", "Herr"),
        ("Anna", "Last"),
        ("First", "Sirikul"),
        ("Nom", "Phan"),
        ("Name", "Last"),
        ("1234", ""),
        ("Anna", "2"),
        ("Anna", "Hotel"),
        ("Abraham a Sancta", "Clara"),
        ("Josep", "Gaudí i Cornet"),
        ("Antoni i", "Gaudí"),
        ("john i paul", "smith"),
        ("Margaret (Peggy)", "Andrews"),
        ("Law", "Kok Wing"),
        ("山田", "太郎"),
        ("Ἀνδρέας", "Παπαδόπουλος"),
    ] {
        assert_eq!(name_holds(given, family), None, "{given:?} {family:?}");
    }
}

proptest! {
    #[test]
    fn ordinary_names_hold_one_person(given in "[A-ZÄÖÜ][a-zäöüé]{2,9}([ -][A-Z][a-z]{3,8})?", family in "(von |de la )?[A-ZÄÖÜ][a-zäöü]{5,9}(-[A-Z][a-z]{3,8})?") {
        let words = format!("{given} {family}").to_lowercase();
        let listed = words.split([' ', '-']).any(|word| {
            super::COMPANIES.contains(&word) || super::FAMILIES.contains(&word) || super::BODIES.contains(&word) || super::TOTALS.contains(&word) || word == "and" || word == "und"
        });
        prop_assume!(!listed);
        prop_assert_eq!(name_holds(&given, &family), None);
    }

    #[test]
    fn couples_are_seen(one in "[A-Z][a-z]{2,8}", two in "[A-Z][a-z]{2,8}", family in "[A-Z][a-z]{2,8}", joint in "( & | and | und | \\+ |&|\\+)") {
        let given = format!("{one}{joint}{two}");
        prop_assert!(name_holds(&given, &family).is_some());
    }

    #[test]
    fn never_panics(given in any::<String>(), family in "[A-Za-z0-9&+/|.: -]{0,24}") {
        name_holds(&given, &family);
        name_holds(&family, &given);
    }
}
