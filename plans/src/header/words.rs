//! The words that may stand beside an e-mail or phone header, in English, German, French and Spanish.
//!
//! A new word here maps more headers, so it must never be one that makes the value somebody else's (`parent`,
//! `emergency`, `company`) or no value at all (`type`, `consent`, `verified`).

/// What a word beside a header says about the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// The column with the main value.
    Main,
    /// One kind of value among others.
    Kind,
    /// A further value.
    Further,
}

const MAIN: &str = "primary main preferred default principal principale primaer primar haupt hauptsaechlich bevorzugt \
    bevorzugte prefere preferee preferido preferida";

const KIND: &str = "work home private personal business office mobile mobiles cell cellular landline daytime day evening \
    night whatsapp smartphone privat privater privates dienstlich dienstliche geschaftlich geschaftliche geschaeftlich geschaeftliche \
    beruflich berufliche arbeit buro buero dienst zuhause mobil handy festnetz tagsuber tagsueber abends \
    prive privee perso personnel personnelle pro professionnel professionnelle travail bureau domicile maison fixe portable \
    mobile journee soir trabajo laboral casa particular oficina movil celular fijo privado privada corporativo profesional";

const FURTHER: &str = "alternate alternative alt other secondary second additional further another backup extra third \
    zweit zweite zweiter dritte weitere weiterer weiteres andere anderer alternativ zusatzlich zusatzliche zusaetzlich \
    zusaetzliche sonstige autre autres secondaire deuxieme seconde troisieme supplementaire alternatif \
    otro otra secundario secundaria alternativo alternativa adicional segundo segunda tercero tercera";

/// Words that add nothing: articles, "number", "address", ordinal endings.
const NEUTRAL: &str = "address addresses adresse adress adressen number numbers nr num nummer numero numeros value \
    of the my your de del du des la le el su tu mi ihre ihr deine dein meine votre vos ton mon der die das fur fuer \
    st nd rd th er eme e164 withcountrycode includingcountrycode inclcountrycode withareacode \
    mitvorwahl inklvorwahl mitlandervorwahl avecindicatif";

/// Words at the end of any header that say how to fill the column in.
const NOISE: [&str; 23] = [
    "required",
    "optional",
    "mandatory",
    "pflichtfeld",
    "pflicht",
    "freiwillig",
    "obligatoire",
    "facultatif",
    "obligatorio",
    "opcional",
    "dd",
    "mm",
    "yyyy",
    "yy",
    "tt",
    "jj",
    "jjjj",
    "aaaa",
    "hh",
    "iso",
    "utc",
    "gmt",
    "8601",
];

/// What a folded word beside a header says, `None` when the word is not known. Neutral words count as [`Rank::Main`].
pub(super) fn rank(word: &str) -> Option<Rank> {
    let is_in = |list: &str| list.split_ascii_whitespace().any(|known| known == word);
    if word.bytes().all(|b| b.is_ascii_digit()) {
        return match word.parse::<u8>() {
            Ok(0 | 1) => Some(Rank::Main),
            Ok(2..=19) => Some(Rank::Further),
            _ => None,
        };
    }
    if is_in(NEUTRAL) || is_in(MAIN) {
        Some(Rank::Main)
    } else if is_in(KIND) {
        Some(Rank::Kind)
    } else if is_in(FURTHER) {
        Some(Rank::Further)
    } else {
        None
    }
}

/// True for a word at the end of a header that says how to fill the column in.
pub(super) fn is_noise(word: &str) -> bool {
    NOISE.contains(&word)
}
