//! Lists of mails, and the search through them.

use super::RedisLedger;
use super::row::Row;
use super::script::{Effect, Parts, Step};
use super::search::Words;
use super::view::mail_summary;
use render_signal::ledger::{LedgerError, MailFilter, MailPage, MailState, MailSummary};

/// So many of the newest mails are searched: of all of them, or of those in the state asked for.
const SEARCHED: u32 = 10_000;

/// At most this many rows are read in one script.
const PAGE: usize = 250;

static LIST: Step = Step::new(
    Effect::Reads,
    Parts::Mails,
    concat!(include_str!("../lua/summary.lua"), include_str!("../lua/list.lua")),
);

/// Where the next page of a list begins.
enum From {
    Mail(String),
    Number(String),
}

/// How a page ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    More,
    OfList,
    AtBound,
}

impl RedisLedger {
    /// See [`render_signal::ports::Ledger::list`]. Reads page by page, so that others wait for none of them long.
    pub(super) async fn list_mails(&self, filter: &MailFilter) -> Result<MailPage, LedgerError> {
        let limit = usize::try_from(filter.limit.clamp(1, 500)).unwrap_or(500);
        let words = Words::of(filter.text.as_deref());
        let list = match filter.state {
            None => "all".to_owned(),
            // A dead letter is found though another delivery of its mail still waits.
            Some(MailState::Failed) => "dead".to_owned(),
            Some(state) => format!("state:{}", state.code()),
        };
        let bound = if words.is_empty() { u32::MAX } else { SEARCHED };
        let mut from =
            filter.before.as_ref().map_or(From::Number(String::new()), |id| From::Mail(id.as_str().to_owned()));
        let mut mails = Vec::new();
        loop {
            let most = if words.is_empty() { PAGE.min(limit + 1 - mails.len()) } else { PAGE };
            let (page, last, end) = self.page_of(&list, &from, most, bound).await?;
            mails.extend(page.into_iter().filter(|mail| words.are_in(mail)));
            if mails.len() > limit {
                mails.truncate(limit);
                let next = mails.last().map(|mail| mail.id.clone());
                return Ok(MailPage { mails, next, searched: None });
            }
            match (end, last) {
                (End::More, Some(last)) => from = From::Number(last),
                (end, _) => {
                    let searched = (end == End::AtBound).then_some(SEARCHED);
                    return Ok(MailPage { mails, next: None, searched });
                }
            }
        }
    }

    /// One script's rows, the number of the last, and how they end.
    async fn page_of(
        &self,
        list: &str,
        from: &From,
        most: usize,
        bound: u32,
    ) -> Result<(Vec<MailSummary>, Option<String>, End), LedgerError> {
        let (id, number) = match from {
            From::Mail(id) => (id.as_str(), ""),
            From::Number(number) => ("", number.as_str()),
        };
        let mut call = self.step(&LIST);
        let mut answer = Row::of(self.run(call.arg(list).arg(id).arg(number).arg(most).arg(bound)).await?)?;
        let rows = answer.take_rows(0)?;
        let last = rows.last().map(|row| row.text(6)).transpose()?;
        let end = match answer.text(1)?.as_str() {
            "more" => End::More,
            "bound" => End::AtBound,
            _ => End::OfList,
        };
        Ok((rows.iter().map(mail_summary).collect::<Result<_, _>>()?, last, end))
    }
}
