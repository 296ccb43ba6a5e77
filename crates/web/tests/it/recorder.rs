//! A platform that writes down exactly what reaches it and answers as told.

use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use std::sync::Mutex;

#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub uri: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, v)| v.as_str())
    }
}

pub struct Told {
    pub status: u16,
    pub headers: Vec<(&'static str, &'static str)>,
    pub body: &'static [u8],
}

pub struct Recorder {
    pub url: String,
    shared: Data<Shared>,
}

struct Shared {
    seen: Mutex<Vec<Seen>>,
    told: Told,
}

impl Recorder {
    pub async fn start(told: Told) -> Self {
        let shared = Data::new(Shared {
            seen: Mutex::default(),
            told,
        });
        let data = shared.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .app_data(web::PayloadConfig::new(64 << 20))
                .default_service(web::to(take))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        tokio::spawn(server.run());
        Self { url, shared }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }
}

async fn take(request: HttpRequest, body: Bytes, shared: Data<Shared>) -> HttpResponse {
    let headers = request.headers().iter();
    shared.seen.lock().unwrap().push(Seen {
        method: request.method().to_string(),
        uri: request.uri().to_string(),
        headers: headers
            .map(|(n, v)| (n.to_string(), v.to_str().unwrap().to_owned()))
            .collect(),
        body,
    });
    let told = &shared.told;
    let mut answer = HttpResponse::build(told.status.try_into().unwrap());
    for header in &told.headers {
        answer.insert_header(*header);
    }
    answer.body(told.body)
}
