//! Every case of the ports' contract, on a file.

use super::folder::Home;
use futures_util::FutureExt;
use render_signal::contract::cases;
use std::panic::AssertUnwindSafe;

#[tokio::test]
async fn sqlite_keeps_every_promise_of_the_contract() {
    let cases = cases::<Home>();
    assert!(cases.len() > 120, "{} cases", cases.len());
    let mut broken = Vec::new();
    for case in &cases {
        let home = Home::new();
        if AssertUnwindSafe(case.run(&home)).catch_unwind().await.is_err() {
            broken.push(case.name);
        }
    }
    assert!(broken.is_empty(), "{} of {} promises are broken: {broken:#?}", broken.len(), cases.len());
}
