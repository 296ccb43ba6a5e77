//! Where webhooks go: the callback handshake, app subscriptions, and apps installed on assets.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::Method;
use serde_json::{Value, json};

use super::Graph;
use super::app::{Callback, Object};
use super::errors::GraphError;
use super::line::Line;
use crate::phone::ids;

/// A comma list as a set.
pub(crate) fn field_set(value: &Value) -> BTreeSet<String> {
    match value {
        Value::String(text) => text
            .split(',')
            .map(|field| field.trim().to_owned())
            .filter(|field| !field.is_empty())
            .collect(),
        Value::Array(list) => list
            .iter()
            .filter_map(|field| field.as_str().map(str::to_owned))
            .collect(),
        _ => BTreeSet::new(),
    }
}

impl Graph {
    /// The GET handshake: passes only when the challenge comes back verbatim with 200.
    pub(crate) async fn handshake(&self, url: &str, verify_token: &str) -> Result<(), GraphError> {
        let challenge = ids::numeric("1", 10);
        let refused = |why: String| {
            GraphError::new(
                400,
                2200,
                format!("(#2200) Callback verification failed with the following errors: {why}"),
            )
        };
        let response = self
            .core
            .http
            .get(url)
            .query(&[
                ("hub.mode", "subscribe"),
                ("hub.challenge", &challenge),
                ("hub.verify_token", verify_token),
            ])
            .timeout(Duration::from_secs(10))
            .send()
            .await
            .map_err(|error| refused(error.without_url().to_string()))?;
        let status = response.status().as_u16();
        let body = response
            .text()
            .await
            .map_err(|error| refused(error.without_url().to_string()))?;
        if status != 200 {
            return Err(refused(format!(
                "HTTP Status Code = {status}; HTTP Message"
            )));
        }
        if body != challenge {
            return Err(refused(
                "The challenge was not answered verbatim".to_owned(),
            ));
        }
        Ok(())
    }

    /// Sets an app's callback for one object after a handshake.
    pub async fn set_callback(
        &self,
        app_id: &str,
        object: Object,
        url: &str,
        verify_token: &str,
        fields: BTreeSet<String>,
    ) -> Result<(), GraphError> {
        self.handshake(url, verify_token).await?;
        self.registry
            .change_app(app_id, |app| {
                app.callbacks.insert(
                    object,
                    Callback {
                        url: url.to_owned(),
                        verify_token: verify_token.to_owned(),
                        fields,
                    },
                );
            })
            .map(|_| ())
            .ok_or_else(|| GraphError::missing_object("POST", app_id))
    }

    /// `/{app_id}/subscriptions`, with the app's own token.
    pub(crate) async fn app_subscriptions(
        &self,
        method: &Method,
        app_id: &str,
        token: Option<&str>,
        parameters: &Value,
    ) -> Result<Value, GraphError> {
        let token = token.ok_or_else(GraphError::no_token)?;
        let app = self
            .registry
            .app_by_token(token)
            .filter(|app| app.id == app_id)
            .ok_or_else(|| {
                GraphError::new(
                    400,
                    15,
                    "(#15) This method must be called with an app access_token.",
                )
            })?;
        let object = parameters["object"].as_str().map(|name| {
            Object::parse(name).ok_or_else(|| GraphError::parameter("Param object is not valid"))
        });
        match *method {
            Method::GET => {
                let data: Vec<Value> = app
                    .callbacks
                    .iter()
                    .map(|(object, callback)| {
                        let fields: Vec<Value> = callback
                            .fields
                            .iter()
                            .map(|name| json!({"name": name, "version": "v25.0"}))
                            .collect();
                        json!({
                            "object": object.name(), "callback_url": callback.url,
                            "active": true, "fields": fields,
                        })
                    })
                    .collect();
                Ok(json!({ "data": data }))
            }
            Method::POST => {
                let object =
                    object.ok_or_else(|| GraphError::parameter("Param object is required"))??;
                let need = |name: &str| {
                    parameters[name]
                        .as_str()
                        .ok_or_else(|| GraphError::parameter(format!("Param {name} is required")))
                };
                self.set_callback(
                    app_id,
                    object,
                    need("callback_url")?,
                    need("verify_token")?,
                    field_set(&parameters["fields"]),
                )
                .await?;
                Ok(json!({"success": true}))
            }
            _ => {
                let object = object.transpose()?;
                self.registry.change_app(app_id, |app| {
                    app.callbacks
                        .retain(|have, _| object.is_some_and(|gone| gone != *have));
                });
                Ok(json!({"success": true}))
            }
        }
    }

    /// `/{asset}/subscribed_apps` for all covered lines of the asset.
    pub(crate) async fn subscribed_apps(
        &self,
        method: &Method,
        lines: &[Arc<Line>],
        app_id: &str,
        parameters: &Value,
    ) -> Result<Value, GraphError> {
        let whatsapp = lines
            .iter()
            .any(|line| line.kind == crate::phone::kind::Kind::Whatsapp);
        match *method {
            Method::GET => Ok(json!({"data": installed(lines, whatsapp)})),
            Method::POST => {
                let fields = field_set(&parameters["subscribed_fields"]);
                if !whatsapp && fields.is_empty() {
                    return Err(GraphError::parameter(
                        "The parameter subscribed_fields is required.",
                    ));
                }
                let callback = self.override_of(parameters).await?;
                for line in lines {
                    self.registry.change(line.kind, &line.id, |line| {
                        line.installed.insert(app_id.to_owned(), fields.clone());
                        if callback.is_some() {
                            line.override_callback = callback.clone();
                        }
                    });
                }
                Ok(json!({"success": true}))
            }
            _ => {
                for line in lines {
                    self.registry.change(line.kind, &line.id, |line| {
                        line.installed.remove(app_id);
                        line.override_callback = None;
                    });
                }
                Ok(json!({"success": true}))
            }
        }
    }

    /// An `override_callback_uri` in the parameters, proven by a handshake.
    pub(crate) async fn override_of(
        &self,
        parameters: &Value,
    ) -> Result<Option<Callback>, GraphError> {
        let Some(url) = parameters["override_callback_uri"].as_str() else {
            return Ok(None);
        };
        let verify_token = parameters["verify_token"]
            .as_str()
            .ok_or_else(|| GraphError::parameter("The parameter verify_token is required."))?;
        self.handshake(url, verify_token).await?;
        Ok(Some(Callback {
            url: url.to_owned(),
            verify_token: verify_token.to_owned(),
            fields: BTreeSet::new(),
        }))
    }
}

fn installed(lines: &[Arc<Line>], whatsapp: bool) -> Vec<Value> {
    let Some(line) = lines.first() else {
        return Vec::new();
    };
    line.installed
        .iter()
        .map(|(app_id, fields)| {
            if !whatsapp {
                return json!({
                    "id": app_id, "name": "Relevo", "link": "https://example.org",
                    "category": "Business", "subscribed_fields": fields,
                });
            }
            let mut app = json!({
                "whatsapp_business_api_data": {
                    "id": app_id, "name": "Relevo", "link": "https://example.org",
                },
            });
            if let Some(callback) = &line.override_callback {
                app["override_callback_uri"] = callback.url.as_str().into();
            }
            app
        })
        .collect()
}
