//! Rows whose try succeeded and left nothing to keep but its receipts: most of what happens. Without
//! receipts a worker marks them itself when it takes the lane's next row; otherwise they are marked in
//! a few statements for all of a transaction.

use super::outcome::{SentPart, Stored, TryOutcome, TryResult};
use super::receipts::Receipt;
use super::submission::Submission;
use super::unit::Unit;
use crate::store::{DoneRow, StoreError, many};
use domain::message::DeliveryStatus;
use domain::outbound::{Claim, Task};
use sea_orm::{FromQueryResult, Value};
use std::collections::HashSet;

impl TryOutcome {
    /// The row, when nothing is left to keep of its try but that it is done.
    #[must_use]
    pub fn done_row(&self) -> Option<DoneRow> {
        let (claim, parts) = simple(self)?;
        parts.is_empty().then_some(DoneRow {
            id: claim.id,
            token: claim.token,
            posted: match claim.task {
                Task::PostToDesk { message, .. } => Some(message),
                _ => None,
            },
        })
    }
}

/// The claim of a try that is simply done, and the parts that were taken.
fn simply_done(submission: &Submission) -> Option<(&Claim, &[SentPart])> {
    match submission {
        Submission::Tried(tried) => simple(tried),
        _ => None,
    }
}

fn simple(tried: &TryOutcome) -> Option<(&Claim, &[SentPart])> {
    let TryResult::Done(Stored {
        parts,
        opened: None,
        stray: None,
        file: None,
    }) = &tried.result
    else {
        return None;
    };
    let plain = match tried.claim.task {
        Task::PostToDesk { .. } | Task::ForwardWebhook { .. } | Task::NoteToDesk { .. } => {
            parts.is_empty()
        }
        // After doubt more than its receipts is written.
        Task::SendToContact { .. } => !parts.is_empty() && !tried.claim.ambiguous,
        _ => false,
    };
    plain.then_some((&tried.claim, parts))
}

impl Unit<'_> {
    /// Marks the rows that are simply done; the answer says which submissions that settled. One whose
    /// claim was lost is not among them. Comes before everything else of the transaction, with the
    /// conversations locked.
    pub(super) async fn mark_done(
        &mut self,
        submissions: impl Iterator<Item = &Submission>,
    ) -> Result<HashSet<usize>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            id: i64,
        }
        let numbered = submissions.enumerate();
        let tried = numbered.filter_map(|(number, it)| Some((number, simply_done(it)?)));
        let tried: Vec<(usize, (&Claim, &[SentPart]))> = tried.collect();
        if tried.is_empty() {
            return Ok(HashSet::new());
        }
        let claims = tried.iter();
        let claims = claims.map(|(_, (claim, _))| vec![claim.id.0.into(), claim.token.into()]);
        let claims: Vec<Vec<Value>> = claims.collect();
        let postgres = self.store.is_postgres();
        let (rows, values) = many::set(postgres, vec![self.now.0.into()], &claims);
        // By their ids in so many words: they are looked up by their index whatever the database
        // believes of the table.
        let ids = match postgres {
            true => "= any(array(select id from claims))",
            false => "in (select id from claims)",
        };
        let text = format!(
            "with claims(id, token) as ({rows})
            update outbox set state = 'done', ended_at = $1 where id {ids}
            and (id, claim_token) in (select id, token from claims)
            and state || '' = 'pending'
            returning id"
        );
        let marked: Vec<Row> = self.all(&text, values).await?;
        let marked: HashSet<i64> = marked.into_iter().map(|row| row.id).collect();
        let mut settled = HashSet::with_capacity(tried.len());
        let (mut posted, mut receipts) = (Vec::new(), Vec::new());
        for (number, (claim, parts)) in tried {
            if !marked.contains(&claim.id.0) {
                continue;
            }
            settled.insert(number);
            let tenant = claim.wakeup.tenant;
            match claim.task {
                Task::PostToDesk { message, .. } => {
                    posted.push(vec![Value::from(tenant.0), message.0.into()]);
                }
                Task::SendToContact { message } => {
                    receipts.extend(parts.iter().map(|part| Receipt {
                        tenant,
                        message,
                        part,
                    }));
                }
                _ => continue,
            }
            let conversation = claim.wakeup.conversation;
            self.after.changed.insert((tenant, conversation));
        }
        self.taken(&receipts).await?;
        if !posted.is_empty() {
            let sent = vec![DeliveryStatus::Sent.name().into()];
            let (rows, values) = many::set(postgres, sent, &posted);
            let text = format!(
                "update messages set status = $1, failure = null
                where (tenant_id, id) in ({rows})"
            );
            self.run(&text, values).await?;
        }
        Ok(settled)
    }
}
