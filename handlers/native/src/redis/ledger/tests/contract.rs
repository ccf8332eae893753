//! Every case of the ports' contract, on a server of the tests' own.

use super::home::{Home, Place};
use futures_util::FutureExt;
use render_signal::contract::cases;
use std::panic::AssertUnwindSafe;

#[tokio::test]
async fn redis_keeps_every_promise_of_the_contract() {
    let cases = cases::<Home>();
    assert!(cases.len() > 120, "{} cases", cases.len());
    let place = Place::new();
    let mut broken = Vec::new();
    for case in &cases {
        let home = place.home().await;
        if AssertUnwindSafe(case.run(&home)).catch_unwind().await.is_err() {
            broken.push(case.name);
        }
    }
    assert!(broken.is_empty(), "{} of {} promises are broken: {broken:#?}", broken.len(), cases.len());
}
