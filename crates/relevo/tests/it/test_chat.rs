//! The built-in test chat: a member plays the contact, a real agent answers.

use crate::desk::Desk;
use crate::house::Flavour;
use crate::wait::soon;
use crate::world::World;
use sandbox::letstalk::Status;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_sees_a_whole_handoff_in_the_test_chat_on_the_embedded_default() {
    the_ring(Flavour::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_sees_a_whole_handoff_in_the_test_chat_in_production() {
    the_ring(Flavour::Production).await;
}

async fn the_ring(flavour: Flavour) {
    // No platform at all: a desk and a rule.
    let world = World::start(flavour, &[]).await;
    let browser = Browser::new(&world);
    browser.logs_in(&world).await;

    browser.says("¡hola!").await;
    browser.sees("Soy el bot de prueba").await;
    browser.says("¿dónde está mi <b>pedido</b>?").await;
    browser
        .sees("Me escribiste: «¿dónde está mi &#60;b&#62;pedido")
        .await;

    browser.says("quiero hablar con una persona").await;
    browser.sees("Se pidió una persona").await;
    let letstalk = &world.sandbox.services.letstalk;
    let newest = || letstalk.conversation_ids(world.company.organization).pop();
    let id = soon("conversation at the desk", newest, || "none".to_owned()).await;
    let desk = Desk::new(&world, id);
    let opening = desk.texts()[0].clone();
    assert!(opening.contains("pedido"), "{opening}");
    assert_eq!(desk.now().metadata["relevo"]["channel"], "test");
    let client = letstalk.person(desk.now().client).unwrap();
    assert!(client.name.contains("Camila"), "{}", client.name);

    desk.joins();
    desk.says("Hola, soy Lucía 👋");
    browser.sees("soy Lucía 👋").await;
    browser.says("gracias, Lucía").await;
    desk.hears("gracias, Lucía").await;
    let page = browser.page().await;
    let echoed = page.matches("Me escribiste").count();
    assert_eq!(echoed, 1, "the bot is silent while a human has control");

    desk.closes();
    desk.becomes(Status::Closed).await;
    browser.sees("Ya viste un traspaso completo").await;
    browser.says("sigo aquí").await;
    browser.sees("Me escribiste: «sigo aquí»").await;
}

/// A browser without scripts.
struct Browser {
    base: String,
    http: reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

const PAGE: &str = "/test-chat";

impl Browser {
    fn new(world: &World) -> Self {
        Self {
            base: world.house.url(),
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
            cookies: Mutex::default(),
        }
    }

    async fn logs_in(&self, world: &World) {
        let (email, password) = (&world.company.email, &world.company.password);
        let form = [("email", email.as_str()), ("password", password.as_str())];
        let (status, body) = self.fills("/login", "/login", &form).await;
        assert_eq!(status, 303, "{body}");
    }

    async fn page(&self) -> String {
        self.send(self.http.get(format!("{}{PAGE}", self.base)))
            .await
            .1
    }

    async fn says(&self, text: &str) {
        let (status, body) = self.fills(PAGE, PAGE, &[("text", text)]).await;
        assert_eq!(status, 303, "{body}");
    }

    async fn sees(&self, words: &str) {
        let started = Instant::now();
        loop {
            let page = self.page().await;
            if page.contains(words) {
                return;
            }
            let waited = started.elapsed();
            assert!(waited < crate::wait::PATIENCE, "no «{words}» in:\n{page}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn fills(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let (_, shown) = self
            .send(self.http.get(format!("{}{page}", self.base)))
            .await;
        let token = shown
            .split_once("name=\"csrf\" value=\"")
            .and_then(|(_, rest)| rest.split('"').next())
            .unwrap_or_else(|| panic!("no form in:\n{shown}"));
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf", token);
        for (name, value) in fields {
            body.append_pair(name, value);
        }
        let request = self
            .http
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header("accept-language", "es")
            .body(body.finish());
        self.send(request).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> (u16, String) {
        let jar = {
            let cookies = self.cookies.lock().unwrap();
            let pairs = cookies.iter().map(|(n, v)| format!("{n}={v}"));
            pairs.collect::<Vec<_>>().join("; ")
        };
        let answer = request.header("cookie", jar).send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap_or("");
            if let Some((name, value)) = pair.split_once('=') {
                let mut cookies = self.cookies.lock().unwrap();
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}
