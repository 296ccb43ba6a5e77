//! From the desk form to an account and back.

use crate::extract::Form;
use crate::i18n::Lang;
use domain::desk::{DeskAccount, DeskCredentials, DeskSettings};
use domain::ids::TenantId;
use domain::secret::Secret;

/// The address that a new form proposes.
pub(super) const DEFAULT_BASE_URL: &str = "https://api.letsta.lk";

/// Fills in what is not secret.
pub(super) fn show(settings: &DeskSettings, form: &mut Form) {
    let optional = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
    let fields = &mut form.fields;
    fields.set("base_url", &settings.base_url);
    fields.set("organization_id", settings.organization_id.to_string());
    fields.set("agent_user_id", settings.agent_user_id.to_string());
    fields.set("inquiry_id", optional(settings.inquiry_id));
    fields.set("group_id", optional(settings.group_id));
    fields.set("extra_channels", settings.extra_channels.join("\n"));
    fields.set("extra_groups", settings.extra_groups.join("\n"));
}

/// Reads the form; a secret left empty keeps the stored one. `None` when something is missing,
/// said beside the field.
pub(super) fn read(
    tenant: TenantId,
    form: &mut Form,
    kept: Option<&DeskCredentials>,
    l: Lang,
) -> Option<DeskAccount> {
    let base_url = form.v("base_url").trim_end_matches('/').to_owned();
    let parsed = url::Url::parse(&base_url);
    if !parsed.is_ok_and(|u| matches!(u.scheme(), "https" | "http") && u.has_host()) {
        form.refuse("base_url", l.t("wrong-url"));
    }
    let settings = DeskSettings {
        base_url,
        organization_id: required(form, "organization_id", l),
        agent_user_id: required(form, "agent_user_id", l),
        inquiry_id: form.number("inquiry_id", (1, i64::MAX), &l.t("wrong-digits")),
        group_id: form.number("group_id", (1, i64::MAX), &l.t("wrong-digits")),
        extra_channels: form.fields.lines("extra_channels"),
        extra_groups: form.fields.lines("extra_groups"),
    };
    let credentials = DeskCredentials {
        consumer_key: secret(form, "consumer_key", kept.map(|k| &k.consumer_key), l),
        consumer_token: secret(form, "consumer_token", kept.map(|k| &k.consumer_token), l),
        agent_key: secret(form, "agent_key", kept.map(|k| &k.agent_key), l),
        subscribe_key: secret(form, "subscribe_key", kept.map(|k| &k.subscribe_key), l),
        publish_key: match (form.fields.some("publish_key"), kept) {
            (Some(typed), _) => Secret::new(typed),
            (None, Some(kept)) => kept.publish_key.clone(),
            (None, None) => Secret::default(),
        },
    };
    form.is_fine().then_some(DeskAccount {
        tenant,
        settings,
        credentials,
    })
}

fn required(form: &mut Form, name: &str, l: Lang) -> i64 {
    if form.v(name).is_empty() {
        form.refuse(name, l.t("wrong-empty"));
    }
    let number = form.number(name, (1, i64::MAX), &l.t("wrong-digits"));
    number.unwrap_or(0)
}

fn secret(form: &mut Form, name: &str, kept: Option<&Secret>, l: Lang) -> Secret {
    match (form.fields.some(name), kept) {
        (Some(typed), _) => Secret::new(typed),
        (None, Some(kept)) => kept.clone(),
        (None, None) => {
            form.refuse(name, l.t("wrong-empty"));
            Secret::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::Fields;
    use domain::tenant::Language;
    use uuid::Uuid;

    #[test]
    fn every_missing_value_is_said_beside_its_field() {
        let mut form = Form::from(Fields::parse(b"base_url=ftp%3A%2F%2Fx"));
        let tenant = TenantId(Uuid::nil());
        assert!(read(tenant, &mut form, None, Lang(Language::Es)).is_none());
        for name in [
            "base_url",
            "organization_id",
            "agent_user_id",
            "consumer_key",
            "agent_key",
        ] {
            assert!(form.bad(name), "{name}");
        }
        assert!(!form.bad("publish_key") && !form.bad("inquiry_id"));
    }
}
