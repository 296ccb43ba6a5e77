//! Who may open which address: every route of the pages, read from the sources that register
//! them, with every role, with another company's ids, and without a form's token.

use crate::browser::{Browser, Seen};
use crate::house::House;
use adapters::ingest::{Command, CommandOutcome, Outcome, Submission};
use adapters::store::{AuditFilter, Joining, NewApiKey, NewInvitation, PasswordHash};
use domain::handoff::{HandoffOptions, HandoffReason};
use domain::ids::TenantId;
use domain::routing::{Action, Condition, Rule};
use domain::tenant::{Language, Role};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;
use uuid::Uuid;

/// Who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// Everybody, logged in or not.
    Anyone,
    /// Whoever has a good link.
    Link,
    /// Every member.
    Member,
    /// From supervisor.
    Operator,
    /// From admin.
    Manager,
    /// The owner.
    Owner,
    /// Somebody of the host.
    Host,
}

use Who::*;

/// Every route. A new one without its line here fails the first test.
const ROUTES: &[(&str, &str, Who)] = &[
    ("get", "/", Member),
    ("get", "/login", Anyone),
    ("post", "/login", Anyone),
    ("post", "/logout", Anyone),
    ("get", "/signup", Anyone),
    ("post", "/signup", Anyone),
    ("post", "/signup/again", Anyone),
    ("post", "/preferences", Anyone),
    ("get", "/login/code", Anyone),
    ("post", "/login/code", Anyone),
    ("get", "/forgot", Anyone),
    ("post", "/forgot", Anyone),
    ("get", "/reset/{token}", Link),
    ("post", "/reset", Anyone),
    ("get", "/confirm/{token}", Link),
    ("post", "/confirm", Anyone),
    ("get", "/confirm-email/{token}", Link),
    ("post", "/confirm-email", Anyone),
    ("get", "/outbox", Anyone),
    ("get", "/account", Member),
    ("post", "/account", Member),
    ("post", "/account/email", Member),
    ("get", "/account/security", Member),
    ("post", "/account/password", Member),
    ("get", "/account/second-factor", Member),
    ("post", "/account/second-factor", Member),
    ("post", "/account/second-factor/on", Member),
    ("post", "/account/second-factor/off", Member),
    ("post", "/account/second-factor/codes", Member),
    ("get", "/account/logins", Member),
    ("post", "/account/logins/end", Member),
    ("post", "/account/logins/{id}/end", Member),
    ("get", "/join/{token}", Link),
    ("post", "/join/{token}", Link),
    ("get", "/history/{token}", Link),
    ("get", "/f/{token}", Link),
    ("get", "/history/{token}/files/{id}", Link),
    ("get", "/channels", Member),
    ("get", "/channels/new", Manager),
    ("get", "/channels/new/{kind}", Manager),
    ("post", "/channels/new/{kind}", Manager),
    ("get", "/channels/{id}", Member),
    ("post", "/channels/{id}", Manager),
    ("get", "/channels/{id}/credentials", Manager),
    ("post", "/channels/{id}/credentials", Manager),
    ("post", "/channels/{id}/webhook", Manager),
    ("get", "/channels/{id}/disconnect", Manager),
    ("post", "/channels/{id}/disconnect", Manager),
    ("get", "/channels/{id}/doctor", Member),
    ("post", "/channels/{id}/doctor", Manager),
    ("get", "/desk/doctor", Member),
    ("post", "/desk/doctor", Manager),
    ("get", "/test-chat", Operator),
    ("post", "/test-chat", Operator),
    ("post", "/test-chat/end", Operator),
    ("get", "/test-chat/live", Operator),
    ("get", "/rules/backtest", Member),
    ("post", "/rules/backtest", Member),
    ("post", "/rules/order", Manager),
    ("get", "/rules/versions", Member),
    ("get", "/rules/versions/{number}", Member),
    ("post", "/rules/versions/{number}/restore", Manager),
    ("get", "/desk", Member),
    ("post", "/desk", Manager),
    ("post", "/desk/probe", Manager),
    ("get", "/desk/disconnect", Manager),
    ("post", "/desk/disconnect", Manager),
    ("get", "/rules", Member),
    ("get", "/rules/new", Manager),
    ("post", "/rules/new", Manager),
    ("post", "/rules/try", Member),
    ("get", "/rules/{id}", Member),
    ("post", "/rules/{id}", Manager),
    ("post", "/rules/{id}/toggle", Manager),
    ("post", "/rules/{id}/move", Manager),
    ("get", "/rules/{id}/delete", Manager),
    ("post", "/rules/{id}/delete", Manager),
    ("get", "/settings", Member),
    ("post", "/settings", Manager),
    ("get", "/settings/hours", Member),
    ("post", "/settings/hours", Manager),
    ("get", "/settings/developers", Member),
    ("post", "/settings/developers", Manager),
    ("post", "/settings/keys", Manager),
    ("get", "/settings/keys/{id}/revoke", Manager),
    ("post", "/settings/keys/{id}/revoke", Manager),
    ("get", "/settings/audit", Manager),
    ("get", "/settings/team", Manager),
    ("post", "/settings/team/invite", Owner),
    ("post", "/settings/team/invitations/{id}/withdraw", Owner),
    ("post", "/settings/team/{id}/role", Owner),
    ("get", "/settings/team/{id}/remove", Owner),
    ("post", "/settings/team/{id}/remove", Owner),
    ("get", "/settings/data", Owner),
    ("post", "/settings/data/retention", Owner),
    ("post", "/settings/data/export", Owner),
    ("get", "/settings/data/leave", Owner),
    ("post", "/settings/data/leave", Owner),
    ("post", "/settings/data/stay", Owner),
    ("get", "/conversations", Member),
    ("get", "/conversations/{id}", Member),
    ("get", "/conversations/live", Member),
    ("get", "/conversations/{id}/live", Member),
    ("get", "/conversations/{id}/messages", Member),
    (
        "get",
        "/conversations/{id}/messages/{message}/trace",
        Member,
    ),
    ("post", "/conversations/{id}/close", Operator),
    ("post", "/conversations/{id}/retry-all", Operator),
    ("post", "/conversations/{id}/discard-all", Operator),
    ("post", "/conversations/{id}/tags", Operator),
    ("post", "/conversations/{id}/tags/remove", Operator),
    ("post", "/conversations/{id}/notes", Operator),
    ("post", "/conversations/{id}/hand-off", Operator),
    ("post", "/conversations/{id}/end", Operator),
    ("post", "/conversations/{id}/retry", Operator),
    ("post", "/conversations/{id}/discard", Operator),
    ("get", "/conversations/{id}/erase", Manager),
    ("post", "/conversations/{id}/erase", Manager),
    ("get", "/files/{id}", Member),
    ("get", "/handoffs", Member),
    ("get", "/handoffs/export.csv", Member),
    ("get", "/handoffs/export.jsonl", Member),
    ("get", "/handoffs/{id}", Member),
    ("get", "/dashboard", Member),
    ("get", "/dashboard/live", Member),
    ("get", "/dashboard/operations", Member),
    ("get", "/operator", Host),
    ("post", "/operator/leave", Member),
    ("get", "/operator/tenants/{id}", Host),
    ("post", "/operator/tenants/{id}/limits", Host),
    ("post", "/operator/tenants/{id}/suspend", Host),
    ("post", "/operator/tenants/{id}/resume", Host),
    ("post", "/operator/tenants/{id}/enter", Host),
];

/// Routes as the sources register them: `.route("<path>", web::<method>()…`.
fn registered() -> BTreeSet<(String, String)> {
    fn walk(folder: &Path, found: &mut BTreeSet<(String, String)>, calls: &mut usize) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found, calls);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            for method in ["get", "post", "put", "delete", "patch", "head"] {
                *calls += text.matches(&format!("web::{method}()")).count();
            }
            assert!(!text.contains("web::resource("), "{path:?}: use .route");
            *calls -= text.matches("fnback_to(").count();
            // The conversations' ids are told apart from words by a pattern, in one place.
            let text = text.replace(".route(&to(\"", ".route(\"/conversations/{id}");
            let text = text.replace("\"),web::", "\",web::");
            for piece in text.split(".route(\"").skip(1) {
                let (address, rest) = piece.split_once('"').unwrap();
                // Only leads whoever reloads a refused form back to its page.
                if rest.starts_with(",back_to(") {
                    continue;
                }
                let method = rest.trim_start_matches(",web::").split('(').next().unwrap();
                found.insert((method.to_owned(), address.to_owned()));
            }
        }
    }
    let mut found = BTreeSet::new();
    let mut calls = 0;
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pages");
    walk(&pages, &mut found, &mut calls);
    assert_eq!(
        found.len(),
        calls,
        "a route is registered in another way, or twice"
    );
    found
}

#[test]
fn every_route_has_its_line_here() {
    let listed: BTreeSet<_> = ROUTES
        .iter()
        .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(listed.len(), ROUTES.len(), "twice in the list");
    let registered = registered();
    let missing: Vec<_> = registered.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&registered).collect();
    assert!(missing.is_empty(), "say who may: {missing:?}");
    assert!(gone.is_empty(), "not there any more: {gone:?}");
}

/// A company with one of everything that has an id.
struct Company {
    tenant: TenantId,
    owner: Browser,
    channel: String,
    rule: String,
    conversation: String,
    handoff: String,
    message: String,
    key: String,
    member: String,
    invitation: String,
}

impl Company {
    async fn open(house: &House, email: &str) -> Self {
        let (owner, tenant) = house.company(email).await;
        let channel = house.api_line(&owner, tenant).await;
        let conversation = house.said(tenant, channel, "m1", "hola").await;
        let command = Command::HandOff {
            tenant,
            conversation,
            reason: HandoffReason::Manual,
            options: HandoffOptions::default(),
            close: None,
        };
        let done = house.ingest.submit(Submission::Command(command)).await;
        let Ok(Outcome::Command(CommandOutcome::Done {
            handoff: Some(handoff),
            ..
        })) = done
        else {
            panic!("not handed off")
        };
        let store = house.store.tenant(tenant);
        let said = store
            .conversations()
            .messages_after(conversation, 0, 1)
            .await;
        let said = said.unwrap().remove(0);
        let rule = Rule {
            id: Uuid::now_v7().into(),
            name: "Pide una persona".to_owned(),
            enabled: true,
            channels: vec![],
            condition: Condition::InBusinessHours,
            action: Action::Ignore,
        };
        store.rules().save(&rule).await.unwrap();
        let hash = email.as_bytes().to_vec();
        let key = NewApiKey::unlimited("bot", hash.clone(), "rlv_");
        let key = store.api_keys().insert(key).await.unwrap();
        let invitation = NewInvitation {
            email: format!("invited-{email}"),
            role: Role::Analyst,
            hash,
            expires_at: store.soon(house),
        };
        let invitation = store.team().invite(invitation).await.unwrap();
        let member = store.team().list().await.unwrap().remove(0).0;
        Self {
            tenant,
            owner,
            channel: channel.to_string(),
            rule: rule.id.to_string(),
            conversation: conversation.to_string(),
            handoff: handoff.to_string(),
            message: said.id.to_string(),
            key: key.id.to_string(),
            member: member.id.to_string(),
            invitation: invitation.id.to_string(),
        }
    }

    /// A member of it in a browser of their own.
    async fn member(&self, house: &House, role: Role) -> Browser {
        let email = format!("{}@norte.cl", role.name());
        let store = house.store.tenant(self.tenant);
        let new = NewInvitation {
            email: email.clone(),
            role,
            hash: role.name().as_bytes().to_vec(),
            expires_at: store.soon(house),
        };
        store.team().invite(new).await.unwrap();
        let (_, hash) = house
            .store
            .member_by_email("camila@norte.cl")
            .await
            .unwrap()
            .unwrap();
        let joining = Joining {
            name: role.name().to_owned(),
            password: PasswordHash(hash.0),
            language: Language::Es,
            address: None,
        };
        house
            .store
            .accept(role.name().as_bytes(), joining)
            .await
            .unwrap()
            .unwrap();
        let browser = house.browser();
        let form = [("email", email.as_str()), ("password", "una clave larga")];
        assert_eq!(browser.fill("/login", "/login", &form).await.status, 303);
        browser
    }

    /// The address of a route with this company's ids in it.
    fn at(&self, path: &str) -> String {
        let id = match path.split('/').nth(1).unwrap_or("") {
            "channels" => &self.channel,
            "rules" => &self.rule,
            "conversations" => &self.conversation,
            "handoffs" => &self.handoff,
            "operator" => &self.tenant.to_string(),
            "settings" if path.starts_with("/settings/keys") => &self.key,
            "settings" if path.contains("/invitations/") => &self.invitation,
            "settings" => &self.member,
            _ => "01234567-89ab-7def-8123-456789abcdef",
        };
        path.replace("{id}", id)
            .replace("{kind}", "api")
            .replace("{number}", "1")
            .replace("{message}", &self.message)
            .replace("{token}", "no-such-link")
            .replace("{file}", "01234567-89ab-7def-8123-456789abcdef")
    }
}

/// A week from now.
trait Soon {
    fn soon(&self, house: &House) -> domain::time::Timestamp;
}

impl Soon for adapters::store::TenantStore {
    fn soon(&self, house: &House) -> domain::time::Timestamp {
        use domain::ports::Clock;
        house.clock.now().after(Duration::from_secs(7 * 86_400))
    }
}

/// Streams do not end: only who may open them is asked, by tests of their own.
fn ends(path: &str) -> bool {
    !path.ends_with("/live")
}

async fn post(browser: &Browser, path: &str, token: &str) -> Seen {
    let own = [("sec-fetch-site", "same-origin")];
    browser.send(path, &[("csrf", token)], &own).await
}

async fn token(browser: &Browser) -> String {
    browser
        .get("/conversations")
        .await
        .after("name=\"csrf\" value=\"")
        .to_owned()
}

#[actix_web::test]
async fn each_role_opens_what_it_may_and_nothing_else() {
    let house = House::open().await;
    let company = Company::open(&house, "camila@norte.cl").await;
    for role in Role::ALL {
        let browser = company.member(&house, role).await;
        let token = token(&browser).await;
        for (method, path, who) in ROUTES {
            let may = match who {
                Anyone | Link => continue,
                Member => true,
                Operator => role >= Role::Supervisor,
                Manager => role >= Role::Admin,
                Owner => role >= Role::Owner,
                Host => false,
            };
            let refused = if *who == Host { 404 } else { 403 };
            let address = company.at(path);
            let at = format!("{} {method} {path}", role.name());
            if !may {
                let seen = match *method {
                    "get" => browser.get(&address).await,
                    _ => post(&browser, &address, &token).await,
                };
                assert_eq!(seen.status, refused, "{at}: {}", seen.body);
            } else if *method == "get" && ends(path) && !path.starts_with("/files") {
                let seen = browser.get(&address).await;
                assert!(matches!(seen.status, 200 | 303), "{at}: {}", seen.status);
            }
        }
    }
}

#[actix_web::test]
async fn nobody_reaches_another_companys_things() {
    let house = House::open().await;
    let company = Company::open(&house, "camila@norte.cl").await;
    let (stranger, _) = house.company("pedro@sur.cl").await;
    let token = token(&stranger).await;
    let log = house.store.tenant(company.tenant).audit();
    let all = AuditFilter::default();
    let lines = || log.list(&all, None, 1000);
    let before = lines().await.unwrap();
    let with_ids = ROUTES
        .iter()
        .filter(|(_, path, who)| path.contains("{id}") && !matches!(who, Anyone | Link));
    for (method, path, _) in with_ids {
        let address = company.at(path);
        let seen = match *method {
            "get" => stranger.get(&address).await,
            _ => post(&stranger, &address, &token).await,
        };
        // Moving a rule that is not there moves nothing; a form may be refused before it is looked
        // whose it is.
        let harmless = *method == "post" && matches!(seen.status, 303 | 422);
        assert!(
            seen.status == 404 || harmless,
            "{method} {path}: {}",
            seen.status
        );
        assert!(!seen.body.contains("Pide una persona"), "{method} {path}");
    }
    assert_eq!(lines().await.unwrap(), before, "something was changed");
    let store = house.store.tenant(company.tenant);
    assert_eq!(store.channels().list().await.unwrap().len(), 1);
    assert_eq!(store.rules().list().await.unwrap().len(), 1);
    assert_eq!(store.api_keys().list().await.unwrap().len(), 1);
    assert_eq!(store.team().invitations().await.unwrap().len(), 1);
}

#[actix_web::test]
async fn no_form_is_taken_without_its_token_or_from_another_site() {
    let house = House::open().await;
    let company = Company::open(&house, "camila@norte.cl").await;
    house.store.grant_operator("camila@norte.cl").await.unwrap();
    let browser = &company.owner;
    let token = token(browser).await;
    for (_, path, _) in ROUTES.iter().filter(|(method, ..)| *method == "post") {
        let address = company.at(path);
        let none = browser.send(&address, &[], &[]).await;
        let wrong = post(browser, &address, "wrong").await;
        let foreign = [("sec-fetch-site", "cross-site")];
        let other = browser.send(&address, &[("csrf", &token)], &foreign).await;
        // A link that is no good is told so before its form is read.
        let expected = if path.starts_with("/join") {
            [403, 404]
        } else {
            [403, 403]
        };
        for (seen, how) in [(none, "without"), (wrong, "wrong"), (other, "foreign")] {
            assert!(
                expected.contains(&seen.status),
                "{path} {how}: {}",
                seen.status
            );
        }
    }
}

#[actix_web::test]
async fn without_a_login_every_page_leads_to_it() {
    let house = House::open().await;
    let company = Company::open(&house, "camila@norte.cl").await;
    for (method, path, who) in ROUTES {
        if *method != "get" || matches!(who, Anyone | Link) {
            continue;
        }
        let seen = house.browser().get(&company.at(path)).await;
        assert_eq!(seen.status, 303, "{path}");
        assert!(seen.location().starts_with("/login?next="), "{path}");
    }
}
