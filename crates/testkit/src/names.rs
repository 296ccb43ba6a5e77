//! A name that leads wherever a test wants it to, for programs that ask the system's resolution.

use crate::shim;
use anyhow::Result;
use std::fs;
use std::net::IpAddr;
use tempfile::TempDir;

const SOURCE: &str = include_str!("names.c");

/// A name and where it leads.
#[derive(Debug)]
pub struct Names {
    folder: TempDir,
    name: String,
}

impl Names {
    /// An address of the internet; whoever connects to it reaches this machine.
    pub const PUBLIC: &str = "93.184.215.14";

    /// A name that leads to [`Names::PUBLIC`].
    ///
    /// # Errors
    /// There is no C compiler (package gcc).
    pub fn new(name: &str) -> Result<Self> {
        let folder = shim::compile(SOURCE)?;
        let name = name.to_owned();
        let names = Self { folder, name };
        names.leads(Some(Self::PUBLIC.parse()?))?;
        Ok(names)
    }

    /// From now on it leads there; `None`: the resolver does not find it.
    ///
    /// # Errors
    /// The disk is full.
    pub fn leads(&self, to: Option<IpAddr>) -> Result<()> {
        let to = to.map_or_else(|| "-".to_owned(), |to| to.to_string());
        let next = self.folder.path().join("next");
        fs::write(&next, format!("{} {to}\n", self.name))?;
        Ok(fs::rename(next, self.folder.path().join("names"))?)
    }

    /// How often it was asked for.
    #[must_use]
    pub fn asked(&self) -> u64 {
        fs::metadata(self.folder.path().join("names.asked")).map_or(0, |file| file.len())
    }

    /// The environment of a program that is to ask here.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let here = |name: &str| self.folder.path().join(name).display().to_string();
        vec![
            ("LD_PRELOAD".to_owned(), here("shim.so")),
            ("NAMES_FILE".to_owned(), here("names")),
            ("NAMES_PUBLIC".to_owned(), Self::PUBLIC.to_owned()),
        ]
    }
}
