//! The holidays of each country, with the law where one moves them.

use super::Holiday;
use super::rules::{Year, argentine, chilean, following_monday, reformation};
use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};

/// A country whose holidays we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Country {
    /// Argentina.
    Ar,
    /// Brazil.
    Br,
    /// Chile.
    Cl,
    /// Colombia.
    Co,
    /// Spain: the days common to all its communities.
    Es,
    /// Mexico.
    Mx,
    /// Peru.
    Pe,
}

impl Country {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Ar,
        Self::Br,
        Self::Cl,
        Self::Co,
        Self::Es,
        Self::Mx,
        Self::Pe,
    ];

    /// ISO 3166-1, in lower case: the stored name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ar => "ar",
            Self::Br => "br",
            Self::Cl => "cl",
            Self::Co => "co",
            Self::Es => "es",
            Self::Mx => "mx",
            Self::Pe => "pe",
        }
    }

    /// From the stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }

    /// The country whose clock this is, to propose its holidays.
    #[must_use]
    pub fn of_zone(zone: &str) -> Option<Self> {
        Some(match zone {
            "America/Santiago" | "America/Punta_Arenas" | "Pacific/Easter" => Self::Cl,
            "America/Bogota" => Self::Co,
            "America/Lima" => Self::Pe,
            "America/Mexico_City" | "America/Monterrey" | "America/Tijuana" | "America/Cancun" => {
                Self::Mx
            }
            "America/Sao_Paulo" | "America/Manaus" | "America/Fortaleza" | "America/Recife" => {
                Self::Br
            }
            "Europe/Madrid" | "Atlantic/Canary" | "Africa/Ceuta" => Self::Es,
            zone if zone.starts_with("America/Argentina/") => Self::Ar,
            "America/Buenos_Aires" => Self::Ar,
            _ => return None,
        })
    }

    pub(super) fn year(self, year: i16) -> Vec<Holiday> {
        let mut days = Year::new(year);
        match self {
            Self::Ar => argentina(&mut days),
            Self::Br => brazil(&mut days),
            Self::Cl => chile(&mut days),
            Self::Co => colombia(&mut days),
            Self::Es => spain(&mut days),
            Self::Mx => mexico(&mut days),
            Self::Pe => peru(&mut days),
        }
        days.done()
    }
}

/// Laws 2.977, 19.668, 19.973, 20.215, 20.299, 20.983, 21.357.
fn chile(y: &mut Year) {
    y.on(1, 1, "Año Nuevo");
    if y.weekday(1, 1) == Some(Weekday::Sunday) {
        y.on(1, 2, "Feriado de Año Nuevo");
    }
    y.easter(-2, "Viernes Santo");
    y.easter(-1, "Sábado Santo");
    y.on(5, 1, "Día del Trabajo");
    y.on(5, 21, "Día de las Glorias Navales");
    y.on(6, solstice(y.number()), "Día de los Pueblos Indígenas");
    y.moved(6, 29, "San Pedro y San Pablo", chilean);
    y.on(7, 16, "Virgen del Carmen");
    y.on(8, 15, "Asunción de la Virgen");
    if matches!(y.weekday(9, 17), Some(Weekday::Monday | Weekday::Friday)) {
        y.on(9, 17, "Feriado de Fiestas Patrias");
    }
    y.on(9, 18, "Independencia Nacional");
    y.on(9, 19, "Día de las Glorias del Ejército");
    if y.weekday(9, 20) == Some(Weekday::Friday) {
        y.on(9, 20, "Feriado de Fiestas Patrias");
    }
    y.moved(10, 12, "Encuentro de Dos Mundos", chilean);
    y.moved(10, 31, "Día de las Iglesias Evangélicas", reformation);
    y.on(11, 1, "Todos los Santos");
    y.on(12, 8, "Inmaculada Concepción");
    y.on(12, 25, "Navidad");
}

/// The day of June on which the winter solstice falls in Chile. The pattern of the leap years
/// holds from 2022 (the law is of 2021) into the second half of the century.
fn solstice(year: i16) -> i8 {
    if year.rem_euclid(4) < 2 { 20 } else { 21 }
}

/// Law 27.399; Decree 614 of 2025 allows moving what falls on a weekend, year by year. Not the days
/// «con fines turísticos» (article 7; Decree 1027 of 2024, Resolution 164 of 2025) nor Maundy
/// Thursday: on those it is the employer who decides.
fn argentina(y: &mut Year) {
    y.on(1, 1, "Año Nuevo");
    y.easter(-48, "Carnaval");
    y.easter(-47, "Carnaval");
    y.on(3, 24, "Día de la Memoria");
    y.on(4, 2, "Día de los Caídos en Malvinas");
    y.easter(-2, "Viernes Santo");
    y.on(5, 1, "Día del Trabajador");
    y.on(5, 25, "Revolución de Mayo");
    y.moved(6, 17, "Paso a la Inmortalidad de Güemes", argentine);
    y.on(6, 20, "Paso a la Inmortalidad de Belgrano");
    y.on(7, 9, "Día de la Independencia");
    y.moved(8, 17, "Paso a la Inmortalidad de San Martín", argentine);
    match y.number() {
        // Moved to the Friday before by Resolution 139 of 2025.
        2025 => y.on(10, 10, "Día de la Diversidad Cultural"),
        _ => y.moved(10, 12, "Día de la Diversidad Cultural", argentine),
    }
    if y.number() == 2026 {
        // Decree 1103 of 2026.
        y.on(11, 9, "Visita del Papa León XIV");
    }
    y.moved(11, 20, "Día de la Soberanía Nacional", argentine);
    y.on(12, 8, "Inmaculada Concepción");
    y.on(12, 25, "Navidad");
}

/// Legislative Decree 713 and Laws 31.381, 31.530, 31.788, 31.822.
fn peru(y: &mut Year) {
    y.on(1, 1, "Año Nuevo");
    y.easter(-3, "Jueves Santo");
    y.easter(-2, "Viernes Santo");
    y.on(5, 1, "Día del Trabajo");
    y.on(6, 7, "Batalla de Arica y Día de la Bandera");
    y.on(6, 29, "San Pedro y San Pablo");
    y.on(7, 23, "Día de la Fuerza Aérea del Perú");
    y.on(7, 28, "Fiestas Patrias");
    y.on(7, 29, "Fiestas Patrias");
    y.on(8, 6, "Batalla de Junín");
    y.on(8, 30, "Santa Rosa de Lima");
    y.on(10, 8, "Combate de Angamos");
    y.on(11, 1, "Todos los Santos");
    y.on(12, 8, "Inmaculada Concepción");
    y.on(12, 9, "Batalla de Ayacucho");
    y.on(12, 25, "Navidad");
}

/// Law 51 of 1983; Law 2578 of 2026 (1 June) adds a day in July.
fn colombia(y: &mut Year) {
    y.on(1, 1, "Año Nuevo");
    y.moved(1, 6, "Reyes Magos", following_monday);
    y.moved(3, 19, "San José", following_monday);
    y.easter(-3, "Jueves Santo");
    y.easter(-2, "Viernes Santo");
    y.on(5, 1, "Día del Trabajo");
    y.easter(43, "Ascensión del Señor");
    y.easter(64, "Corpus Christi");
    y.easter(71, "Sagrado Corazón");
    y.moved(6, 29, "San Pedro y San Pablo", following_monday);
    if y.number() >= 2026 {
        y.moved(7, 9, "Virgen de Chiquinquirá", following_monday);
    }
    y.on(7, 20, "Día de la Independencia");
    y.on(8, 7, "Batalla de Boyacá");
    y.moved(8, 15, "Asunción de la Virgen", following_monday);
    y.moved(
        10,
        12,
        "Día de la Diversidad Étnica y Cultural",
        following_monday,
    );
    y.moved(11, 1, "Todos los Santos", following_monday);
    y.moved(11, 11, "Independencia de Cartagena", following_monday);
    y.on(12, 8, "Inmaculada Concepción");
    y.on(12, 25, "Navidad");
}

/// Federal Labour Law, article 74; a president takes office every six years.
fn mexico(y: &mut Year) {
    y.on(1, 1, "Año Nuevo");
    y.nth(2, 1, Weekday::Monday, "Día de la Constitución");
    y.nth(3, 3, Weekday::Monday, "Natalicio de Benito Juárez");
    y.on(5, 1, "Día del Trabajo");
    y.on(9, 16, "Día de la Independencia");
    if y.number().rem_euclid(6) == 2 {
        y.on(10, 1, "Transmisión del Poder Ejecutivo");
    }
    y.nth(11, 3, Weekday::Monday, "Día de la Revolución");
    y.on(12, 25, "Navidad");
}

/// Laws 662, 6.802, 9.093 and 14.759.
fn brazil(y: &mut Year) {
    y.on(1, 1, "Confraternização Universal");
    y.easter(-2, "Paixão de Cristo");
    y.on(4, 21, "Tiradentes");
    y.on(5, 1, "Dia do Trabalho");
    y.on(9, 7, "Independência do Brasil");
    y.on(10, 12, "Nossa Senhora Aparecida");
    y.on(11, 2, "Finados");
    y.on(11, 15, "Proclamação da República");
    y.on(11, 20, "Dia da Consciência Negra");
    y.on(12, 25, "Natal");
}

/// Workers' Statute, article 37.2, and Royal Decree 2001/1983: those no community replaces.
fn spain(y: &mut Year) {
    y.on(1, 1, "Año Nuevo");
    y.on(1, 6, "Epifanía del Señor");
    y.easter(-2, "Viernes Santo");
    y.on(5, 1, "Fiesta del Trabajo");
    y.on(8, 15, "Asunción de la Virgen");
    y.on(10, 12, "Fiesta Nacional de España");
    y.on(11, 1, "Todos los Santos");
    y.on(12, 6, "Día de la Constitución");
    y.on(12, 8, "Inmaculada Concepción");
    y.on(12, 25, "Navidad");
}
