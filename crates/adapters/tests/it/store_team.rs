//! Members, invitations, scoped keys and the host's people, on both databases.

use crate::support::{House, new_tenant, on_both_databases};
use adapters::store::{
    Joining, Limits, NewApiKey, NewInvitation, PasswordHash, StoreError, TenantStore,
};
use domain::api_key::{Scope, Scopes};
use domain::ids::{ChannelId, InvitationId, MemberId};
use domain::tenant::{Language, Role};
use std::time::Duration;
use uuid::Uuid;

async fn company(house: &House, name: &str) -> (TenantStore, MemberId) {
    let owner = house.store.sign_up(new_tenant(name)).await.unwrap();
    (house.store.tenant(owner.tenant), owner.id)
}

fn invitation(house: &House, email: &str, role: Role, hash: &[u8]) -> NewInvitation {
    NewInvitation {
        email: email.to_owned(),
        role,
        hash: hash.to_vec(),
        expires_at: house.now().after(Duration::from_secs(7 * 86_400)),
    }
}

fn joining(name: &str) -> Joining {
    Joining {
        name: name.to_owned(),
        password: PasswordHash("hash".to_owned()),
        language: Language::Pt,
        address: None,
    }
}

on_both_databases! {
    async fn an_invitation_is_used_once_and_a_newer_one_ends_it(house) {
        let (store, _) = company(house, "Sur").await;
        let team = store.team();
        team.invite(invitation(house, " Eva@Sur.test", Role::Analyst, b"old")).await.unwrap();
        let sent = team.invite(invitation(house, "eva@sur.test", Role::Supervisor, b"new")).await.unwrap();
        assert!(house.store.invitation(b"old").await.unwrap().is_none());
        assert_eq!(house.store.invitation(b"new").await.unwrap().unwrap(), sent);
        assert_eq!(team.invitations().await.unwrap().len(), 1);
        let eva = house.store.accept(b"new", joining("Eva")).await.unwrap().unwrap();
        assert_eq!((eva.email.as_str(), eva.role, eva.tenant), ("eva@sur.test", Role::Supervisor, store.id()));
        assert!(house.store.accept(b"new", joining("Eva")).await.unwrap().is_none());
        assert!(team.invitations().await.unwrap().is_empty());
        let again = team.invite(invitation(house, "EVA@sur.test", Role::Admin, b"x")).await;
        assert!(matches!(again, Err(StoreError::Conflict("email"))));
        assert_eq!(team.list().await.unwrap().len(), 2);
    }

    async fn an_invitation_ends_by_time_and_by_being_withdrawn(house) {
        let (store, _) = company(house, "Norte").await;
        let (stranger, _) = company(house, "Ajena").await;
        let sent = store.team().invite(invitation(house, "a@norte.test", Role::Admin, b"a")).await.unwrap();
        assert!(matches!(stranger.team().withdraw(sent.id).await, Err(StoreError::NotFound)));
        store.team().withdraw(sent.id).await.unwrap();
        assert!(matches!(store.team().withdraw(sent.id).await, Err(StoreError::NotFound)));
        assert!(house.store.accept(b"a", joining("A")).await.unwrap().is_none());
        store.team().invite(invitation(house, "b@norte.test", Role::Admin, b"b")).await.unwrap();
        house.clock.advance(Duration::from_secs(7 * 86_400));
        assert!(house.store.invitation(b"b").await.unwrap().is_none());
        assert!(house.store.accept(b"b", joining("B")).await.unwrap().is_none());
        assert!(store.team().withdraw(InvitationId(Uuid::now_v7())).await.is_err());
    }

    async fn an_address_that_has_an_account_elsewhere_cannot_accept_and_the_link_stays_good(house) {
        let (store, _) = company(house, "Uno").await;
        let mut other = new_tenant("Dos");
        other.email = "eva@x.test".to_owned();
        house.store.sign_up(other).await.unwrap();
        store.team().invite(invitation(house, "eva@x.test", Role::Analyst, b"h")).await.unwrap();
        let refused = house.store.accept(b"h", joining("Eva")).await;
        assert!(matches!(refused, Err(StoreError::Conflict("email"))), "{refused:?}");
        assert!(house.store.invitation(b"h").await.unwrap().is_some());
    }

    async fn the_last_owner_stays_even_when_two_owners_demote_each_other_at_once(house) {
        let (store, owner) = company(house, "Este").await;
        let team = store.team();
        let last = |r: Result<_, StoreError>| matches!(r, Err(StoreError::Conflict("last_owner")));
        assert!(last(team.set_role(owner, Role::Admin).await));
        assert!(last(team.remove(owner).await));
        team.invite(invitation(house, "b@este.test", Role::Owner, b"b")).await.unwrap();
        let second = house.store.accept(b"b", joining("B")).await.unwrap().unwrap();
        let (one, two) = futures::join!(team.set_role(owner, Role::Analyst), team.remove(second.id));
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        let owners = team.list().await.unwrap().into_iter().filter(|(m, _)| m.role == Role::Owner).count();
        assert_eq!(owners, 1);
    }

    async fn nobody_changes_members_of_another_company(house) {
        let (store, owner) = company(house, "Propia").await;
        let (stranger, _) = company(house, "Ajena").await;
        let gone = |r: Result<_, StoreError>| matches!(r, Err(StoreError::NotFound));
        assert!(gone(stranger.team().set_role(owner, Role::Owner).await));
        assert!(gone(stranger.team().remove(owner).await));
        assert!(gone(stranger.team().get(owner).await));
        assert_eq!(store.team().get(owner).await.unwrap().id, owner);
    }

    async fn a_key_keeps_its_scopes_and_ends_in_time(house) {
        let (store, _) = company(house, "Clave").await;
        let line = ChannelId(Uuid::now_v7());
        let new = NewApiKey {
            scopes: Scopes::of([Scope::Read]),
            channels: Some(vec![line]),
            expires_at: Some(house.now().after(Duration::from_secs(60))),
            ..NewApiKey::unlimited("lee", b"k".to_vec(), "rlv_k")
        };
        store.api_keys().insert(new).await.unwrap();
        let key = house.store.api_key(b"k").await.unwrap().unwrap();
        assert!(key.scopes.allows(Scope::Read) && !key.scopes.allows(Scope::Handoffs));
        assert!(key.reaches(line) && !key.reaches(ChannelId(Uuid::now_v7())));
        house.clock.advance(Duration::from_secs(60));
        assert!(house.store.api_key(b"k").await.unwrap().is_none());
        assert_eq!(store.api_keys().list().await.unwrap().len(), 1);
    }

    async fn an_operator_is_made_and_revoked_and_goes_with_the_member(house) {
        let (store, owner) = company(house, "Casa").await;
        let email = house.store.member(owner).await.unwrap().unwrap().email;
        assert!(house.store.grant_operator("nobody@x.test").await.is_err());
        house.store.grant_operator(&email.to_uppercase()).await.unwrap();
        house.store.grant_operator(&email).await.unwrap();
        assert_eq!(house.store.operators().await.unwrap().len(), 1);
        house.store.revoke_operator(&email).await.unwrap();
        assert!(house.store.revoke_operator(&email).await.is_err());
        assert!(house.store.operators().await.unwrap().is_empty());
        store.team().invite(invitation(house, "b@casa.test", Role::Owner, b"b")).await.unwrap();
        house.store.accept(b"b", joining("B")).await.unwrap();
        house.store.grant_operator(&email).await.unwrap();
        store.team().remove(owner).await.unwrap();
        assert!(house.store.operators().await.unwrap().is_empty());
    }

    async fn only_an_operator_looks_at_another_company(house) {
        let (own, member) = company(house, "Casa").await;
        let other = house.company("Brasa").await.tenant;
        let who = house.store.member(member).await.unwrap().unwrap();
        let login = house.store.login_begin(&who, "Firefox", "::1").await.unwrap();
        let visit = async |wanted| house.store.visit(login, wanted).await.unwrap().unwrap();
        let plain = visit(None).await;
        assert_eq!((plain.member.id, plain.tenant.id, plain.operator), (member, own.id(), false));
        assert_eq!(visit(Some(other.id())).await.tenant.id, own.id());
        house.store.grant_operator(&who.email).await.unwrap();
        other.suspend("Falta el pago").await.unwrap();
        let looking = visit(Some(other.id())).await;
        assert_eq!((looking.tenant.id, looking.member.tenant, looking.operator), (other.id(), own.id(), true));
        assert_eq!(looking.terms.suspended.unwrap().why, "Falta el pago");
        assert!(visit(None).await.terms.suspended.is_none());
        house.store.login_end(&who, login).await.unwrap();
        assert!(house.store.visit(login, None).await.unwrap().is_none());
    }

    async fn the_host_sees_tenants_with_what_they_use_and_agreed_to(house) {
        let one = house.company("Ábaco").await;
        house.company("Brasa").await;
        let limits = Limits { messages_a_month: Some(1000), most_channels: Some(2), most_members: None };
        one.tenant.set_limits(limits).await.unwrap();
        let all = house.store.tenants("", "", house.now(), 50).await.unwrap();
        assert_eq!(all.iter().map(|t| t.slug.as_str()).collect::<Vec<_>>(), ["abaco", "brasa"]);
        assert_eq!((all[0].terms.limits, all[0].usage.channels, all[0].usage.members), (limits, 1, 1));
        assert!(all[0].desk.is_some() && all[0].troubled_channels == 0);
        let next = house.store.tenants("", "abaco", house.now(), 50).await.unwrap();
        assert_eq!(next.len(), 1);
        assert_eq!(house.store.tenants("bras", "", house.now(), 50).await.unwrap().len(), 1);
        one.tenant.suspend("Falta el pago").await.unwrap();
        let terms = one.tenant.terms().await.unwrap();
        assert_eq!(terms.suspended.unwrap().why, "Falta el pago");
        assert_eq!(terms.limits, limits);
        one.tenant.resume().await.unwrap();
        assert!(one.tenant.terms().await.unwrap().suspended.is_none());
    }
}
