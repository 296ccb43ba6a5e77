//! Redis is emptied, killed, silent, full, read-only, forgetful (F8 to F12, F32).

use crate::trial::field::Field;
use crate::trial::run::Trial;
use crate::trial::site::Ground;
use crate::trial::trials;
use futures::future::BoxFuture;

trials! {
    f08_redis_is_emptied_again_and_again: Trial::new(emptied);
    f09_redis_is_killed_and_comes_back_empty: Trial::new(killed);
    f10_redis_keeps_silent: Trial::new(silent);
    f11_redis_is_full: Trial::new(full);
    #[ignore = "long form"]
    f11_redis_is_a_replica_that_takes_no_writes: Trial::new(read_only);
    #[ignore = "long form"]
    f11_redis_wants_another_password: Trial::new(locked);
    f12_wake_ups_vanish: Trial::new(forgetful);
    f32_connections_to_redis_are_cut_and_half_open: Trial::new(cut).on(Ground {
        gates: true,
        ..Ground::default()
    });
}

fn emptied(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.1).await;
        for _ in 0..8 * field.factor {
            field.site.redis_says(&["FLUSHALL"]);
            field.dice.wait(50..300).await;
        }
    })
}

fn killed(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        for share in [0.2, 0.6] {
            field.said(share).await;
            field.site.redis.lock().unwrap().kill();
            field.last(300..1200).await;
            field.site.redis.lock().unwrap().resurrect().unwrap();
        }
    })
}

fn silent(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.3).await;
        field.site.redis.lock().unwrap().pause().unwrap();
        field.last(3500..5000).await;
        field.site.redis.lock().unwrap().resume().unwrap();
    })
}

fn full(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.2).await;
        let policy = ["CONFIG", "SET", "maxmemory-policy", "noeviction"];
        field.site.redis_says(&policy);
        field.site.redis_says(&["CONFIG", "SET", "maxmemory", "1"]);
        field.last(2000..3500).await;
        field.site.redis_says(&["CONFIG", "SET", "maxmemory", "0"]);
    })
}

fn read_only(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.2).await;
        field.site.redis_says(&["REPLICAOF", "127.0.0.1", "1"]);
        field.last(2000..3500).await;
        field.site.redis_says(&["REPLICAOF", "NO", "ONE"]);
    })
}

fn locked(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.2).await;
        let mut ours = field.site.redis_connection().unwrap();
        let mut say = |words: &[&str]| {
            let mut command = redis::cmd(words[0]);
            for word in &words[1..] {
                command.arg(word);
            }
            command.query::<redis::Value>(&mut ours).unwrap();
        };
        say(&["CONFIG", "SET", "requirepass", "changed"]);
        say(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
        field.last(2000..3000).await;
        say(&["CONFIG", "SET", "requirepass", ""]);
    })
}

fn forgetful(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.1).await;
        for _ in 0..15 * field.factor {
            let Some(mut redis) = field.site.redis_connection() else {
                continue;
            };
            let scan = redis::cmd("SCAN")
                .arg(0)
                .arg("TYPE")
                .arg("stream")
                .arg("COUNT")
                .arg(10_000)
                .query::<(u64, Vec<String>)>(&mut redis);
            for stream in scan.unwrap().1 {
                let trim = redis::cmd("XTRIM")
                    .arg(stream)
                    .arg("MAXLEN")
                    .arg(0)
                    .to_owned();
                trim.query::<i64>(&mut redis).unwrap();
            }
            field.dice.wait(20..150).await;
        }
    })
}

fn cut(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.1).await;
        let gate = field.site.redis_gate.as_ref().unwrap();
        for _ in 0..5 * field.factor {
            gate.cut();
            field.dice.wait(50..300).await;
        }
        gate.silence(true);
        field.last(1500..3000).await;
        // What was swallowed is gone, and the connections stay.
        gate.silence(false);
    })
}
