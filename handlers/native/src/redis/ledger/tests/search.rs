//! A search without an index looks at the newest mails, and says where it ended.

use super::desk::Desk;
use super::home::{Home, Place};
use futures_util::{StreamExt, stream};
use render_signal::ledger::{MailFilter, MailPage, MailState};
use render_signal::mail::MailId;
use render_signal::ports::Ledger;

const BOUND: usize = 10_000;

async fn list(home: &Home, state: Option<MailState>, text: Option<&str>, before: Option<MailId>) -> MailPage {
    let filter = MailFilter { state, text: text.map(ToOwned::to_owned), before, limit: 2 };
    home.ledger.list(&filter).await.unwrap()
}

fn ids(page: &MailPage) -> Vec<&MailId> {
    page.mails.iter().map(|mail| &mail.id).collect()
}

async fn fill(desk: &Desk<'_>, count: usize) {
    let some = stream::iter(0..count).map(|_| desk.skip("Facture", "x")).buffer_unordered(64);
    some.for_each(|_| async {}).await;
}

#[tokio::test]
async fn a_search_ends_at_its_bound_and_says_so() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let lost = desk.skip("Planning de la semaine", "x").await;
    let last = desk.skip("PLANNING urgent", "x").await;
    let queued = desk.take("x").await;
    fill(&desk, BOUND - 3).await;
    let first = desk.skip("planning", "x").await;
    // 10,001 mails: the oldest is not looked at.
    let page = list(&home, None, Some("planning"), None).await;
    assert_eq!((ids(&page), page.next.clone()), (vec![&first, &queued], Some(queued.clone())));
    assert_eq!(page.searched, None, "it did not come so far");
    let page = list(&home, None, Some("planning"), page.next).await;
    assert_eq!((ids(&page), page.next.clone(), page.searched), (vec![&last], None, Some(10_000)));
    let page = list(&home, None, Some("absent"), None).await;
    assert_eq!((ids(&page), page.next.clone(), page.searched), (vec![], None, Some(10_000)));
    let page = list(&home, None, Some("planning"), Some(lost.clone())).await;
    assert_eq!((ids(&page), page.searched), (vec![], None), "there is none before the oldest");
    // Within a state its own newest are looked at.
    let page = list(&home, Some(MailState::Queued), Some("planning"), None).await;
    assert_eq!((ids(&page), page.next.clone(), page.searched), (vec![&queued], None, None));
    let page = list(&home, Some(MailState::Skipped), Some("semaine"), None).await;
    assert_eq!((ids(&page), page.searched), (vec![&lost], None), "10,000 are skipped");
    desk.skip("Facture", "x").await;
    let page = list(&home, Some(MailState::Skipped), Some("semaine"), None).await;
    assert_eq!((ids(&page), page.searched), (vec![], Some(10_000)));
    // A list is whole.
    let page = list(&home, None, Some("zz"), Some(last)).await;
    assert_eq!((ids(&page), page.next.clone(), page.searched), (vec![&lost], None, None));
}

#[tokio::test]
async fn a_page_of_mails_that_say_much_is_cut_and_goes_on() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let long = "é".repeat(300_000);
    let mut taken = Vec::new();
    for n in 0..5 {
        taken.push(desk.skip(&format!("{long} {n}"), "x").await);
    }
    taken.reverse();
    let filter = MailFilter { limit: 10, ..MailFilter::default() };
    let page = home.ledger.list(&filter).await.unwrap();
    assert_eq!((ids(&page), page.next.clone()), (taken.iter().collect(), None));
    let filter = MailFilter { limit: 10, text: Some(long.to_uppercase()), ..MailFilter::default() };
    assert_eq!(ids(&home.ledger.list(&filter).await.unwrap()).len(), 5);
}
