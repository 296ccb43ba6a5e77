//! Who is calling: the token of a request and what it may touch.

use std::sync::Arc;

use actix_web::HttpRequest;
use serde_json::Value;

use super::Graph;
use super::errors::GraphError;
use super::line::{Flavour, Line};
use super::token::Token;
use crate::phone::kind::Kind;

/// Finds the token: `Authorization: Bearer`, or `access_token` in the query or body.
pub(crate) fn token_of(request: &HttpRequest, query: &Value, body: &Value) -> Option<String> {
    let header = request
        .headers()
        .get("Authorization")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| {
            value
                .strip_prefix("Bearer ")
                .or_else(|| value.strip_prefix("OAuth "))
        });
    header
        .or_else(|| query["access_token"].as_str())
        .or_else(|| body["access_token"].as_str())
        .map(str::to_owned)
}

impl Graph {
    /// The living token, or why not.
    pub(crate) fn authenticate(&self, value: Option<&str>) -> Result<Token, GraphError> {
        let value = value.ok_or_else(GraphError::no_token)?;
        let token = self.registry.token(value).ok_or_else(|| {
            GraphError::bad_token(
                None,
                "Invalid OAuth access token - Cannot parse access token",
            )
        })?;
        token.alive()?;
        Ok(token)
    }

    /// The line that `me` stands for.
    pub(crate) fn me(&self, token: &Token) -> Result<Arc<Line>, GraphError> {
        token
            .lines
            .iter()
            .filter(|(kind, _)| *kind != Kind::Whatsapp)
            .find_map(|(kind, id)| self.registry.line(*kind, id))
            .ok_or_else(|| GraphError::missing_object("GET", "me"))
    }

    /// The lines that send through this node and are covered by the token: a page may carry a
    /// Messenger line and a linked Instagram line.
    pub(crate) fn senders(&self, token: &Token, node: &str) -> Vec<Arc<Line>> {
        token
            .lines
            .iter()
            .filter_map(|(kind, id)| self.registry.line(*kind, id))
            .filter(|line| match node {
                "me" => line.kind != Kind::Whatsapp,
                _ => {
                    line.sending_node() == node
                        || (line.kind == Kind::Instagram
                            && line.flavour == Flavour::Login
                            && line.scoped_id == node)
                }
            })
            .collect()
    }

    /// The lines on an asset that the token covers.
    pub(crate) fn covered(&self, token: &Token, asset: &str) -> Vec<Arc<Line>> {
        self.registry
            .on_asset(asset)
            .into_iter()
            .filter(|line| token.covers(line.kind, &line.id))
            .collect()
    }
}
