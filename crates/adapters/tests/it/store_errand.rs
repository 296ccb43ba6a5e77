//! What work begins with, on both databases.

use crate::support::{House, on_both_databases};
use adapters::ingest::{SentPart, Stored};
use adapters::store::{MemorizedClient, StoreError};
use domain::ids::{ConversationId, HandoffId, MessageId};
use domain::outbound::Lane;
use domain::secret::Sealed;
use uuid::Uuid;

on_both_databases! {
    async fn an_errand_brings_all_that_its_work_names_and_nothing_else(house) {
        let company = house.company("uno").await;
        house.says(&company, "ana", "m1", "hola").await;
        let ana = company.conversation("ana").await;
        let bare = company.tenant.errand(ana, None, None).await.unwrap();
        assert_eq!(bare.company, company.tenant.tenant().await.unwrap());
        assert_eq!(bare.row, company.tenant.conversations().get(ana).await.unwrap());
        assert!(bare.handoff.is_none() && bare.message.is_none() && bare.client.is_none());

        let handoff = house.hand_off(&company, ana).await;
        let notice = company.messages(ana).await[1].clone();
        let client = MemorizedClient { id: 41, token: Sealed(vec![1, 2, 3]) };
        company.tenant.save_desk_client(bare.row.contact.id, &client).await.unwrap();
        let full = company.tenant.errand(ana, Some(handoff), Some(notice.id)).await.unwrap();
        assert_eq!(full.handoff, Some(company.tenant.handoffs().get(handoff).await.unwrap()));
        assert_eq!((full.message, full.client), (Some(notice), Some(client)));
        assert!(full.taken.is_empty(), "announced, and not yet taken");
    }

    async fn an_errand_tells_which_parts_the_platform_took(house) {
        let company = house.company("uno").await;
        house.says(&company, "ana", "m1", "hola").await;
        let ana = company.conversation("ana").await;
        house.hand_off(&company, ana).await;
        let notice = company.messages(ana).await[1].id;
        let row = company.tenant.conversations().get(ana).await.unwrap();
        company.tenant.announce_parts(&row, notice, 3).await.unwrap();
        let claim = house.head(&company, ana, Lane::Channel).await;
        let part = |part: u16| SentPart {
            part,
            identity: notice.delivery_identity(part),
            external_id: format!("w{part}"),
        };
        house.done(claim, Stored { parts: vec![part(0), part(2)], ..Stored::default() }).await;
        let mut taken = company.tenant.errand(ana, None, Some(notice)).await.unwrap().taken;
        taken.sort_unstable();
        assert_eq!(taken, [0, 2]);
    }

    async fn an_errand_of_somebody_elses_is_none(house) {
        let (mine, other) = (house.company("uno").await, house.company("dos").await);
        house.says(&mine, "ana", "m1", "hola").await;
        house.says(&other, "ana", "m1", "hola").await;
        let (ana, theirs) = (mine.conversation("ana").await, other.conversation("ana").await);
        let handoff = house.hand_off(&other, theirs).await;
        let message = other.messages(theirs).await[0].id;
        let errand = mine.tenant.errand(theirs, None, None).await;
        assert!(matches!(errand, Err(StoreError::NotFound)));
        let mixed = mine.tenant.errand(ana, Some(handoff), Some(message)).await.unwrap();
        assert!(mixed.handoff.is_none() && mixed.message.is_none() && mixed.taken.is_empty());
        let nobody = ConversationId(Uuid::nil());
        let (handoff, message) = (HandoffId(Uuid::nil()), MessageId(Uuid::nil()));
        let errand = mine.tenant.errand(nobody, Some(handoff), Some(message)).await;
        assert!(matches!(errand, Err(StoreError::NotFound)));
    }
}
