//! The screens about rules with made-up data.

use super::backtest::{self, BacktestResult, BacktestView, ExampleItem};
use super::draft::action_fields;
use super::node::node_view;
use super::view::{
    BacktestPage, ComparedRule, Conflict, RuleEditPage, RuleItem, RulesPage, Says, VersionItem,
    VersionPage, VersionsPage, channel_choices,
};
use super::{presets, trial};
use crate::extract::Form;
use crate::pages::parts::Choice;
use crate::pages::preview::{Bubble, ChannelPreview, Preview, variable_names};
use crate::pages::samples::{NOW, Samples};
use crate::pages::settings::close_policy;
use crate::pages::shell::Nav;
use adapters::store::RuleRow;
use askama::Template;
use domain::channel::ChannelKind;
use domain::handoff::HandoffOptions;
use domain::ids::RuleId;
use domain::routing::{Action, BusinessHours, Condition, Rule};
use domain::time::Timestamp;
use domain::variables::Variable;
use uuid::Uuid;

/// The screens: a file name and the HTML.
pub(crate) fn screens(s: &Samples) -> Vec<(&'static str, String)> {
    let (l, w) = (s.l, s.w);
    let rows = rule_rows(s);
    let rules: Vec<Rule> = rows.iter().map(|r| r.rule.clone()).collect();
    let mut tried = Form::default();
    tried
        .fields
        .set("try_text", w("quiero hablar con un agente"));
    tried.fields.set("try_fallbacks", "3");
    let hours = BusinessHours::default();
    let trial = trial::run(&tried.fields, &rules, &hours, NOW, l);
    let list = RulesPage {
        s: s.shell(Nav::Rules, "/rules"),
        version: 7,
        rules: rows.iter().map(|r| RuleItem::of(r, l)).collect(),
        presets: presets::all(l),
        trial,
    };
    let empty = RulesPage {
        s: s.shell(Nav::Rules, "/rules"),
        version: 0,
        rules: vec![],
        presets: presets::all(l),
        trial: trial::view(&tried.fields, l),
    };
    let look_back = BacktestPage {
        s: s.shell(Nav::Rules, "/rules/backtest"),
        backtest: looked(s, false),
    };
    let version = |number: i64, current| VersionItem {
        number,
        when: s
            .dates()
            .short(Timestamp(NOW.0 - (8 - number) * 86_400_000)),
        who: w("Camila Rojas"),
        changes: vec![
            l.filled("change-condition", &[("name", &w("Pide una persona"))]),
            l.filled("change-switched_off", &[("name", &w("Campaña"))]),
        ],
        current,
    };
    let versions = VersionsPage {
        s: s.shell(Nav::Rules, "/rules/versions"),
        versions: vec![version(7, true), version(6, false), version(5, false)],
        older: Some("/rules/versions?before=5".to_owned()),
    };
    let says = |n: usize| Some(Says::of(&rules[n], l));
    let compared = |now, before, mark| ComparedRule { now, before, mark };
    let one = VersionPage {
        s: s.shell(Nav::Rules, "/rules/versions/6"),
        version: version(6, false),
        others: vec![Choice::new("5", "5", true)],
        compared: l.with("version-compared", "number", "5"),
        changes: vec![l.filled("change-added", &[("name", &w("Campaña"))])],
        rules: vec![
            compared(says(0), None, ""),
            compared(says(1), says(2), "changed"),
            compared(says(3), None, "added"),
            compared(None, says(2), "removed"),
        ],
    };
    vec![
        ("rules", list.render().unwrap()),
        ("rules-empty", empty.render().unwrap()),
        ("rules-backtest", look_back.render().unwrap()),
        ("rule-versions", versions.render().unwrap()),
        ("rule-version", one.render().unwrap()),
        ("rule-edit", editor(s, &rules[1], true).render().unwrap()),
        ("rule-answer", editor(s, &rules[2], false).render().unwrap()),
    ]
}

fn editor(s: &Samples, rule: &Rule, full: bool) -> RuleEditPage {
    let (l, w) = (s.l, s.w);
    let mut f = Form::default();
    f.fields.set("name", &rule.name);
    f.fields.tick("enabled", true);
    action_fields(&rule.action, &mut f.fields);
    let chosen = f.v("action").to_owned();
    let wrong = [("c.0".to_owned(), "wrong-number")];
    RuleEditPage {
        s: s.shell(Nav::Rules, "/rules/1"),
        title: l.t("rule-edit"),
        action_url: "/rules/1".to_owned(),
        problem: full.then(|| l.t("wrong-look-below")),
        channels: channel_choices(l, |k| k == "whatsapp"),
        actions: ["hand_off", "answer", "tag", "ignore"]
            .map(|a| Choice::new(a, l.word("action", a), a == chosen))
            .into(),
        root: node_view(&rule.condition, "c", &wrong, l),
        trial: trial::view(&f.fields, l),
        backtest: looked(s, true),
        preview: (!full).then(|| look(s)),
        variables: variable_names(&Variable::ALWAYS, l),
        scales: close_policy::scales(&f, l),
        base: Some(7),
        conflict: full.then(|| Conflict {
            who: w("Camila Rojas"),
            when: s.dates().short(NOW),
            changes: vec![l.filled("change-action", &[("name", &w("El bot no entiende"))])],
            gone: false,
            theirs: vec![w("Si dice «agente»"), l.t("deed-hand-off")],
        }),
        f,
    }
}

/// How a text and a question with answers look.
pub(crate) fn look(s: &Samples) -> Preview {
    let (l, w) = (s.l, s.w);
    let bubble = || Bubble {
        text: w("¿Cómo te atendimos?"),
        ..Bubble::default()
    };
    let answers = || {
        ["⭐", "⭐⭐", "⭐⭐⭐", "⭐⭐⭐⭐", "⭐⭐⭐⭐⭐"]
            .map(&w)
            .to_vec()
    };
    let on = |kind: ChannelKind, bubble, note: &str| ChannelPreview {
        kind: kind.name(),
        title: kind.title().to_owned(),
        bubbles: vec![bubble],
        note: if note.is_empty() {
            String::new()
        } else {
            l.t(note)
        },
    };
    let listed = Bubble {
        opens: "Ver opciones".to_owned(),
        rows: answers().into_iter().map(|a| (a, String::new())).collect(),
        ..bubble()
    };
    let keys = Bubble {
        buttons: answers(),
        ..bubble()
    };
    let chips = || Bubble {
        chips: answers(),
        ..bubble()
    };
    Preview {
        l,
        channels: vec![
            on(ChannelKind::WhatsApp, listed, "preview-note-list"),
            on(ChannelKind::Telegram, keys, ""),
            on(ChannelKind::Messenger, chips(), "preview-note-chips"),
            on(ChannelKind::Instagram, chips(), "preview-note-chips"),
        ],
    }
}

fn looked(s: &Samples, in_editor: bool) -> BacktestView {
    let (l, w) = (s.l, s.w);
    let mut shown = backtest::view(&Form::default().fields, l, in_editor);
    let example = |anyway| ExampleItem {
        href: "/conversations/1".to_owned(),
        words: w("necesito hablar con alguien de facturación"),
        rule: w("Pide una persona"),
        anyway,
    };
    shown.more = true;
    shown.state = "{}".to_owned();
    shown.result = Some(BacktestResult {
        looked: l.n("bt-looked", 1240),
        would: 86,
        share: "6,9 %".to_owned(),
        also: 61,
        new: 25,
        lost: 4,
        by_rule: vec![
            (w("Pide una persona"), "70".to_owned()),
            (w("Otra"), "16".to_owned()),
        ],
        examples: vec![example(false), example(true)],
        lost_links: vec!["/conversations/2".to_owned()],
    });
    shown
}

fn rule_rows(s: &Samples) -> Vec<RuleRow> {
    let w = s.w;
    let words = |list: &[&str]| Condition::Keywords {
        words: list.iter().map(|t| w(t)).collect(),
    };
    let rule = |n: u128, name: &str, enabled, condition, action| Rule {
        id: RuleId(Uuid::from_u128(n)),
        name: w(name),
        enabled,
        channels: if n == 2 {
            vec![ChannelKind::WhatsApp]
        } else {
            vec![]
        },
        condition,
        action,
    };
    let hand_off = || Action::HandOff {
        options: HandoffOptions {
            notice: Some(w("Te paso con ventas.")),
            inquiry: Some(12),
            ..HandoffOptions::default()
        },
        close: None,
    };
    let open = Condition::Not {
        of: Box::new(Condition::InBusinessHours),
    };
    let rows = vec![
        rule(
            1,
            "Pide una persona",
            true,
            Condition::Any {
                of: vec![words(&[
                    "agente",
                    "humano",
                    "hablar con una persona",
                    "ejecutivo",
                    "asesor",
                    "alguien",
                ])],
            },
            hand_off(),
        ),
        rule(
            2,
            "El bot no entiende",
            true,
            Condition::All {
                of: vec![
                    Condition::BotFallbacks { at_least: 3 },
                    Condition::Any {
                        of: vec![
                            Condition::InBusinessHours,
                            Condition::ContactTag { tag: w("vip") },
                        ],
                    },
                ],
            },
            hand_off(),
        ),
        rule(
            3,
            "Fuera de horario",
            true,
            Condition::All {
                of: vec![open, words(&["reclamo"])],
            },
            Action::Answer {
                text: w("Abrimos a las 9."),
            },
        ),
        rule(
            4,
            "Campaña",
            false,
            Condition::Referral {
                contains: w("cyber"),
            },
            Action::Tag {
                tags: vec![w("campaña")],
            },
        ),
    ];
    (0..)
        .zip(rows)
        .map(|(position, rule)| RuleRow {
            rule,
            position,
            matched: [1284, 37, 1, 0][usize::try_from(position).unwrap()],
            recent: [96, 2, 1, 0][usize::try_from(position).unwrap()],
        })
        .collect()
}
