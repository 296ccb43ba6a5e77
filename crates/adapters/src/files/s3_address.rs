//! The address of a bucket, as an operator writes it:
//! `s3://KEY:SECRET@host[:port]/bucket[/folder][?region=…][&style=virtual][&tls=off]`.

use percent_encoding::percent_decode_str;
use rusty_s3::{Bucket, Credentials, UrlStyle};
use url::Url;

/// A bucket, who may use it, and a folder in it.
#[derive(Clone)]
pub struct S3Address {
    pub(super) bucket: Bucket,
    pub(super) credentials: Credentials,
    /// Empty, or ends with a slash.
    pub(super) prefix: String,
}

impl std::fmt::Debug for S3Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "S3Address({})", self.bucket.base_url())
    }
}

impl S3Address {
    /// Reads an address. Key and secret are percent-encoded where they hold `/`, `+`, `@` or `:`.
    ///
    /// # Errors
    /// In words for the operator, without repeating the address.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("not an address: {error}"))?;
        if url.scheme() != "s3" {
            return Err("the address must begin with s3://".to_owned());
        }
        let host = url.host_str().ok_or("the address names no host")?;
        let decoded = |part: &str| {
            let text = percent_decode_str(part).decode_utf8();
            text.map(String::from)
                .map_err(|_| "key and secret must be UTF-8".to_owned())
        };
        let key = decoded(url.username())?;
        let secret = decoded(url.password().unwrap_or_default())?;
        if key.is_empty() || secret.is_empty() {
            return Err(
                "the address must hold key and secret: s3://KEY:SECRET@host/bucket".to_owned(),
            );
        }
        let (mut region, mut style, mut scheme) = ("us-east-1".to_owned(), UrlStyle::Path, "https");
        for (name, value) in url.query_pairs() {
            match (&*name, &*value) {
                ("region", value) => region = value.to_owned(),
                ("style", "virtual") => style = UrlStyle::VirtualHost,
                ("style", "path") => style = UrlStyle::Path,
                ("tls", "off") => scheme = "http",
                ("tls", "on") => scheme = "https",
                (name, _) => {
                    return Err(format!(
                        "{name} is not understood; region, style and tls are"
                    ));
                }
            }
        }
        let mut parts = url.path().trim_matches('/').splitn(2, '/');
        let name = parts.next().filter(|name| !name.is_empty());
        let name = name.ok_or("the address names no bucket: s3://KEY:SECRET@host/bucket")?;
        let prefix = parts
            .next()
            .map(|folder| format!("{}/", folder.trim_matches('/')));
        let port = url
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        let endpoint = Url::parse(&format!("{scheme}://{host}{port}"))
            .map_err(|error| format!("not an address: {error}"))?;
        let bucket = Bucket::new(endpoint, style, name.to_owned(), region)
            .map_err(|error| format!("not a bucket: {error}"))?;
        Ok(Self {
            bucket,
            credentials: Credentials::new(key, secret),
            prefix: prefix.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_host_bucket_folder_and_who() {
        let address =
            S3Address::parse("s3://AKIA:a%2Fb%2Bc@minio:9000/files/relevo?tls=off").unwrap();
        assert_eq!(
            address.bucket.base_url().as_str(),
            "http://minio:9000/files/"
        );
        assert_eq!(
            (address.bucket.region(), address.prefix.as_str()),
            ("us-east-1", "relevo/")
        );
        assert_eq!(
            (address.credentials.key(), address.credentials.secret()),
            ("AKIA", "a/b+c")
        );
        assert!(!format!("{address:?}").contains("a/b"));
        let amazon = "s3://K:S@s3.eu-west-1.amazonaws.com/files?region=eu-west-1&style=virtual";
        let address = S3Address::parse(amazon).unwrap();
        let base = "https://files.s3.eu-west-1.amazonaws.com/";
        assert_eq!(address.bucket.base_url().as_str(), base);
        assert_eq!(address.prefix, "");
    }

    #[test]
    fn what_is_missing_or_odd_is_said_without_the_secret() {
        for odd in [
            "https://K:topsecret@host/bucket",
            "s3://host/bucket",
            "s3://K@host/bucket",
            "s3://K:topsecret@host/",
            "s3://K:topsecret@host/bucket?colour=red",
            "s3:",
        ] {
            let why = S3Address::parse(odd).unwrap_err();
            assert!(!why.contains("topsecret"), "{why}");
        }
    }
}
