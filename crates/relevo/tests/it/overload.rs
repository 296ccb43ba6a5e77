//! More than a process can take, over real connections: it says so before it suffers, and whoever
//! did not cause it notices nothing.

use crate::desk::Desk;
use crate::house::{Flavour, Part};
use crate::ring::contact_of;
use crate::world::World;
use domain::channel::ChannelKind;
use futures::future::join_all;
use relevo::demo::{Company, company};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const KIND: ChannelKind = ChannelKind::Telegram;
/// Longest wait for an answer, or for a connection to be cut.
const LONG: Duration = Duration::from_secs(60);
const MIB: u64 = 1 << 20;

/// A company beside the world's own, which does harm.
async fn flooder(world: &World) -> Company {
    let (parts, sandbox, url) = (&world.parts, &world.sandbox, world.house.url());
    let (name, email) = ("Ruido", "ruido@ruido.test");
    company(parts, sandbox, &url, name, email, &[KIND])
        .await
        .unwrap()
}

/// The head of a webhook to a company's line.
fn head(company: &Company, framing: &str) -> String {
    let key = &company.lines[0].public_key;
    let path = format!("/hooks/{}/{key}", KIND.name());
    format!(
        "POST {path} HTTP/1.1\r\nHost: relevo\r\nContent-Type: application/json\r\n{framing}\r\n\r\n"
    )
}

async fn connect(world: &World) -> TcpStream {
    let url = url::Url::parse(&world.house.url()).unwrap();
    let port = url.port().unwrap();
    TcpStream::connect(("127.0.0.1", port)).await.unwrap()
}

/// What is answered until the connection ends; empty if it is cut without a word.
async fn answer(stream: &mut TcpStream) -> String {
    let mut read = vec![0; 4096];
    let all = async {
        let mut said = String::new();
        // A cut is an end like any other.
        while let Ok(count @ 1..) = stream.read(&mut read).await {
            said += &String::from_utf8_lossy(&read[..count]);
            if said.contains("\r\n\r\n") {
                break;
            }
        }
        said
    };
    tokio::time::timeout(LONG, all).await.unwrap()
}

/// What a process holds in memory, in bytes.
fn memory(world: &World, part: Part) -> u64 {
    let pid = world.house.pid(part).unwrap();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib: u64 = line
        .unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    kib * 1024
}

/// A contact of the world's own company and its agent talk on, each hearing the other.
async fn talk_on(world: &World, desk: &Desk<'_>, words: usize) {
    let phone = world.phone(KIND, contact_of(KIND));
    for n in 0..words {
        phone.says(&format!("pregunta {n}"));
        desk.hears(&format!("pregunta {n}")).await;
        desk.says(&format!("respuesta {n}"));
        phone.sees(&format!("respuesta {n}")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_bodies_is_refused_with_a_time_to_come_back_and_the_neighbour_talks_on() {
    let world = World::start(Flavour::Production, &[KIND]).await;
    let noisy = flooder(&world).await;
    let (_, desk) = world.talking(KIND).await;
    let before = memory(&world, Part::Web);
    // Each tells of 4 MB, sends most of it and holds on.
    let framing = format!("Content-Length: {}", 4_000_000);
    let (head, most) = (head(&noisy, &framing), vec![b' '; 3_900_000]);
    let floods = (0..64).map(|_| async {
        let mut stream = connect(&world).await;
        stream.write_all(head.as_bytes()).await.unwrap();
        // Refused in the middle of it: the answer is there although not all was sent.
        let _ = stream.write_all(&most).await;
        answer(&mut stream).await
    });
    let mut peak = 0;
    let watch = async {
        loop {
            peak = peak.max(memory(&world, Part::Web));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let flood = async { tokio::join!(join_all(floods), talk_on(&world, &desk, 6)).0 };
    let answers = tokio::select! {
        answers = flood => answers,
        () = watch => unreachable!(),
    };
    let told = |answer: &&String| {
        let low = answer.to_ascii_lowercase();
        low.starts_with("http/1.1 503") && low.contains("\r\nretry-after: ")
    };
    let refused = answers.iter().filter(told).count();
    let slow = answers.iter().filter(|it| it.starts_with("HTTP/1.1 408"));
    let slow = slow.count();
    let grown = peak.saturating_sub(before) / MIB;
    println!("flood: {refused} refused, {slow} timed out, {grown} MiB more at most");
    // One tenant has room for 128 MiB of bodies, which is 32 of these.
    assert!(refused >= 24, "{answers:#?}");
    assert!(
        slow >= 8,
        "those within the room are only cut when their time is up: {answers:#?}"
    );
    assert!(grown < 448, "{grown} MiB");
    // What was held is given back.
    let phone = world.sandbox.services.phone.clone();
    let line = &noisy.lines[0];
    let contact = "6000000777";
    phone
        .say(
            line.sandbox_kind(),
            &line.account,
            contact,
            "¿y el horario?",
        )
        .unwrap();
    let heard = || {
        let shown = phone.messages(line.sandbox_kind(), &line.account, contact);
        shown
            .iter()
            .any(|it| it.content.summary().contains("lunes a viernes"))
            .then_some(())
    };
    crate::wait::soon("answer after the flood", heard, || {
        world.house.log(Part::Web)
    })
    .await;
    world.balances().await;
}

/// How long each of so many rounds took between a contact of the world's own company and its agent.
async fn rounds(world: &World, desk: &Desk<'_>, name: &str, count: usize) -> Vec<Duration> {
    let phone = world.phone(KIND, contact_of(KIND));
    let mut took = Vec::new();
    for n in 0..count {
        let started = Instant::now();
        phone.says(&format!("pregunta {name} {n}"));
        desk.hears(&format!("pregunta {name} {n}")).await;
        desk.says(&format!("respuesta {name} {n}"));
        phone.sees(&format!("respuesta {name} {n}")).await;
        took.push(started.elapsed());
    }
    took.sort();
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f45_a_company_far_hotter_than_its_neighbour_takes_nothing_from_it() {
    let world = World::start(Flavour::Production, &[KIND]).await;
    let noisy = flooder(&world).await;
    let (_, desk) = world.talking(KIND).await;
    let alone = rounds(&world, &desk, "a solas", 12).await;
    let (phone, line) = (&world.sandbox.services.phone, &noisy.lines[0]);
    let (contacts, each) = (40, 15);
    let of = |n: usize| format!("60000{n:05}");
    for m in 0..each {
        for n in 0..contacts {
            let text = format!("¿y el horario? {m}");
            phone
                .say(line.sandbox_kind(), &line.account, &of(n), &text)
                .unwrap();
        }
    }
    let beside = rounds(&world, &desk, "al lado", 12).await;
    let ledger = &world.sandbox.core.ledger;
    let under_way = ledger.count(sandbox::ledger::Service::Bot, "webhook");
    let ratio = beside[6].as_secs_f64() / alone[6].as_secs_f64();
    println!(
        "f45: median {:?} alone, {:?} beside (ratio {ratio:.2}), slowest {:?} and {:?}; \
         the hot one's bot had {under_way} of {} by then",
        alone[6],
        beside[6],
        alone[11],
        beside[11],
        contacts * each
    );
    // Whatever it is that was hot arrives too, each contact's words in order.
    let bot = &world.sandbox.services.bot;
    let heard = |contact: &str| {
        let events = bot.events(0).into_iter().filter(|it| it.kind == "webhook");
        let mine = events.filter(|it| it.body.to_string().contains(contact));
        let number = |text: &str| {
            text.rsplit("horario? ")
                .next()
                .and_then(|it| it.parse().ok())
        };
        let all = mine.filter_map(|it| number(it.body["message"]["text"].as_str()?));
        all.collect::<Vec<usize>>()
    };
    for n in 0..contacts {
        let all = || (heard(&of(n)).len() >= each).then(|| heard(&of(n)));
        let all = crate::wait::within(LONG * 5, "hot words", all, || {
            format!("{:?}", heard(&of(n)))
        });
        let mut all = all.await;
        all.dedup();
        assert!(all.is_sorted(), "{all:?}");
    }
    world.balances().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f33_a_backlog_that_comes_all_at_once_is_taken_in_order_and_in_little_memory() {
    let world = World::start(Flavour::Production, &[KIND]).await;
    let contacts: Vec<String> = (0..6).map(|n| format!("600000{n:04}")).collect();
    let opened = contacts.iter().map(|contact| async {
        world
            .phone(KIND, contact)
            .says("quiero hablar con una persona");
        let desk = world.desk(contact).await;
        desk.joins();
        desk
    });
    let desks = join_all(opened).await;
    let before = memory(&world, Part::Web);
    // For a day nobody was there to take anything.
    world.house.kill(Part::Web);
    let words: Vec<String> = (0..60).map(|n| format!("palabra {n:03}")).collect();
    for word in &words {
        for contact in &contacts {
            world.phone(KIND, contact).says(word);
        }
    }
    world.house.start(Part::Web).await;
    let mut peak = 0;
    let arrive = desks.iter().map(|desk| async {
        let look = || (desk.texts().len() > words.len()).then_some(());
        crate::wait::within(LONG * 3, "backlog", look, || format!("{:?}", desk.texts())).await;
    });
    let watch = async {
        loop {
            peak = peak.max(memory(&world, Part::Web));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        _ = join_all(arrive) => {}
        () = watch => unreachable!(),
    }
    println!(
        "f33: {} MiB before, {} MiB at most",
        before / MIB,
        peak / MIB
    );
    assert!(peak < before * 2 + 32 * MIB, "{} MiB", peak / MIB);
    for desk in desks {
        assert_eq!(desk.texts()[1..], words);
    }
    world.balances().await;
}

/// Sends a body that does not end until the connection is cut; how many MiB went. What is answered
/// begins with this status and says that it is the last.
async fn endless(world: &World, head: &str, status: &str) -> u64 {
    let mut stream = connect(world).await;
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut piece = format!("{:x}\r\n", 1 << 20).into_bytes();
    piece.resize(piece.len() + (1 << 20), b'x');
    piece.extend_from_slice(b"\r\n");
    let (mut reading, mut writing) = stream.into_split();
    let writes = async {
        let mut sent = 0;
        while writing.write_all(&piece).await.is_ok() {
            sent += 1;
        }
        sent
    };
    let reads = async {
        let mut said = String::new();
        let mut read = vec![0; 4096];
        while let Ok(count @ 1..) = reading.read(&mut read).await {
            said += &String::from_utf8_lossy(&read[..count]);
        }
        said.to_ascii_lowercase()
    };
    let both = tokio::time::timeout(LONG, async { tokio::join!(writes, reads) });
    let (sent, said) = both.await.expect("nobody cut it");
    assert!(said.starts_with(&format!("http/1.1 {status}")), "{said}");
    assert!(said.contains("\r\nconnection: close\r\n"), "{said}");
    sent
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_trickles_is_cut_and_one_that_does_not_end_takes_no_memory() {
    let world = World::start(Flavour::Production, &[KIND]).await;
    let before = memory(&world, Part::Web);
    // One byte a second, of which there would be enough for an hour.
    let trickle = async {
        let mut stream = connect(&world).await;
        let head = head(&world.company, "Content-Length: 3600");
        stream.write_all(head.as_bytes()).await.unwrap();
        let (mut reading, mut writing) = stream.into_split();
        let writes = async {
            while writing.write_all(b" ").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            std::future::pending::<()>().await;
        };
        let mut said = [0; 12];
        tokio::select! {
            read = reading.read_exact(&mut said) => { read.unwrap(); }
            () = writes => unreachable!(),
            () = tokio::time::sleep(LONG) => panic!("nobody cut it"),
        }
        assert_eq!(&said, b"HTTP/1.1 408");
    };
    // A head that never ends.
    let slow_head = async {
        let mut stream = connect(&world).await;
        stream
            .write_all(b"POST /hooks HTTP/1.1\r\nHost: re")
            .await
            .unwrap();
        let said = answer(&mut stream).await;
        assert!(
            said.is_empty() || said.starts_with("HTTP/1.1 408"),
            "{said}"
        );
    };
    // Pieces without end, whose size nobody told: to a webhook, to a page and to nobody.
    let hook = head(&world.company, "Transfer-Encoding: chunked");
    let to = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: relevo\r\nTransfer-Encoding: chunked\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        )
    };
    let endless = async {
        for (head, status) in [(hook, "413"), (to("/login"), "4"), (to("/nobody"), "404")] {
            let sent = endless(&world, &head, status).await;
            println!("endless body: cut after {sent} MiB with {status}");
        }
    };
    tokio::join!(trickle, slow_head, endless);
    let grown = memory(&world, Part::Web).saturating_sub(before) / MIB;
    assert!(grown < 96, "{grown} MiB");
}
