//! Who comes in, on both databases: links, logins, second factors, mails, the brake on guessing.

use crate::support::{House, new_tenant, on_both_databases};
use adapters::store::{
    Allowance, LOGIN_LASTS, NewMail, NewMember, NewToken, PasswordHash, Purpose, StoreError,
    TokenHash,
};
use domain::audit::By;
use domain::ids::MailId;
use domain::ports::Clock;
use domain::secret::Sealed;
use domain::tenant::{Language, Member, Role};
use std::time::Duration;
use uuid::Uuid;

const HOUR: Duration = Duration::from_secs(3600);

async fn company(house: &House) -> Member {
    house.store.sign_up(new_tenant("Norte")).await.unwrap()
}

fn link(house: &House, member: &Member, purpose: Purpose) -> (String, NewToken) {
    let (raw, hash) = TokenHash::fresh().unwrap();
    let token = NewToken {
        hash,
        tenant: member.tenant,
        member: Some(member.id),
        purpose,
        data: serde_json::json!({"email": "nueva@norte.test"}),
        expires_at: house.clock.now().after(HOUR),
    };
    (raw.expose().to_owned(), token)
}

fn mail(house: &House, member: &Member) -> NewMail {
    NewMail {
        id: MailId(Uuid::now_v7()),
        tenant: member.tenant,
        body: Sealed(vec![1, 2, 3]),
        kept: false,
        expires_at: house.clock.now().after(HOUR),
    }
}

on_both_databases! {
    async fn a_link_is_good_once_for_its_purpose_and_until_it_ends(house) {
        let member = company(house).await;
        let (raw, token) = link(house, &member, Purpose::Invite);
        house.store.token_issue(&token, None).await.unwrap();
        let hash = TokenHash::of(&raw);
        assert!(house.store.token_use(Purpose::Reset, &hash).await.unwrap().is_none());
        let seen = house.store.token_peek(Purpose::Invite, &hash).await.unwrap().unwrap();
        assert_eq!((seen.tenant, seen.member), (member.tenant, Some(member.id)));
        let uses = (0..8).map(|_| house.store.token_use(Purpose::Invite, &hash));
        let uses = futures::future::join_all(uses).await;
        assert_eq!(uses.into_iter().filter(|u| u.as_ref().unwrap().is_some()).count(), 1);
        assert!(house.store.token_peek(Purpose::Invite, &hash).await.unwrap().is_none());

        let (raw, token) = link(house, &member, Purpose::Reset);
        house.store.token_issue(&token, None).await.unwrap();
        house.clock.advance(HOUR);
        let late = house.store.token_use(Purpose::Reset, &TokenHash::of(&raw)).await.unwrap();
        assert!(late.is_none());
    }

    async fn a_new_link_ends_the_one_before(house) {
        let member = company(house).await;
        let (first, token) = link(house, &member, Purpose::Reset);
        house.store.token_issue(&token, None).await.unwrap();
        let (second, token) = link(house, &member, Purpose::Reset);
        house.store.token_issue(&token, None).await.unwrap();
        let peek = |raw: &str| { let hash = TokenHash::of(raw); async move { house.store.token_peek(Purpose::Reset, &hash).await.unwrap() } };
        assert!(peek(&first).await.is_none());
        assert!(peek(&second).await.is_some());
    }

    async fn a_reset_changes_the_password_and_ends_logins_and_links(house) {
        let member = company(house).await;
        let login = house.store.login_begin(&member, "Firefox", "10.0.0.1").await.unwrap();
        let (raw, token) = link(house, &member, Purpose::Reset);
        house.store.token_issue(&token, None).await.unwrap();
        let (other, token) = link(house, &member, Purpose::Email);
        house.store.token_issue(&token, None).await.unwrap();
        let hash = TokenHash::of(&raw);
        let new = PasswordHash("new".to_owned());
        let done = house.store.reset_password(&hash, new.clone(), Some("10.0.0.2")).await.unwrap();
        assert_eq!(done.unwrap().id, member.id);
        assert!(house.store.login_member(login).await.unwrap().is_none());
        assert!(house.store.token_peek(Purpose::Email, &TokenHash::of(&other)).await.unwrap().is_none());
        assert!(house.store.reset_password(&hash, PasswordHash("again".into()), None).await.unwrap().is_none());
        let stored = house.store.credentials(&member.email).await.unwrap().unwrap();
        assert_eq!(stored.password_hash, new);
    }

    async fn an_address_that_nobody_proved_does_not_keep_its_owner_out(house) {
        let mut new = new_tenant("Ajena");
        new.email = "ana@norte.test".to_owned();
        let stranger = house.store.sign_up_unproven(new.clone()).await.unwrap();
        assert!(!house.store.credentials("ana@norte.test").await.unwrap().unwrap().confirmed);
        new.company = "Propia".to_owned();
        let owner = house.store.sign_up_unproven(new.clone()).await.unwrap();
        assert_ne!(owner.tenant, stranger.tenant);
        assert!(house.store.tenant(stranger.tenant).tenant().await.is_err(), "its company went with it");
        let (raw, token) = link(house, &owner, Purpose::Confirm);
        house.store.token_issue(&token, None).await.unwrap();
        assert!(house.store.confirm_member(&TokenHash::of(&raw)).await.unwrap().is_some());
        assert!(house.store.credentials("ana@norte.test").await.unwrap().unwrap().confirmed);
        let late = house.store.sign_up_unproven(new).await;
        assert!(matches!(late, Err(StoreError::Conflict("email"))), "{late:?}");
        assert_eq!(house.store.clear_unproven(house.clock.now().after(HOUR)).await.unwrap(), 0);
    }

    async fn an_invited_person_joins_once(house) {
        let owner = company(house).await;
        let (raw, mut token) = link(house, &owner, Purpose::Invite);
        token.member = None;
        house.store.token_issue(&token, None).await.unwrap();
        let new = NewMember {
            tenant: owner.tenant,
            email: owner.email.to_uppercase(),
            name: "Beto".to_owned(),
            role: Role::Analyst,
            password_hash: PasswordHash("hash".to_owned()),
            language: Language::Pt,
        };
        let hash = TokenHash::of(&raw);
        let taken = house.store.join(&hash, new.clone()).await;
        assert!(matches!(taken, Err(StoreError::Conflict("email"))), "{taken:?}");
        let new = NewMember { email: format!("b-{}", owner.email), ..new };
        let joined = house.store.join(&hash, new.clone()).await.unwrap().unwrap();
        assert_eq!((joined.tenant, joined.role, joined.language), (owner.tenant, Role::Analyst, Language::Pt));
        assert!(house.store.join(&hash, new).await.unwrap().is_none());
    }

    async fn a_moved_address_is_taken_once_and_never_twice(house) {
        let member = company(house).await;
        let other = company(house).await;
        let (raw, mut token) = link(house, &member, Purpose::Email);
        token.data = serde_json::json!({"email": other.email});
        house.store.token_issue(&token, None).await.unwrap();
        let taken = house.store.confirm_email(&TokenHash::of(&raw), None).await;
        assert!(matches!(taken, Err(StoreError::Conflict("email"))), "{taken:?}");
        let (raw, token) = link(house, &member, Purpose::Email);
        house.store.token_issue(&token, None).await.unwrap();
        let (moved, old) = house.store.confirm_email(&TokenHash::of(&raw), None).await.unwrap().unwrap();
        assert_eq!((moved.email.as_str(), old), ("nueva@norte.test", member.email));
    }

    async fn a_login_ends_alone_all_but_one_or_by_time(house) {
        let member = company(house).await;
        let stranger = company(house).await;
        let mut ids = Vec::new();
        for device in ["a", "b", "c"] {
            ids.push(house.store.login_begin(&member, device, "10.0.0.1").await.unwrap());
        }
        let foreign = house.store.login_end(&stranger, ids[0]).await;
        assert!(matches!(foreign, Err(StoreError::NotFound)));
        house.store.login_end(&member, ids[0]).await.unwrap();
        assert!(house.store.login_member(ids[0]).await.unwrap().is_none());
        assert_eq!(house.store.logins_end(&member, &By::default(), Some(ids[2])).await.unwrap(), 1);
        house.clock.advance(HOUR);
        house.store.login_seen(ids[2], "10.0.0.9").await.unwrap();
        let left = house.store.logins(&member).await.unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!((left[0].address.as_str(), left[0].last_seen_at), ("10.0.0.9", house.clock.now()));
        house.clock.advance(LOGIN_LASTS);
        assert!(house.store.login_member(ids[2]).await.unwrap().is_none());
    }

    async fn a_step_and_a_recovery_code_are_good_once(house) {
        let member = company(house).await;
        house.store.factor_offer(&member, &Sealed(vec![7])).await.unwrap();
        assert!(!house.store.credentials(&member.email).await.unwrap().unwrap().second_factor);
        let codes = vec![vec![1_u8; 32], vec![2_u8; 32]];
        house.store.factor_on(&member, &By::default(), 5, &codes).await.unwrap();
        assert!(matches!(house.store.factor_on(&member, &By::default(), 6, &codes).await, Err(StoreError::Stale)));
        let stored = house.store.factor(&member).await.unwrap();
        assert_eq!((stored.active, stored.offered, stored.codes_left), (Some(Sealed(vec![7])), None, 2));
        assert!(house.store.credentials(&member.email).await.unwrap().unwrap().second_factor);
        assert!(!house.store.factor_step(&member, 5).await.unwrap(), "used up while turning it on");
        assert!(house.store.factor_step(&member, 6).await.unwrap());
        assert!(!house.store.factor_step(&member, 6).await.unwrap());
        assert!(house.store.recovery_use(&member, &codes[0]).await.unwrap());
        assert!(!house.store.recovery_use(&member, &codes[0]).await.unwrap());
        house.store.factor_off(&member, &By::default()).await.unwrap();
        assert!(!house.store.recovery_use(&member, &codes[1]).await.unwrap());
    }

    async fn a_mail_is_held_by_one_and_comes_back_when_its_sender_dies(house) {
        let member = company(house).await;
        let (_, token) = link(house, &member, Purpose::Confirm);
        house.store.token_issue(&token, Some(&mail(house, &member))).await.unwrap();
        let hold = Duration::from_secs(60);
        let first = house.store.mails_claim(10, hold).await.unwrap();
        assert_eq!(first.len(), 1);
        assert!(house.store.mails_claim(10, hold).await.unwrap().is_empty());
        house.clock.advance(hold);
        let again = house.store.mails_claim(10, hold).await.unwrap();
        assert_eq!((again[0].id, again[0].attempts), (first[0].id, 2));
        house.store.mail_again(&again[0], house.clock.now().after(HOUR), "421").await.unwrap();
        assert!(house.store.mails_claim(10, hold).await.unwrap().is_empty());
        assert_eq!(house.store.mails_waiting().await.unwrap().0, 1);
        house.clock.advance(HOUR);
        let last = house.store.mails_claim(10, hold).await.unwrap();
        house.store.mail_sent(&last[0]).await.unwrap();
        assert_eq!(house.store.mails_waiting().await.unwrap(), (0, None));
    }

    async fn tries_are_counted_across_processes_and_come_back_one_by_one(house) {
        let three = Allowance { burst: 3, every: Duration::from_secs(60) };
        let tries = (0..10).map(|_| house.store.throttle_take(b"ana", three));
        let tries = futures::future::join_all(tries).await;
        assert_eq!(tries.into_iter().filter(|t| *t.as_ref().unwrap()).count(), 3);
        assert!(house.store.throttle_take(b"beto", three).await.unwrap());
        house.clock.advance(Duration::from_secs(60));
        assert!(house.store.throttle_take(b"ana", three).await.unwrap());
        assert!(!house.store.throttle_take(b"ana", three).await.unwrap());
        house.store.throttle_forgive(b"ana").await.unwrap();
        assert!(house.store.throttle_take(b"ana", three).await.unwrap());
    }
}
