//! The screens about texts and hours with made-up data.

use super::close_policy;
use super::conflict::SettingsConflict;
use super::hours::{countries, holidays_of, status};
use super::hours_form::{days, fill as fill_hours, read};
use super::text_fields::text_fields;
use super::texts::{example_email, fill};
use super::view::{HoursPage, TextsPage};
use crate::extract::Form;
use crate::pages::audit::words::Told;
use crate::pages::parts::{languages, zones};
use crate::pages::rules::samples::look;
use crate::pages::samples::{NOW, Samples};
use crate::pages::shell::Nav;
use askama::Template;
use domain::calendar::Country;
use domain::routing::{BusinessHours, DayHours};
use domain::tenant::TenantSettings;

/// The screens: a file name and the HTML.
pub(crate) fn screens(s: &Samples) -> Vec<(&'static str, String)> {
    vec![
        ("settings", texts(s).render().unwrap()),
        ("settings-hours", hours(s).render().unwrap()),
        ("settings-conflict", contested(s).render().unwrap()),
    ]
}

fn texts(s: &Samples) -> TextsPage {
    let (l, w) = (s.l, s.w);
    let mut f = Form::default();
    fill(&TenantSettings::default(), &mut f);
    f.fields.set("goodbye", w("¡Gracias por escribirnos!"));
    f.fields
        .set("client_email", w("{channel}-{contact}@cafe.test"));
    f.fields.set("requested", w("Hola {nmbre}"));
    f.refuse("requested", w("No conocemos {nmbre}."));
    TextsPage {
        s: s.shell(Nav::Settings, "/settings"),
        tab: "texts",
        problem: Some(l.t("wrong-look-below")),
        languages: languages("es"),
        texts: text_fields(&f, l),
        scales: close_policy::scales(&f, l),
        email: example_email(f.v("client_email"), "cafe-norte"),
        shown: "goodbye".to_owned(),
        preview: Some(look(s)),
        conflict: None,
        f,
    }
}

/// Somebody else saved the same texts meanwhile.
fn contested(s: &Samples) -> TextsPage {
    TextsPage {
        conflict: Some(SettingsConflict {
            who: (s.w)("Beto Soto"),
            when: s.dates().short(NOW),
            differs: vec![Told {
                what: (s.w)("Textos › Despedida"),
                was: Some((s.w)("¡Gracias por escribirnos!")),
                became: None,
            }],
        }),
        problem: None,
        ..texts(s)
    }
}

fn hours(s: &Samples) -> HoursPage {
    let (l, w) = (s.l, s.w);
    let open = DayHours {
        open: vec![(540, 780), (900, 1080)],
    };
    let stored = BusinessHours {
        week: vec![open; 5],
        country: Some(Country::Cl),
        holidays: vec!["2026-12-24".to_owned()],
        ..BusinessHours::default()
    };
    let mut f = Form::default();
    fill_hours(&stored, &mut f);
    let hours = read(&mut f.clone(), l);
    f.fields.set("holidays", w("2026-12-24"));
    f.refuse("tue", l.t("wrong-span"));
    HoursPage {
        s: s.shell(Nav::Settings, "/settings/hours"),
        tab: "hours",
        zones: zones("America/Santiago", l),
        days: days(&f, l),
        countries: countries(&f, l),
        proposed: None,
        holidays: holidays_of(&f, &hours, NOW, l),
        status: status(&hours, NOW, l),
        f,
        problem: None,
        conflict: None,
    }
}
