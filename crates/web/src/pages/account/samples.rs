//! The account's screens, the log-in's second step and the pages behind links, with made-up data.

use super::device::Device;
use super::view::*;
use crate::extract::{Fields, Form};
use crate::pages::confirm::view::{ConfirmLinkPage, GonePage};
use crate::pages::login::view::CodePage;
use crate::pages::outbox::view::{MailItem, OutboxPage};
use crate::pages::parts::languages;
use crate::pages::reset::view::{ForgotPage, ResetPage};
use crate::pages::samples::{NOW, Samples};
use crate::pages::shell::{Nav, Shell};
use crate::pages::signup::view::SentPage;
use askama::Template;
use domain::ports::Mail;
use domain::time::Timestamp;

pub(crate) fn screens(s: &Samples) -> Vec<(&'static str, String)> {
    let mut pages = inside(s);
    pages.extend(outside(s));
    pages
}

fn inside(s: &Samples) -> Vec<(&'static str, String)> {
    let (w, l) = (s.w, s.l);
    let shell = |path: &str| s.shell(Nav::Nowhere, path);
    let mut form = Form::from(Fields::parse(b"language=es"));
    form.fields.set("name", w("Camila Rojas"));
    let mut wrong = form.clone();
    wrong.fields.set("new_email", w("camila"));
    wrong.refuse("new_email", l.t("wrong-email"));
    wrong.refuse("email_password", l.t("account-wrong-password"));
    let profile = |f: Form| ProfilePage {
        s: shell("/account"),
        tab: "profile",
        f,
        email: w("camila@cafenorte.cl"),
        languages: languages("es"),
    };
    let security = |factor, left: i64| SecurityPage {
        s: shell("/account/security"),
        tab: "security",
        f: Form::default(),
        factor,
        codes: l.n("factor-codes-left", left),
        codes_low: left < 3,
    };
    let secret = [7_u8; 20];
    let offered = adapters::second_factor::enrolment(&secret, "camila@cafenorte.cl").unwrap();
    let mut refused = Form::default();
    refused.refuse("code", l.t("login-code-wrong"));
    let dates = s.dates();
    let login = |agent: &str, hours: i64, here| LoginItem {
        id: "1".to_owned(),
        device: Device::of(agent, l),
        address: w("190.162.4.18"),
        begun: dates.short(Timestamp(NOW.0 - 9 * 86_400_000)),
        seen: dates.short(Timestamp(NOW.0 - hours * 3_600_000)),
        here,
    };
    vec![
        ("account", profile(form).render().unwrap()),
        ("account-wrong", profile(wrong).render().unwrap()),
        ("account-security", security(false, 0).render().unwrap()),
        ("account-security-on", security(true, 2).render().unwrap()),
        (
            "account-factor",
            FactorPage {
                s: shell("/account/second-factor"),
                tab: "security",
                f: refused,
                qr: offered.qr,
                key: offered.key,
            }
            .render()
            .unwrap(),
        ),
        (
            "account-codes",
            CodesPage {
                s: shell("/account/second-factor"),
                tab: "security",
                codes: (0..10).map(|n| format!("k7m{n}-xq4h-9w2r-tz8c")).collect(),
            }
            .render()
            .unwrap(),
        ),
        (
            "account-logins",
            LoginsPage {
                s: shell("/account/logins"),
                tab: "logins",
                logins: vec![
                    login("Windows Chrome/130", 0, true),
                    login("iPhone Safari/604", 5, false),
                    login("", 70, false),
                ],
            }
            .render()
            .unwrap(),
        ),
    ]
}

fn outside(s: &Samples) -> Vec<(&'static str, String)> {
    let (w, l) = (s.w, s.l);
    let shell = |path: &str| -> Shell { s.outside(path) };
    let email = w("camila@cafenorte.cl");
    let sent = |why: &str| SentPage {
        s: shell("/signup"),
        lead: l.with(&format!("sent-{why}"), "email", &email),
        email: email.clone(),
        again: "/signup/again",
        outbox: why == "signup",
        problem: (why == "unproven").then(|| l.t("login-too-many")),
    };
    let forgot = |mails| ForgotPage {
        s: shell("/forgot"),
        f: Form::default(),
        problem: None,
        mails,
    };
    let mail = Mail {
        to: email.clone(),
        subject: l.t("mail-reset-subject"),
        text: w("Hola:\n\nhttps://relevo.test/reset/x\n"),
        html: String::new(),
    };
    let when = s.dates().short(NOW);
    let item = MailItem::of(mail, when, "https://relevo.test/");
    let code = CodePage {
        s: shell("/login/code"),
        f: Form::default(),
        problem: Some(l.t("login-code-wrong")),
    };
    let confirm = ConfirmLinkPage {
        s: shell("/confirm/x"),
        title: l.t("confirm-title"),
        text: l.t("confirm-text"),
        button: l.t("confirm-button"),
        action: "/confirm",
        token: w("x"),
    };
    let gone = GonePage {
        s: shell("/reset/x"),
        text: l.t("gone-reset"),
        button: l.t("gone-reset-button"),
        to: "/forgot",
    };
    let reset = ResetPage {
        s: shell("/reset/x"),
        f: Form::default(),
        token: w("x"),
    };
    let outbox = |mails| OutboxPage {
        s: shell("/outbox"),
        mails,
    };
    vec![
        ("login-code", code.render().unwrap()),
        ("signup-sent", sent("signup").render().unwrap()),
        ("login-unproven", sent("unproven").render().unwrap()),
        ("forgot", forgot(true).render().unwrap()),
        ("forgot-off", forgot(false).render().unwrap()),
        ("reset", reset.render().unwrap()),
        ("confirm", confirm.render().unwrap()),
        ("link-gone", gone.render().unwrap()),
        ("outbox", outbox(vec![item]).render().unwrap()),
        ("outbox-empty", outbox(Vec::new()).render().unwrap()),
    ]
}
