//! Whether this version and the schema of the database fit together (ADR 13).

use super::{Store, StoreError};
use migrations::{Migrator, MigratorTrait};

/// The name of a migration ends so when it takes away what versions before it need.
const TAKES_AWAY: &str = "_contract";

/// The migrations in which this version and the database differ, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Ours that wait to be applied.
    pub pending: Vec<String>,
    /// Applied by another version; not known to this one.
    pub unknown: Vec<String>,
}

/// This version must not work on this schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaMisfit {
    /// The database is behind.
    #[error("{0} migrations wait: run `relevo migrate` first")]
    Behind(usize),
    /// A newer version took away what this one needs.
    #[error(
        "a newer version has changed the database ({0}) so that this one cannot work on it: \
         start that version"
    )]
    TakenAway(String),
    /// Neither of two versions came after the other.
    #[error(
        "another version has changed the database ({unknown}), and {pending} migrations of this \
         one wait: start a version that knows both"
    )]
    Parted {
        /// The newest that is not known here.
        unknown: String,
        /// How many of ours wait.
        pending: usize,
    },
}

/// The schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database does not answer, or refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is not this version's to change.
    #[error(transparent)]
    Misfit(#[from] SchemaMisfit),
}

impl Schema {
    fn between(ours: Vec<String>, applied: Vec<String>) -> Self {
        let without = |all: &[String], others: &[String]| {
            let missing = all.iter().filter(|name| !others.contains(name));
            missing.cloned().collect()
        };
        Self {
            pending: without(&ours, &applied),
            unknown: without(&applied, &ours),
        }
    }

    /// Whether this version can work on it. What a newer version has added does no harm.
    ///
    /// # Errors
    /// Says what to do.
    pub fn fits(&self) -> Result<(), SchemaMisfit> {
        let takes_away = |name: &&String| name.ends_with(TAKES_AWAY);
        match (self.pending.len(), self.unknown.last()) {
            (0, _) => match self.unknown.iter().find(takes_away) {
                Some(name) => Err(SchemaMisfit::TakenAway(name.clone())),
                None => Ok(()),
            },
            (pending, None) => Err(SchemaMisfit::Behind(pending)),
            (pending, Some(unknown)) => Err(SchemaMisfit::Parted {
                unknown: unknown.clone(),
                pending,
            }),
        }
    }
}

impl Store {
    /// How the schema and this version differ.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn schema(&self) -> Result<Schema, StoreError> {
        let ours = Migrator::migrations();
        let ours = ours.iter().map(|it| it.name().to_owned());
        let applied = Migrator::get_migration_models(&self.read).await?;
        let applied = applied.into_iter().map(|it| it.version);
        Ok(Schema::between(ours.collect(), applied.collect()))
    }

    /// Brings the schema up to date; several processes may call it at once. One that a newer
    /// version has brought further, and that fits, is left as it is.
    ///
    /// # Errors
    /// [`MigrateError`].
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        use sea_orm::ConnectionTrait;
        // An advisory lock lasts as long as its connection's transaction, so the migration runs
        // beside it on another one.
        let guard = match self.is_postgres() {
            true => Some(self.begin().await?),
            false => None,
        };
        if let Some(guard) = &guard {
            let lock = "select pg_advisory_xact_lock(72616301)";
            let locked = guard.execute_unprepared(lock).await;
            locked.map_err(StoreError::from)?;
        }
        let schema = self.schema().await?;
        if schema.unknown.is_empty() {
            let done = Migrator::up(&self.write, None).await;
            done.map_err(StoreError::from)?;
        } else {
            schema.fits()?;
        }
        if let Some(guard) = guard {
            guard.commit().await.map_err(StoreError::from)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(ours: &[&str], applied: &[&str]) -> Result<(), SchemaMisfit> {
        let own = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect();
        Schema::between(own(ours), own(applied)).fits()
    }

    #[test]
    fn a_version_works_on_what_it_knows_and_on_what_a_newer_one_has_added() {
        assert_eq!(fit(&["m1", "m2"], &["m1", "m2"]), Ok(()));
        assert_eq!(fit(&["m1"], &["m1", "m2", "m3"]), Ok(()));
        assert_eq!(fit(&["m1", "m2_contract"], &["m1", "m2_contract"]), Ok(()));
    }

    #[test]
    fn a_version_works_on_nothing_that_lacks_what_it_needs() {
        assert_eq!(fit(&["m1", "m2"], &[]), Err(SchemaMisfit::Behind(2)));
        let taken = SchemaMisfit::TakenAway("m2_contract".to_owned());
        assert_eq!(fit(&["m1"], &["m1", "m2_contract", "m3"]), Err(taken));
        let parted = SchemaMisfit::Parted {
            unknown: "m3".to_owned(),
            pending: 1,
        };
        assert_eq!(fit(&["m1", "m2"], &["m1", "m3"]), Err(parted));
    }
}
