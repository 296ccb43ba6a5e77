//! Every screen with made-up data: rendered once with ordinary words (to be looked at: set
//! `RELEVO_PREVIEW` to a folder) and once with hostile ones, which must come out as text.

use super::channels::view as channels;
use super::conversations::thread::{Look, views};
use super::desk::view as desk;
use super::error::ErrorPage;
use super::home::view as home;
use super::login::view::LoginPage;
use super::parts::{Badge, Choice, ConfirmPage, zones};
use super::settings::view as settings;
use super::shell::{Nav, Shell, Who};
use super::signup::view::SignupPage;
use crate::extract::{Flash, Form};
use crate::i18n::{Dates, Lang};
use crate::state::{ProbeOutcome, ProbeStep};
use adapters::store::{ConversationRow, HandoffRow};
use domain::channel::{Channel, ChannelHealth, ChannelKind, ChannelSettings};
use domain::contact::{Contact, ContactAddress, ContactProfile};
use domain::conversation::Conversation;
use domain::handoff::{
    AgentRef, ClosePolicy, EndReason, Episode, HandoffOptions, HandoffReason, HandoffState, Phase,
};
use domain::ids::*;
use domain::message::*;
use domain::routing::Progress;
use domain::tenant::{Language, Role};
use domain::time::Timestamp;
use std::collections::HashMap;
use uuid::Uuid;

pub(crate) const NOW: Timestamp = Timestamp(1_795_363_200_000);

/// Makes a word from outside: itself, or hostile.
pub(crate) type Word = fn(&str) -> String;

fn plain(word: &str) -> String {
    word.to_owned()
}

fn hostile(word: &str) -> String {
    format!("{word}<script>alert(1)</script>\"><img src=x onerror=alert(1)>")
}

pub(crate) struct Samples {
    pub(crate) l: Lang,
    pub(crate) theme: &'static str,
    pub(crate) w: Word,
}

impl Samples {
    pub(crate) fn shell(&self, nav: Nav, path: &str) -> Shell {
        let w = self.w;
        Shell {
            l: self.l,
            theme: self.theme,
            csrf: "token".to_owned(),
            path: path.to_owned(),
            nav,
            who: Some(Who {
                name: w("Camila Rojas"),
                email: w("camila@cafenorte.cl"),
                company: w("Café Norte"),
                role: self.l.t("role-owner"),
                initials: "CR".to_owned(),
            }),
            flash: None,
            role: Some(Role::Owner),
            notices: super::shell::Notices::default(),
        }
    }

    pub(crate) fn outside(&self, path: &str) -> Shell {
        Shell {
            who: None,
            role: None,
            ..self.shell(Nav::Nowhere, path)
        }
    }

    pub(crate) fn dates(&self) -> Dates {
        Dates::new(self.l, "America/Santiago", NOW)
    }

    pub(crate) fn channel(&self, kind: ChannelKind, health: ChannelHealth) -> Channel {
        let w = self.w;
        Channel {
            id: ChannelId(Uuid::from_u128(kind as u128 + 7)),
            tenant: TenantId(Uuid::nil()),
            kind,
            name: w("Atención a clientes"),
            external_id: "1".to_owned(),
            public_key: "8JkPq2vNzT".to_owned(),
            settings: ChannelSettings {
                bot_url: (kind != ChannelKind::Instagram)
                    .then(|| w("https://bot.cafenorte.cl/hook")),
                display: Some(w("@cafenorte_bot")),
                ..ChannelSettings::default()
            },
            health,
        }
    }

    pub(crate) fn row(
        &self,
        n: i64,
        kind: ChannelKind,
        phase: Phase,
        words: &str,
        failed: i64,
    ) -> ConversationRow {
        let w = self.w;
        let names = [
            "María José Fuenzalida",
            "Rodrigo Soto",
            "Ana Paula Ribeiro",
            "+56 9 8765 4321",
        ];
        let name = names[usize::try_from(n).unwrap() % names.len()];
        let profile = ContactProfile {
            name: Some(w(name)),
            username: Some(w("mjfuen")),
            phone: Some(w("+56987654321")),
            language: Some("es".to_owned()),
            tags: vec![w("cliente frecuente"), w("vip")],
            attributes: [(w("plan"), w("oro"))].into(),
            ..ContactProfile::default()
        };
        let (id, contact, channel) = (
            ConversationId(Uuid::from_u128(u128::try_from(n).unwrap() + 1)),
            ContactId(Uuid::nil()),
            ChannelId(Uuid::nil()),
        );
        ConversationRow {
            conversation: Conversation {
                id,
                tenant: TenantId(Uuid::nil()),
                channel,
                contact,
                state: HandoffState {
                    phase,
                    ..HandoffState::default()
                },
                progress: Progress::default(),
                last_seq: 14,
                last_message_at: Timestamp(NOW.0 - n * 3_700_000),
            },
            contact: Contact {
                id: contact,
                tenant: TenantId(Uuid::nil()),
                channel,
                address: ContactAddress::of("1"),
                profile,
                last_inbound_at: None,
                unreachable_since: None,
            },
            channel_kind: kind,
            channel_name: w("Atención a clientes"),
            last_words: w(words),
            last_author: Some(if n % 2 == 0 {
                Author::Contact
            } else {
                Author::Bot
            }),
            failed,
            notes: 0,
        }
    }

    pub(crate) fn active(&self) -> Phase {
        let w = self.w;
        Phase::Active {
            episode: Episode {
                handoff: HandoffId(Uuid::nil()),
                reason: HandoffReason::UserRequest,
                rule: None,
                options: HandoffOptions::default(),
                close: ClosePolicy::default(),
                bot_listens: false,
                requested_at: NOW,
            },
            desk_conversation: 1,
            agent: AgentRef {
                id: 1,
                name: Some(w("Valentina Díaz")),
            },
            answered: true,
        }
    }

    pub(crate) fn bot(&self) -> Phase {
        HandoffState::default().phase
    }

    pub(crate) fn messages(&self) -> Vec<Message> {
        let w = self.w;
        let stored = |kind, mime: &str, name: &str| Content::Media {
            attachment: Attachment {
                stored: Some(StoredFile {
                    id: FileId(Uuid::from_u128(9)),
                    mime: mime.to_owned(),
                    name: w(name),
                    size: 284_000,
                    sha256: String::new(),
                }),
                ..Attachment::of(kind)
            },
            caption: Some(w("Aquí está")),
        };
        let gone = Attachment {
            unavailable: Some(w("pesa más de 20 MB")),
            ..Attachment::of(MediaKind::Video)
        };
        use Author::{Agent, Bot, Contact, System};
        use DeliveryStatus::{Accepted, Delivered, Failed, Muted, Read, Sent};
        let text = |t: &str| Content::text(w(t));
        let list = vec![
            (Contact, text("Hola, buenas tardes"), Accepted, false),
            (
                Bot,
                text("¡Hola! Soy el asistente de Café Norte. ¿En qué te puedo ayudar?"),
                Read,
                false,
            ),
            (
                Contact,
                text("mi pedido 4512 llegó con el molido equivocado"),
                Accepted,
                false,
            ),
            (
                Contact,
                stored(MediaKind::Image, "image/png", "bolsa.png"),
                Accepted,
                false,
            ),
            (
                Bot,
                text("No entendí. Puedes escribir «pedido», «tienda» u «horario»."),
                Read,
                false,
            ),
            (
                Contact,
                text("quiero hablar con una persona"),
                Accepted,
                false,
            ),
            (
                System,
                text("Te comunico con una persona de nuestro equipo. Enseguida te atienden."),
                Delivered,
                true,
            ),
            (Bot, text("¿Quieres ver el menú?"), Muted, true),
            (
                Agent,
                text(
                    "Hola, María José, soy Valentina. Ya vi la foto: te enviamos hoy mismo el molido correcto, sin costo.",
                ),
                Read,
                true,
            ),
            (
                Contact,
                stored(MediaKind::Voice, "audio/ogg", "nota.ogg"),
                Accepted,
                true,
            ),
            (
                Agent,
                stored(MediaKind::File, "application/pdf", "guia-de-despacho.pdf"),
                Delivered,
                true,
            ),
            (
                Contact,
                Content::Location(Location {
                    latitude: -33.43,
                    longitude: -70.61,
                    name: Some(w("Av. Providencia 1208")),
                    address: None,
                }),
                Accepted,
                true,
            ),
            (
                Agent,
                Content::Options(OptionList {
                    title: w("¿A qué hora te acomoda?"),
                    items: vec![
                        OptionItem {
                            label: w("Mañana"),
                            action: OptionAction::Reply {
                                message: w("Mañana"),
                            },
                        },
                        OptionItem {
                            label: w("Tarde"),
                            action: OptionAction::Reply {
                                message: w("Tarde"),
                            },
                        },
                    ],
                }),
                Sent,
                true,
            ),
            (
                Contact,
                Content::Choice {
                    label: w("Tarde"),
                    payload: None,
                    offered_in: None,
                },
                Accepted,
                true,
            ),
            (
                Contact,
                Content::Media {
                    attachment: gone,
                    caption: None,
                },
                Accepted,
                true,
            ),
            (
                Contact,
                Content::Contacts {
                    cards: vec![ContactCard {
                        name: w("Portería"),
                        phones: vec![w("+5622345678")],
                        ..ContactCard::default()
                    }],
                },
                Accepted,
                true,
            ),
            (Agent, text("Perfecto, queda para la tarde."), Failed, true),
            (
                Contact,
                Content::Reaction {
                    target: "1".to_owned(),
                    emoji: Some(w("👍")),
                },
                Accepted,
                true,
            ),
            (
                Contact,
                Content::Unsupported {
                    what: w("poll_creation"),
                },
                Accepted,
                true,
            ),
            (Bot, text("¡Qué bueno verte de nuevo!"), Accepted, false),
        ];
        (1..)
            .zip(list)
            .map(|(seq, (author, content, status, human))| Message {
                id: MessageId(Uuid::from_u128(u128::try_from(seq).unwrap())),
                conversation: ConversationId(Uuid::nil()),
                seq: i64::from(seq),
                author,
                author_name: (author == Agent).then(|| w("Valentina Díaz")),
                content,
                external_id: Some(format!("x{seq}")),
                reply_to: (seq == 9).then(|| "x3".to_owned()),
                status,
                failure: (status == Failed)
                    .then(|| w("131047: pasaron más de 24 horas desde el último mensaje")),
                handoff: human.then(|| HandoffId(Uuid::nil())),
                sent_at: Timestamp(
                    NOW.0 - 86_400_000 * i64::from(seq < 5) - 60_000 * (30 - i64::from(seq)),
                ),
                received_at: NOW,
            })
            .collect()
    }

    pub(crate) fn thread(
        &self,
        contact: &str,
        files: &str,
        csrf: &str,
    ) -> Vec<super::conversations::thread::MessageView> {
        let messages = self.messages();
        let dead = messages
            .iter()
            .filter(|m| m.status == DeliveryStatus::Failed);
        let dead: HashMap<_, _> = dead.map(|m| (m.id, OutboxId(1))).collect();
        let dates = self.dates();
        let look = Look {
            l: self.l,
            dates: &dates,
            contact,
            kind: ChannelKind::WhatsApp,
            files,
            conversation: "1",
            csrf,
            dead: &dead,
            doubtful: &[],
        };
        views(None, &messages, &look)
    }

    /// Every screen: a file name and its HTML.
    fn all(&self) -> Vec<(&'static str, String)> {
        let (l, w) = (self.l, self.w);
        let mut pages: Vec<(&'static str, String)> = Vec::new();
        let mut add = |name, page: &dyn askama::DynTemplate| {
            pages.push((name, page.dyn_render().unwrap()));
        };
        let mut login = Form::default();
        login.fields.set("email", w("camila@cafenorte.cl"));
        add(
            "login",
            &LoginPage {
                s: self.outside("/login"),
                f: login,
                problem: Some(l.t("login-wrong")),
            },
        );
        let mut signup = Form::default();
        signup.fields.set("company", w("Café Norte"));
        signup.refuse("password", l.t("wrong-password"));
        add(
            "signup",
            &SignupPage {
                s: self.outside("/signup"),
                f: signup,
                zones: zones("America/Santiago", l),
                problem: None,
            },
        );
        add(
            "error",
            &ErrorPage {
                s: self.outside("/x"),
                title: l.t("error-broken"),
                text: l.t("error-broken-text"),
                retry: true,
                request_id: Some("2f1c".to_owned()),
            },
        );
        let progress = home::Progress {
            channel: true,
            bot: true,
            desk: false,
            rule: false,
            handoff: false,
            bot_href: w("/channels"),
        };
        let mut s = self.shell(Nav::Home, "/");
        s.flash = Some(Flash {
            tone: "ok".to_owned(),
            text: w("Canal conectado."),
        });
        add(
            "home",
            &home::HomePage {
                s,
                greeting: l.with("home-greeting", "name", w("Camila")),
                steps: home::steps(l, &progress, Role::Owner),
                done: 2,
                progress: l.filled("home-progress", &[("done", "2"), ("all", "5")]),
                open: 3,
                failed: 1,
                channels: 2,
                talks: vec![],
            },
        );
        add(
            "channels-empty",
            &channels::ChannelsPage {
                s: self.shell(Nav::Channels, "/channels"),
                channels: vec![],
            },
        );
        let items = [
            self.channel(ChannelKind::WhatsApp, ChannelHealth::Ok),
            self.channel(ChannelKind::Telegram, ChannelHealth::Ok),
            self.channel(
                ChannelKind::Messenger,
                ChannelHealth::NeedsAttention {
                    why: w("Error validating access token"),
                },
            ),
            self.channel(
                ChannelKind::Instagram,
                ChannelHealth::Restricted { why: w("x") },
            ),
        ];
        add(
            "channels",
            &channels::ChannelsPage {
                s: self.shell(Nav::Channels, "/channels"),
                channels: items
                    .iter()
                    .map(|c| channels::ChannelItem::of(c, l))
                    .collect(),
            },
        );
        add(
            "channel-pick",
            &channels::PickPage {
                s: self.shell(Nav::Channels, "/channels/new"),
                kinds: channels::kinds(l),
            },
        );
        for (name, kind) in [
            ("channel-new-whatsapp", ChannelKind::WhatsApp),
            ("channel-new-telegram", ChannelKind::Telegram),
            ("channel-new-messenger", ChannelKind::Messenger),
            ("channel-new-instagram", ChannelKind::Instagram),
        ] {
            let mut f = Form::default();
            f.fields.set("name", w("Ventas"));
            f.fields.set("waba_id", w("1234"));
            f.refuse(
                "access_token",
                l.with(
                    "refused-token",
                    "detail",
                    w("Session has expired on Friday, 20-Nov-26"),
                ),
            );
            f.refuse(
                "token",
                l.with("refused-token", "detail", w("Unauthorized")),
            );
            add(
                name,
                &channels::ChannelFormPage {
                    s: self.shell(Nav::Channels, "/channels/new"),
                    f,
                    kind: kind.name(),
                    title: l.with("channel-connect-title", "platform", kind.title()),
                    guide: channels::guide(kind, l),
                    problem: None,
                    editing: false,
                    kept: String::new(),
                    action: "/x".to_owned(),
                    back: "/channels/new".to_owned(),
                    button: l.t("channel-check-connect"),
                },
            );
        }
        for (name, n, state) in [
            ("channel-whatsapp", 0, "none"),
            ("channel-telegram", 1, "foreign"),
            ("channel-messenger", 2, "ours"),
        ] {
            let c = &items[n];
            let mut f = Form::default();
            f.fields.set("name", &c.name);
            f.fields.set("bot_url", w("https://10.0.0.1/hook"));
            if n == 1 {
                f.refuse("bot_url", l.t("wrong-private"));
            }
            let webhook = channels::WebhookView {
                state,
                url: w("https://otro.example.com/telegram/hook"),
                callback:
                    "https://relevo.example.com/hooks/whatsapp/8JkPq2vNzTx31fYq8JkPq2vNzTx31fYq"
                        .to_owned(),
                verify_token: (n != 1).then(|| "Qm9yZGVyQ29sbGllVmVyaWZ5".to_owned()),
                previous: (n == 1).then(|| w("https://otro.example.com/telegram/hook")),
                last_error: (n == 2).then(|| w("Connection timed out")),
                fields_hint: l.t("webhook-fields-whatsapp"),
            };
            add(
                name,
                &channels::ChannelPage {
                    s: self.shell(Nav::Channels, "/channels/1"),
                    c: channels::ChannelItem::of(c, l),
                    f,
                    problem: None,
                    webhook,
                    proxy_base: "https://relevo.example.com/proxy/telegram/8JkPq2vNzTx31fYq"
                        .to_owned(),
                    proxy_instead_of: channels::platform_host(c.kind),
                },
            );
        }
        add(
            "confirm",
            &ConfirmPage {
                s: self.shell(Nav::Channels, "/channels/1/disconnect"),
                title: l.with("disconnect-title", "name", w("Atención a clientes")),
                lines: vec![l.t("disconnect-text"), l.t("disconnect-restores")],
                action: "/x".to_owned(),
                button: l.t("channel-disconnect-button"),
                back: "/channels".to_owned(),
            },
        );
        let report = [
            (ProbeStep::Reach, ProbeOutcome::Ok),
            (ProbeStep::CreateClient, ProbeOutcome::Ok),
            (
                ProbeStep::AgentKey,
                ProbeOutcome::Failed(w("401 Unauthorized")),
            ),
            (ProbeStep::Subscribe, ProbeOutcome::Skipped),
        ];
        let guide: Vec<String> = (1..=4).map(|n| l.t(&format!("guide-desk-{n}"))).collect();
        let mut f = Form::default();
        f.fields.set("base_url", w("https://api.letsta.lk"));
        f.refuse("organization_id", l.t("wrong-empty"));
        add(
            "desk-new",
            &desk::DeskPage {
                s: self.shell(Nav::Desk, "/desk"),
                f: f.clone(),
                connected: false,
                health: None,
                steps: vec![],
                probe_ok: true,
                kept: String::new(),
                guide: guide.clone(),
                advanced_open: false,
            },
        );
        let health = desk::health(
            &serde_json::json!({"state": "refused", "last_error": w("403 Forbidden")}),
            l,
        );
        add(
            "desk",
            &desk::DeskPage {
                s: self.shell(Nav::Desk, "/desk"),
                f,
                connected: true,
                health: Some(health),
                steps: desk::steps(&report, l),
                probe_ok: false,
                kept: l.t("secret-kept"),
                guide,
                advanced_open: true,
            },
        );
        let mut f = Form::default();
        f.fields
            .set("events_url", w("https://bot.cafenorte.cl/eventos"));
        let keys = vec![settings::KeyItem {
            id: "1".to_owned(),
            name: w("Bot de producción"),
            prefix: "rlv_Ab12Cd34".to_owned(),
            used: l.with("key-used", "when", "13:00"),
            limits: vec![l.t("key-scope-read"), w("Ventas")],
            until: Some(Badge::new("warn", l.t("key-ended"))),
        }];
        let (scopes, expiries) = settings::key_fields(&f, l);
        add(
            "settings-developers",
            &settings::DevelopersPage {
                s: self.shell(Nav::Settings, "/settings/developers"),
                tab: "developers",
                f,
                problem: None,
                new_key: Some("rlv_Ab12Cd34Ef56Gh78Ij90Kl12Mn34Op56".to_owned()),
                keys,
                scopes,
                expiries,
                channels: vec![Choice::new("1", w("Ventas"), true)],
                events_secret: Some("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD".to_owned()),
            },
        );
        pages.extend(super::conversations::samples::screens(self));
        let _ = Badge::new("", String::new());
        pages.extend(super::account::samples::screens(self));
        pages.extend(super::audit::samples::screens(self));
        pages.extend(super::team::samples::screens(self));
        pages.extend(super::data::samples::screens(self));
        pages.extend(super::host::samples::screens(self));
        pages.extend(super::handoffs::samples::screens(self));
        pages.extend(super::dashboard::samples::screens(self));
        pages.extend(super::rules::samples::screens(self));
        pages.extend(super::settings::samples::screens(self));
        pages.extend(super::test_chat::samples::screens(self));
        pages.extend(super::doctor::samples::screens(self));
        pages
    }

    pub(crate) fn handoff(&self, ended: Option<EndReason>) -> HandoffRow {
        let w = self.w;
        HandoffRow {
            id: HandoffId(Uuid::nil()),
            conversation: ConversationId(Uuid::nil()),
            channel: ChannelId(Uuid::nil()),
            contact: ContactId(Uuid::nil()),
            reason: HandoffReason::UserRequest,
            rule: None,
            options: HandoffOptions::default(),
            requested_at: NOW,
            requested_seq: 6,
            opened_at: None,
            desk_conversation: None,
            accepted_at: None,
            agent: Some(AgentRef {
                id: 1,
                name: Some(w("Valentina Díaz")),
            }),
            first_human_at: None,
            ended_at: ended.map(|_| NOW),
            end_reason: ended,
            rating: ended.map(|_| 5),
        }
    }
}

#[test]
fn words_from_outside_come_out_as_text_on_every_screen() {
    let samples = Samples {
        l: Lang(Language::Es),
        theme: "auto",
        w: hostile,
    };
    for (name, html) in samples.all() {
        assert!(!html.contains("<script>alert"), "{name}: script");
        assert!(!html.contains("<img src=x"), "{name}: image");
        assert!(!html.contains("onerror=alert(1)>"), "{name}: attribute");
    }
}

#[test]
fn every_text_of_every_screen_exists_and_nothing_is_inline() {
    for code in ["es", "en", "pt"] {
        let l = Lang::named(code).unwrap();
        for (name, html) in (Samples {
            l,
            theme: "auto",
            w: plain,
        })
        .all()
        {
            assert!(
                !html.contains("Unknown localization"),
                "{name} {code}: {html}"
            );
            for inline in [" style=\"", "<style", " onclick=", "javascript:"] {
                assert!(!html.contains(inline), "{name}: {inline}");
            }
            let scripts = html.matches("<script").count();
            assert_eq!(scripts, html.matches("<script src=").count(), "{name}");
        }
    }
}

#[test]
fn the_screens_can_be_looked_at() {
    let Some(folder) = std::env::var_os("RELEVO_PREVIEW") else {
        return;
    };
    let folder = std::path::PathBuf::from(folder);
    for code in ["es", "en", "pt"] {
        for theme in ["light", "dark"] {
            let l = Lang::named(code).unwrap();
            for (name, html) in (Samples { l, theme, w: plain }).all() {
                let file = folder.join(format!("{name}.{code}.{theme}.html"));
                std::fs::write(file, html).unwrap();
            }
        }
    }
}
