//! From the connect form to credentials, and from a refusal back to the fields.

use crate::extract::Form;
use crate::i18n::Lang;
use domain::channel::{ChannelCredentials, ChannelKind, InstagramLogin};
use domain::ports::ValidationError;
use domain::secret::Secret;

/// What we choose ourselves for a new channel; an existing one keeps its own.
pub(crate) struct Own {
    pub verify_token: Secret,
    pub webhook_secret: Secret,
}

impl Own {
    /// Those of an existing channel, or the fresh ones.
    pub fn of(kept: Option<&ChannelCredentials>, fresh: &str) -> Self {
        let fresh = || Secret::new(fresh);
        let (verify_token, webhook_secret) = match kept {
            Some(
                ChannelCredentials::WhatsApp { verify_token, .. }
                | ChannelCredentials::Messenger { verify_token, .. }
                | ChannelCredentials::Instagram { verify_token, .. },
            ) => (verify_token.clone(), fresh()),
            Some(ChannelCredentials::Telegram { webhook_secret, .. }) => {
                (fresh(), webhook_secret.clone())
            }
            Some(ChannelCredentials::Api {} | ChannelCredentials::Test { .. }) | None => {
                (fresh(), fresh())
            }
        };
        Self {
            verify_token,
            webhook_secret,
        }
    }
}

struct Reader<'a> {
    form: &'a mut Form,
    l: Lang,
}

impl Reader<'_> {
    /// A secret: as typed, or the stored one when the field is left empty.
    fn secret(&mut self, name: &str, kept: Option<&Secret>) -> Secret {
        match (self.form.fields.some(name), kept) {
            (Some(typed), _) => Secret::new(typed),
            (None, Some(kept)) => kept.clone(),
            (None, None) => {
                self.form.refuse(name, self.l.t("wrong-empty"));
                Secret::default()
            }
        }
    }

    /// A platform's id: digits.
    fn id(&mut self, name: &str) -> String {
        let text = self.form.v(name).to_owned();
        if text.is_empty() {
            self.form.refuse(name, self.l.t("wrong-empty"));
        } else if text.len() > 32 || !text.bytes().all(|b| b.is_ascii_digit()) {
            self.form.refuse(name, self.l.t("wrong-digits"));
        }
        text
    }
}

/// Reads the form of one kind; `None` when something is missing, said beside the field.
pub(crate) fn read(
    kind: ChannelKind,
    form: &mut Form,
    kept: Option<&ChannelCredentials>,
    own: Own,
    l: Lang,
) -> Option<ChannelCredentials> {
    let mut r = Reader { form, l };
    let credentials = match kind {
        ChannelKind::Api => ChannelCredentials::Api {},
        // The test chat is there by itself: nobody connects it.
        ChannelKind::Test => return None,
        ChannelKind::Telegram => {
            let kept = match kept {
                Some(ChannelCredentials::Telegram { token, .. }) => Some(token),
                _ => None,
            };
            ChannelCredentials::Telegram {
                token: r.secret("token", kept),
                webhook_secret: own.webhook_secret,
            }
        }
        ChannelKind::WhatsApp => {
            let (token, app_secret) = match kept {
                Some(ChannelCredentials::WhatsApp {
                    access_token,
                    app_secrets,
                    ..
                }) => (Some(access_token), app_secrets.first()),
                _ => (None, None),
            };
            ChannelCredentials::WhatsApp {
                phone_number_id: r.id("phone_number_id"),
                waba_id: r.id("waba_id"),
                access_token: r.secret("access_token", token),
                app_secrets: vec![r.secret("app_secret", app_secret)],
                verify_token: own.verify_token,
            }
        }
        ChannelKind::Messenger => {
            let (token, app_secret) = match kept {
                Some(ChannelCredentials::Messenger {
                    page_token,
                    app_secrets,
                    ..
                }) => (Some(page_token), app_secrets.first()),
                _ => (None, None),
            };
            ChannelCredentials::Messenger {
                page_id: r.id("page_id"),
                page_token: r.secret("page_token", token),
                app_id: r.id("app_id"),
                app_secrets: vec![r.secret("app_secret", app_secret)],
                verify_token: own.verify_token,
            }
        }
        ChannelKind::Instagram => {
            let (kept_token, app_secret) = match kept {
                Some(ChannelCredentials::Instagram {
                    token, app_secrets, ..
                }) => (Some(token), app_secrets.first()),
                _ => (None, None),
            };
            let login = match r.form.v("login") {
                "instagram" => InstagramLogin::Instagram,
                _ => InstagramLogin::Facebook,
            };
            let page_id = match login {
                InstagramLogin::Facebook => Some(r.id("page_id")),
                InstagramLogin::Instagram => None,
            };
            ChannelCredentials::Instagram {
                login,
                account_id: r.id("account_id"),
                page_id,
                token: r.secret("token", kept_token),
                app_id: r.id("app_id"),
                app_secrets: vec![r.secret("app_secret", app_secret)],
                verify_token: own.verify_token,
            }
        }
    };
    r.form.is_fine().then_some(credentials)
}

/// Fills in what is not secret, for the form that changes credentials.
pub(crate) fn show(credentials: &ChannelCredentials, form: &mut Form) {
    let pairs: Vec<(&str, &str)> = match credentials {
        ChannelCredentials::Telegram { .. }
        | ChannelCredentials::Api {}
        | ChannelCredentials::Test { .. } => vec![],
        ChannelCredentials::WhatsApp {
            phone_number_id,
            waba_id,
            ..
        } => vec![("phone_number_id", phone_number_id), ("waba_id", waba_id)],
        ChannelCredentials::Messenger {
            page_id, app_id, ..
        } => vec![("page_id", page_id), ("app_id", app_id)],
        ChannelCredentials::Instagram {
            login,
            account_id,
            page_id,
            app_id,
            ..
        } => vec![
            (
                "login",
                match login {
                    InstagramLogin::Facebook => "facebook",
                    InstagramLogin::Instagram => "instagram",
                },
            ),
            ("account_id", account_id),
            ("page_id", page_id.as_deref().unwrap_or("")),
            ("app_id", app_id),
        ],
    };
    for (name, value) in pairs {
        form.fields.set(name, value);
    }
}

/// The token that the tenant pastes at Meta.
pub(crate) fn verify_token(credentials: &ChannelCredentials) -> Option<&Secret> {
    match credentials {
        ChannelCredentials::Telegram { .. }
        | ChannelCredentials::Api {}
        | ChannelCredentials::Test { .. } => None,
        ChannelCredentials::WhatsApp { verify_token, .. }
        | ChannelCredentials::Messenger { verify_token, .. }
        | ChannelCredentials::Instagram { verify_token, .. } => Some(verify_token),
    }
}

/// The field that holds a kind's token.
fn token_field(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::WhatsApp => "access_token",
        ChannelKind::Messenger => "page_token",
        ChannelKind::Telegram | ChannelKind::Instagram | ChannelKind::Api | ChannelKind::Test => {
            "token"
        }
    }
}

/// The form's name of a field that the platform's adapter names.
fn form_field(field: &str) -> &str {
    match field {
        "app_secrets" => "app_secret",
        other => other,
    }
}

/// Says beside the field what the platform refused; the answer is what concerns no field.
pub(crate) fn explain(
    kind: ChannelKind,
    error: &ValidationError,
    form: &mut Form,
    l: Lang,
) -> Option<String> {
    let said = |key: &str, detail: &str| l.with(key, "detail", detail);
    match error {
        ValidationError::Malformed { field } => {
            form.refuse(form_field(field), l.t("refused-malformed"));
        }
        ValidationError::Token { detail } => {
            form.refuse(token_field(kind), said("refused-token", detail));
        }
        ValidationError::Permission { detail } => {
            form.refuse(token_field(kind), said("refused-permission", detail));
        }
        ValidationError::NotFound { field, detail } => {
            form.refuse(form_field(field), said("refused-not-found", detail));
        }
        ValidationError::Mismatch { field } => {
            form.refuse(form_field(field), l.t("refused-mismatch"));
        }
        ValidationError::Unreachable { detail } => {
            return Some(l.filled(
                "refused-unreachable",
                &[("platform", kind.title()), ("detail", detail)],
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::Fields;
    use domain::tenant::Language;

    const L: Lang = Lang(Language::Es);

    #[test]
    fn a_secret_left_empty_keeps_the_stored_one() {
        let kept = ChannelCredentials::Telegram {
            token: Secret::new("123:old"),
            webhook_secret: Secret::new("hook"),
        };
        let mut form = Form::from(Fields::parse(b"token="));
        let own = Own::of(Some(&kept), "fresh");
        let read = read(ChannelKind::Telegram, &mut form, Some(&kept), own, L);
        assert_eq!(read, Some(kept));
    }

    #[test]
    fn every_refusal_is_said_beside_a_field_or_above_the_form() {
        let detail = || "x".to_owned();
        let refusals = [
            ValidationError::Malformed { field: "token" },
            ValidationError::Token { detail: detail() },
            ValidationError::Permission { detail: detail() },
            ValidationError::NotFound {
                field: "phone_number_id",
                detail: detail(),
            },
            ValidationError::Mismatch { field: "waba_id" },
            ValidationError::Unreachable { detail: detail() },
        ];
        for refusal in refusals {
            let mut form = Form::default();
            let above = explain(ChannelKind::WhatsApp, &refusal, &mut form, L);
            assert!(above.is_some() == form.is_fine(), "{refusal:?}");
        }
    }

    #[test]
    fn an_id_that_is_no_number_is_refused() {
        let body = b"phone_number_id=abc&waba_id=1&access_token=t&app_secret=s";
        let mut form = Form::from(Fields::parse(body));
        let own = Own::of(None, "fresh");
        assert_eq!(read(ChannelKind::WhatsApp, &mut form, None, own, L), None);
        assert!(form.bad("phone_number_id"));
    }
}
