//! Header by header: what real sheets call things, in four languages, and what must never be mapped.

use importer_plans::header::{HeaderChoices, match_headers};

use crate::shipped_project::shipped;

/// Header, and the field that it means; `-` for none. `list` fields stand behind a main column.
#[rustfmt::skip]
const HEADERS: &[(&str, &str)] = &[
    // English
    ("First Name", "first_name"), ("FIRST_NAME", "first_name"), ("firstName", "first_name"), ("Given name", "first_name"),
    ("Forename", "first_name"), ("First Name*", "first_name"), ("First name (required)", "first_name"), ("  first   name  ", "first_name"),
    ("Volunteer First Name", "first_name"), ("Volunteer's first name", "first_name"), ("Contact: First Name", "first_name"),
    ("Last Name", "last_name"), ("Surname", "last_name"), ("Family-Name", "last_name"), ("LastName", "last_name"),
    ("Name", "full_name"), ("Full Name", "full_name"), ("Name of volunteer", "full_name"), ("Volunteer Name", "full_name"), ("Last name, First name", "full_name"),
    ("Email", "email"), ("E-mail", "email"), ("e mail", "email"), ("eMail", "email"), ("EMAIL ADDRESS", "email"), ("Email_Address", "email"), ("Email Address (required)", "email"),
    ("Work e-mail", "email"), ("Personal Email", "email"), ("Primary Email", "email"), ("Secondary email", "email"), ("Email 2", "email"), ("email1", "email"), ("Your email address", "email"),
    ("Home Email Address", "email"), ("Volunteer e-mail", "email"), ("E-mail 1 - Value", "email"), ("E-mail 2 Address", "email"), ("Alternate e-mails", "alternate_emails"), ("Other emails", "alternate_emails"),
    ("Phone", "phone"), ("Phone Number", "phone"), ("Phone #", "phone"), ("Telephone", "phone"), ("Tel.", "phone"), ("Tel. No.", "phone"), ("Mobile", "phone"), ("Mobile Phone", "phone"), ("MobilePhone", "phone"),
    ("Cell Phone", "phone"), ("Cell #", "phone"), ("phone (mobile)", "phone"), ("Phone (with country code)", "phone"), ("Home phone 2", "phone"), ("Work Phone", "phone"), ("Business Phone 2", "phone"),
    ("Daytime telephone number", "phone"), ("Contact number", "phone"), ("Contact Phone", "phone"), ("Phone 1 - Value", "phone"), ("phone_number_2", "phone"), ("WhatsApp number", "-"), ("Other phone", "phone"),
    ("DOB", "birth_date"), ("Date of Birth", "birth_date"), ("Date of birth (DD/MM/YYYY)", "birth_date"), ("Birthday", "birth_date"), ("Zip", "postal_code"), ("ZIP Code", "postal_code"), ("Zip/Postal Code", "postal_code"), ("Mailing Postal Code", "postal_code"),
    ("City/Town", "city"), ("Street Address", "street"), ("Address Line 1", "street"), ("Company", "employer"), ("Company name", "employer"), ("Country/Region", "country"),
    ("ID", "external_id"), ("Contact ID", "external_id"), ("Member Number", "external_id"), ("Salesforce ID", "external_id"), ("Last Modified Date", "source_updated_at"), ("Updated At", "source_updated_at"), ("updated_on", "source_updated_at"),
    ("Email verified at", "email_verified_at"), ("is deleted", "is_deleted"), ("Reason for deletion", "deleted_reason"),
    // German
    ("Vorname", "first_name"), ("Vor-Name", "first_name"), ("Vor Name", "first_name"), ("Nachname", "last_name"), ("Familienname", "last_name"), ("Vor- und Nachname", "full_name"), ("Name, Vorname", "full_name"),
    ("E-Mail-Adresse", "email"), ("E-Mail (privat)", "email"), ("E-Mail dienstlich", "email"), ("Mailadresse", "email"), ("Private E-Mail", "email"), ("privatemail", "email"), ("2. E-Mail", "email"), ("Weitere E-Mail", "email"), ("E-Mail geschäftlich", "email"),
    ("Telefon", "phone"), ("Telefon 2", "phone"), ("Telefonnummer", "phone"), ("Tel.-Nr.", "phone"), ("Telefon (privat)", "phone"), ("Telefon mobil", "phone"), ("Handy", "phone"), ("Handynummer", "phone"), ("Handy-Nr.", "phone"), ("Mobiltelefon", "phone"), ("Festnetz", "phone"), ("Diensthandy", "phone"), ("Telefon dienstlich", "phone"), ("Rufnummer (tagsüber)", "phone"), ("Telefon/Handy", "phone"), ("Telefon mit Vorwahl", "phone"),
    ("Geburtsdatum", "birth_date"), ("Geb.-Datum", "birth_date"), ("Geburtsdatum (TT.MM.JJJJ)", "birth_date"), ("Straße", "street"), ("STRASSE", "street"), ("Straße/Nr.", "street"), ("PLZ", "postal_code"), ("Ort", "city"), ("Land", "country"), ("Arbeitgeber", "employer"), ("Mitglieds-Nr.", "external_id"), ("Zuletzt geändert", "source_updated_at"), ("Geaendert am", "source_updated_at"),
    // French
    ("Prénom", "first_name"), ("PRENOM", "first_name"), ("Nom de famille", "last_name"), ("Nom et prénom", "full_name"), ("Nom complet", "full_name"), ("Adresse e-mail", "email"), ("Courriel", "email"), ("Adresse électronique", "email"), ("Courriel professionnel", "email"), ("E-mail perso", "email"), ("Autre e-mail", "email"),
    ("Téléphone", "phone"), ("téléphone portable", "phone"), ("Tél. fixe", "phone"), ("Tél. domicile", "phone"), ("N° de téléphone", "phone"), ("Portable", "phone"), ("Portable pro", "phone"), ("Téléphone du domicile", "phone"), ("Date de naissance", "birth_date"), ("Né(e) le", "birth_date"), ("Code postal", "postal_code"), ("Ville", "city"), ("Pays", "country"), ("Rue", "street"), ("Employeur", "employer"), ("Numéro d'adhérent", "external_id"), ("Dernière mise à jour", "source_updated_at"),
    // Spanish
    ("Nombre", "full_name"), ("Nombre de pila", "first_name"), ("Apellidos", "last_name"), ("Apellido", "last_name"), ("Nombre y apellidos", "full_name"), ("Nombre completo", "full_name"), ("correo electrónico", "email"), ("Correo electrónico 2", "email"), ("Correo", "email"), ("Dirección de correo electrónico", "email"), ("Correo personal", "email"),
    ("Teléfono", "phone"), ("Teléfono móvil", "phone"), ("Teléfono de casa", "phone"), ("Móvil", "phone"), ("Celular", "phone"), ("Número de teléfono", "phone"), ("Otro teléfono", "phone"), ("Fecha de nacimiento", "birth_date"), ("Código postal", "postal_code"), ("Ciudad", "city"), ("País", "country"), ("Calle", "street"), ("Dirección", "street"), ("Empresa", "employer"), ("Número de socio", "external_id"), ("Última actualización", "source_updated_at"),
    // Never an e-mail, phone or name
    ("Email opt in", "-"), ("Email Opt-Out", "-"), ("No email", "-"), ("Email verified", "-"), ("Email status", "-"), ("Email consent", "-"), ("E-mail Display Name", "-"), ("E-mail Type", "-"), ("E-mail 1 - Label", "-"), ("Preferred email format", "-"), ("Parent email", "-"), ("Email of guardian", "-"), ("Mailing list", "-"), ("Newsletter", "-"), ("Email bounced", "-"), ("Email sent on", "-"),
    ("Phone type", "-"), ("Preferred phone type", "-"), ("Phone extension", "-"), ("Phone country code", "-"), ("Emergency contact", "-"), ("Emergency contact phone", "-"), ("Emergency phone", "-"), ("Emergency contact name", "-"), ("Secondary contact number", "-"), ("Assistant's Phone", "-"), ("AssistantPhone", "-"), ("Company Main Phone", "-"), ("Fax", "-"), ("Home Fax", "-"), ("Mobile opt-in", "-"), ("Cell phone carrier", "-"), ("Phone or email", "-"), ("Mother's mobile", "-"), ("Ph.D.", "-"), ("Do not call", "-"),
    ("User name", "-"), ("Username", "-"), ("Name of school", "-"), ("School name", "-"), ("Name of parent", "-"), ("Parent name", "-"), ("Event name", "-"), ("Team Name", "-"), ("Account Name", "-"), ("Nickname", "-"), ("Middle name", "-"), ("Maiden name", "-"), ("File name", "-"), ("Last contacted", "-"), ("Last login", "-"), ("First shift", "-"), ("Last shift date", "-"),
    ("Telefon Notfallkontakt", "-"), ("Notfallnummer", "-"), ("E-Mail der Eltern", "-"), ("Name der Schule", "-"), ("Name des Vaters", "-"), ("Geburtsname", "-"), ("Geburtsort", "-"), ("E-Mail Einwilligung", "-"), ("Handy-Anbieter", "-"), ("Hausnummer", "-"), ("Personalnummer", "-"), ("Benutzername", "-"),
    ("Téléphone d'urgence", "-"), ("E-mail du parent", "-"), ("Nom du parent", "-"), ("Nom de l'école", "-"), ("Lieu de naissance", "-"), ("Correo de los padres", "-"), ("Teléfono de emergencia", "-"), ("Nombre del colegio", "-"), ("Nombre de usuario", "-"), ("Lugar de nacimiento", "-"),
    ("Address 2", "-"), ("Notes", "-"), ("Status", "-"), ("Start date", "-"), ("Availability", "-"), ("Hours", "-"), ("T-shirt size", "-"), ("_row", "-"), ("column_4", "-"), ("", "-"), ("***", "-"),
];

#[test]
fn each_header_means_what_people_mean() {
    let contract = &shipped().entities["volunteers"].contract;
    let wrong: Vec<String> = HEADERS
        .iter()
        .filter_map(|(header, expected)| {
            let matched = match_headers(&[(*header).to_owned()], contract, &HeaderChoices::default());
            let found = matched.field_of(0).unwrap_or("-");
            (found != *expected).then(|| format!("{header:?}: expected {expected}, found {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), HEADERS.len(), wrong.join("\n"));
}
