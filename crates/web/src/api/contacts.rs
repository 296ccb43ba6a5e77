//! What the bot knows about contacts.

use super::idempotent::{Answer, Work, post};
use super::problem::Problem;
use super::whom;
use crate::edges::EdgeState;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use adapters::ingest::{Command, CommandOutcome, Outcome, Submission};
use domain::api_key::Scope;
use domain::contact::ContactProfile;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// The most attributes and tags per call; the longest name of one; the longest value.
const MOST: usize = 50;
const NAME: usize = 64;
const VALUE: usize = 1000;

/// What the bot knows about a contact.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Known {
    name: Option<String>,
    username: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    language: Option<String>,
    attributes: BTreeMap<String, String>,
    tags: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    channel: String,
    contact: String,
    name: Option<String>,
    username: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    language: Option<String>,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    tags: Vec<String>,
}

impl Known {
    /// As we keep it.
    pub(super) fn profile(self) -> Result<ContactProfile, Problem> {
        let odd = |text: &str, most: usize| {
            text.chars().count() > most || text.contains(char::is_control)
        };
        let fields = [
            &self.name,
            &self.username,
            &self.phone,
            &self.email,
            &self.language,
        ];
        if fields.into_iter().flatten().any(|text| odd(text, 200)) {
            return Err(Problem::body(
                "name, username, phone, email, language: at most 200 characters, no control characters",
            ));
        }
        let attributes = &self.attributes;
        if attributes.len() > MOST || self.tags.len() > MOST {
            return Err(Problem::body("at most 50 attributes and 50 tags"));
        }
        let odd_attribute = attributes
            .iter()
            .any(|(name, value)| name.is_empty() || odd(name, NAME) || odd(value, VALUE));
        let odd_tag = self
            .tags
            .iter()
            .any(|t| t.trim().is_empty() || odd(t, NAME));
        if odd_attribute || odd_tag {
            return Err(Problem::body(
                "attribute names and tags: 1 to 64 characters; values: up to 1000",
            ));
        }
        Ok(ContactProfile {
            name: self.name,
            username: self.username.map(|u| u.trim_start_matches('@').to_owned()),
            phone: self.phone,
            email: self.email,
            language: self.language,
            attributes: self.attributes,
            tags: self.tags,
        })
    }
}

/// `POST /contacts`.
pub(super) async fn create(
    state: Data<EdgeState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    post(
        state,
        request,
        payload,
        Scope::Messages,
        |work: Work<Told>| async move {
            let Work {
                state,
                caller,
                body,
                ..
            } = work;
            let whom = whom::on_channel(&caller, &body.channel, &body.contact).await?;
            let known = Known {
                name: body.name,
                username: body.username,
                phone: body.phone,
                email: body.email,
                language: body.language,
                attributes: body.attributes,
                tags: body.tags,
            };
            let command = Command::Learn {
                tenant: caller.tenant,
                channel: whom.channel.id,
                contact: whom.address,
                profile: known.profile()?,
            };
            let conversation = match state.ingest.submit(Submission::Command(command)).await? {
                Outcome::Command(CommandOutcome::Done { conversation, .. }) => conversation,
                _ => return Err(Problem::Unavailable),
            };
            let row = caller.store.conversations().get(conversation).await?;
            Ok(Answer {
                status: 200,
                body: json!({"conversation": state.objects.conversation(&row)}),
            })
        },
    )
    .await
}

/// What is told of a contact, for [`crate::hostile`].
#[cfg(any(test, feature = "fuzzing"))]
pub(super) fn read(json: &[u8]) {
    let _ = serde_json::from_slice::<Told>(json);
    let Ok(known) = serde_json::from_slice::<Known>(json) else {
        return;
    };
    if let Ok(profile) = known.profile() {
        assert!(profile.tags.len() <= MOST && profile.attributes.len() <= MOST);
    }
}
