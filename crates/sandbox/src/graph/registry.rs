//! All apps, lines and tokens of the simulated Meta platforms.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use super::app::{App, Callback, Object};
use super::line::{Flavour, Line, NewLine};
use super::token::{Token, TokenState};
use crate::phone::ids;
use crate::phone::kind::Kind;
use crate::phone::locked::lock;

#[derive(Default)]
struct Tables {
    apps: HashMap<String, App>,
    lines: HashMap<(Kind, String), Arc<Line>>,
    tokens: HashMap<String, Token>,
    /// WABA or page id to the lines on it.
    assets: HashMap<String, Vec<(Kind, String)>>,
}

/// The store; thousands of lines are cheap.
#[derive(Default)]
pub struct Registry {
    tables: Mutex<Tables>,
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

impl Registry {
    /// Makes a line and whatever it needs; an id that exists already is replaced.
    pub fn create(&self, kind: Kind, new: NewLine, now_s: i64) -> Arc<Line> {
        let mut tables = lock(&self.tables);
        let app_id = new.app_id.unwrap_or_else(|| ids::numeric("10", 15));
        let app = tables.apps.entry(app_id.clone()).or_insert_with(|| App {
            id: app_id.clone(),
            secret: ids::hex(32),
            callbacks: HashMap::new(),
            writing: Default::default(),
        });
        if let Some(secret) = new.app_secret {
            app.secret = secret;
        }
        let own_page = (kind == Kind::Messenger)
            .then(|| new.page_id.clone())
            .flatten();
        let id = new.id.or(own_page).unwrap_or_else(|| match kind {
            Kind::Whatsapp => ids::numeric("20", 15),
            Kind::Messenger => ids::numeric("40", 15),
            _ => ids::numeric("17840", 17),
        });
        let flavour = new.flavour.unwrap_or_default();
        let prefix = if flavour == Flavour::Login {
            "IGAA"
        } else {
            "EAA"
        };
        let token = new
            .access_token
            .unwrap_or_else(|| format!("{prefix}{}", ids::token(120)));
        let mut line = Line {
            kind,
            id: id.clone(),
            app_id: app_id.clone(),
            token: token.clone(),
            name: new.name.unwrap_or_else(|| "Tienda Sol".to_owned()),
            waba_id: new.waba_id.unwrap_or_else(|| ids::numeric("30", 15)),
            number: new
                .display_phone_number
                .map(|number| digits(&number))
                .unwrap_or_else(|| ids::numeric("34600", 11)),
            registered: new.registered.unwrap_or(true),
            page_id: new.page_id.unwrap_or_else(|| ids::numeric("40", 15)),
            username: new
                .username
                .unwrap_or_else(|| format!("tienda.{}", ids::next())),
            flavour,
            scoped_id: ids::numeric("25", 17),
            installed: Default::default(),
            override_callback: None,
            human_agent: new.human_agent.unwrap_or(true),
            default_app: new.default_app,
            templates: new
                .templates
                .unwrap_or_else(|| vec!["hello_world".to_owned(), "follow_up".to_owned()]),
            manners: new.manners.unwrap_or_default(),
        };
        if new.subscribed {
            line.installed.insert(app_id.clone(), BTreeSet::new());
        }
        let issued = tables.tokens.entry(token).or_insert_with(|| Token {
            app_id,
            lines: Vec::new(),
            scopes: Vec::new(),
            state: TokenState::Valid,
            issued_at: now_s,
        });
        if !issued.covers(kind, &id) {
            issued.lines.push((kind, id.clone()));
        }
        for scope in Token::scopes_for(kind) {
            if !issued.scopes.iter().any(|have| have == scope) {
                issued.scopes.push((*scope).to_owned());
            }
        }
        let asset = tables.assets.entry(line.asset().to_owned()).or_default();
        if !asset.contains(&(kind, id.clone())) {
            asset.push((kind, id.clone()));
        }
        // Apps are installed on the WABA: a new number on it is covered at once.
        let siblings = asset.clone();
        for sibling in siblings {
            if let Some(known) = tables.lines.get(&sibling) {
                line.installed.extend(known.installed.clone());
            }
        }
        let line = Arc::new(line);
        tables.lines.insert((kind, id), line.clone());
        line
    }

    /// One line.
    pub fn line(&self, kind: Kind, id: &str) -> Option<Arc<Line>> {
        lock(&self.tables)
            .lines
            .get(&(kind, id.to_owned()))
            .cloned()
    }

    /// All lines, sorted by kind and id.
    pub fn lines(&self) -> Vec<Arc<Line>> {
        let mut lines: Vec<_> = lock(&self.tables).lines.values().cloned().collect();
        lines.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        lines
    }

    /// The lines on a WABA, page or Instagram account.
    pub fn on_asset(&self, asset: &str) -> Vec<Arc<Line>> {
        let tables = lock(&self.tables);
        tables
            .assets
            .get(asset)
            .into_iter()
            .flatten()
            .filter_map(|key| tables.lines.get(key).cloned())
            .collect()
    }

    /// Changes a line.
    pub fn change(
        &self,
        kind: Kind,
        id: &str,
        change: impl FnOnce(&mut Line),
    ) -> Option<Arc<Line>> {
        let mut tables = lock(&self.tables);
        let line = tables.lines.get_mut(&(kind, id.to_owned()))?;
        change(Arc::make_mut(line));
        Some(line.clone())
    }

    /// An app.
    pub fn app(&self, id: &str) -> Option<App> {
        lock(&self.tables).apps.get(id).cloned()
    }

    /// The app that this app access token (`id|secret`) belongs to.
    pub fn app_by_token(&self, token: &str) -> Option<App> {
        let (id, secret) = token.split_once('|')?;
        self.app(id).filter(|app| app.secret == secret)
    }

    /// Changes an app.
    pub fn change_app(&self, id: &str, change: impl FnOnce(&mut App)) -> Option<App> {
        let mut tables = lock(&self.tables);
        let app = tables.apps.get_mut(id)?;
        change(app);
        Some(app.clone())
    }

    /// Where and how an app wants one object's events: its callback, secret and writing.
    pub fn callback(&self, app_id: &str, object: Object) -> Option<(Option<Callback>, App)> {
        let app = self.app(app_id)?;
        Some((app.callbacks.get(&object).cloned(), app))
    }

    /// A token as it stands.
    pub fn token(&self, value: &str) -> Option<Token> {
        lock(&self.tables).tokens.get(value).cloned()
    }

    /// Changes a token: expiry, revocation, lost permissions.
    pub fn change_token(&self, value: &str, change: impl FnOnce(&mut Token)) -> Option<Token> {
        let mut tables = lock(&self.tables);
        let token = tables.tokens.get_mut(value)?;
        change(token);
        Some(token.clone())
    }

    /// Gives a line a fresh token; the old one goes on living, as with Instagram's refresh.
    pub fn renew_token(&self, old: &str, now_s: i64) -> Option<String> {
        let mut tables = lock(&self.tables);
        let mut token = tables.tokens.get(old)?.clone();
        let prefix = if old.starts_with("IGAA") {
            "IGAA"
        } else {
            "EAA"
        };
        let fresh = format!("{prefix}{}", ids::token(120));
        token.state = TokenState::Valid;
        token.issued_at = now_s;
        for key in &token.lines {
            if let Some(line) = tables.lines.get_mut(key) {
                Arc::make_mut(line).token = fresh.clone();
            }
        }
        tables.tokens.insert(fresh.clone(), token);
        Some(fresh)
    }
}
