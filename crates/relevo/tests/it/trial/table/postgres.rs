//! PostgreSQL crashes, fails over, loses connections, locks, is slow (F13 to F15, F18, F32, F42).

use crate::trial::field::Field;
use crate::trial::run::Trial;
use crate::trial::site::Ground;
use crate::trial::trials;
use futures::future::BoxFuture;
use sea_orm::{ConnectionTrait as _, Database, TransactionTrait as _};
use std::net::SocketAddr;
use std::time::Duration;

trials! {
    f13_postgres_crashes_and_recovers:
        Trial::new(crash).on(OWN).ambiguous(6);
    f14_postgres_fails_over_to_its_synchronous_standby:
        Trial::new(failover).on(Ground { standby: true, ..OWN }).ambiguous(6);
    f15_connections_are_ended_every_moment: Trial::new(terminated).ambiguous(6);
    f18_rows_are_locked_crosswise_by_somebody_else: Trial::new(crosswise);
    f32_connections_to_postgres_are_cut_and_slow:
        Trial::new(cut).on(GATES).ambiguous(6);
    f42_a_long_job_locks_a_companys_conversations: Trial::new(long_job);
}

const OWN: Ground = Ground {
    own_postgres: true,
    ..Ground::PLAIN
};
const GATES: Ground = Ground {
    gates: true,
    ..Ground::PLAIN
};

fn crash(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        let postgres = field.site.postgres.as_ref().unwrap();
        for share in [0.2, 0.6] {
            field.said(share).await;
            postgres.kill9().unwrap();
            field.last(300..1500).await;
            postgres.up().unwrap();
        }
    })
}

fn failover(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.4).await;
        field.site.postgres.as_ref().unwrap().kill9().unwrap();
        field.last(200..800).await;
        let standby = field.site.standby.as_ref().unwrap();
        standby.promote().unwrap();
        let there = SocketAddr::from(([127, 0, 0, 1], standby.port()));
        field
            .site
            .database_gate
            .as_ref()
            .unwrap()
            .point_at(&[there]);
    })
}

fn terminated(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.1).await;
        let some = "select pg_terminate_backend(pid) from (select pid from pg_stat_activity
            where pid <> pg_backend_pid() and datname = current_database()
              and backend_type = 'client backend' order by random() limit 2) victims";
        for _ in 0..15 * field.factor {
            field.site.sql(some).await;
            field.dice.wait(60..140).await;
        }
    })
}

/// Locks conversations one after the other in an order of its own, so that whoever takes them in
/// another order meets a deadlock, and the database undoes one of the two.
fn crosswise(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.1).await;
        let mut ids = field
            .site
            .column("select id::text from conversations")
            .await;
        let database = Database::connect(field.site.database_url.as_str())
            .await
            .unwrap();
        for _ in 0..3 * field.factor {
            ids.reverse();
            let tx = database.begin().await.unwrap();
            for id in &ids {
                let lock = format!("select 1 from conversations where id = '{id}' for update");
                if tx.execute_unprepared(&lock).await.is_err() {
                    break;
                }
                field.dice.wait(5..40).await;
            }
            tx.rollback().await.unwrap();
        }
        database.close().await.unwrap();
    })
}

fn cut(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.1).await;
        let gate = field.site.database_gate.as_ref().unwrap();
        for _ in 0..4 * field.factor {
            gate.cut();
            field.dice.wait(80..400).await;
        }
        gate.delay(Duration::from_millis(15));
        field.last(1000..2000).await;
        gate.delay(Duration::ZERO);
        gate.silence(true);
        field.last(1000..2000).await;
        gate.silence(false);
        gate.cut();
    })
}

/// Takes a whole company's conversations in the order that the house itself takes them in
/// (`ingest::order`): whoever meets this job waits, and nobody meets a deadlock.
fn long_job(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.2).await;
        let database = Database::connect(field.site.database_url.as_str())
            .await
            .unwrap();
        let tx = database.begin().await.unwrap();
        let all = format!(
            "select 1 from conversations where tenant_id = '{}' order by tenant_id, id for update",
            field.site.companies[0].tenant
        );
        tx.execute_unprepared(&all).await.unwrap();
        field.last(2500..4000).await;
        tx.commit().await.unwrap();
        database.close().await.unwrap();
    })
}
