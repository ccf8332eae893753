//! Every flow, with every port call going wrong once in every way: it fails before it took effect, it fails after, and it is
//! the last thing its process did, before or after. Whatever happens, the world goes on, and the promises hold.

use super::world::{DEFAULT, is_200, paris};
use super::*;
use crate::config::DocumentKey;
use crate::ledger::{DeliveryState, MailState};
use crate::mail::Mail;
use crate::memory::{Call, Fault, MemoryHome, Reply, Side};
use crate::ports::{Home, Ledger};
use core::time::Duration;
use futures_executor::block_on;
use serde_json::{Value, json};

const EVERY: [Fault; 4] =
    [Fault::Fail(Side::Before), Fault::Fail(Side::After), Fault::Cut(Side::Before), Fault::Cut(Side::After)];

/// What is put to the test.
#[derive(Debug, Clone)]
enum Flow {
    /// The client pushes this mail.
    Push(Mail),
    /// A worker takes a batch of work and runs it.
    Work,
    /// One regular round.
    Sweep,
}

/// A world before the flow, the flow, and where the newest mail ends, for which reasons; `None`: nowhere,
/// it stays with its client.
struct Scenario {
    name: &'static str,
    prepare: fn() -> World,
    flow: Flow,
    end: Option<(MailState, &'static [&'static str])>,
    /// Calls that the flow must make, so that the scenario is what its name says.
    makes: &'static [Call],
}

impl Flow {
    /// Runs it on a process that may die on the way; says which mail the client was pushing, and whether it was told 200.
    fn run(&self, world: &World, home: &MemoryHome) {
        let faults = home.faults();
        match self {
            Self::Push(mail) => {
                let answer = block_on(faults.until_cut(world.push_on(home, mail.clone())));
                world.keep(mail.clone(), answer.is_some_and(|answer| answer.as_ref().is_ok_and(is_200)));
            }
            Self::Work => drop(block_on(faults.until_cut(world.work_once(home)))),
            Self::Sweep => drop(block_on(faults.until_cut(world.sweep_on(home)))),
        }
    }
}

impl Scenario {
    /// Runs it with one fault, or none. Returns the calls that the flow made.
    fn run(&self, fault: Option<(usize, Fault)>) -> Vec<Call> {
        let context = format!("{}, {fault:?}", self.name);
        let world = (self.prepare)();
        let home = world.home.sibling();
        home.faults().clear();
        if let Some((n, fault)) = fault {
            home.faults().at(n, fault);
        }
        self.flow.run(&world, &home);
        let calls = home.faults().calls();
        // A promise is kept when it is made, not only in the end.
        home.faults().clear();
        let lives = world.lives();
        for subject in world.acknowledged() {
            assert_eq!(lives.iter().filter(|life| life.mail.subject == subject).count(), 1, "{context}: {subject}");
        }
        // Another worker comes at once, while leases may still be held.
        block_on(world.work_once(&world.home.sibling()));
        world.go_on();
        self.assert_end(&world, &context);
        calls
    }

    fn assert_end(&self, world: &World, context: &str) {
        world.assert_promises(context);
        let newest = world.lives().into_iter().next().map(|life| (life.mail.state, life.mail.reason.unwrap()));
        assert_eq!(newest.as_ref().map(|(state, _)| *state), self.end.map(|(state, _)| state), "{context}");
        if let (Some((_, reason)), Some((_, reasons))) = (newest, self.end) {
            assert!(reasons.contains(&reason.as_str()), "{context}: {reason}");
        }
    }

    /// Runs it once for every call of the flow and every fault. Returns how often.
    fn enumerate(&self) -> usize {
        let calls = self.run(None);
        for call in self.makes {
            assert!(calls.contains(call), "{}: no {call:?} in {calls:?}", self.name);
        }
        for n in 0..calls.len() {
            for fault in EVERY {
                self.run(Some((n, fault)));
            }
        }
        calls.len() * EVERY.len()
    }
}

fn enumerate(scenarios: &[Scenario], at_least: usize) {
    let runs: usize = scenarios.iter().map(Scenario::enumerate).sum();
    assert!(runs >= at_least, "{runs} runs, where at least {at_least} were meant");
}

const DELIVERED: Option<(MailState, &[&str])> = Some((MailState::Delivered, &["delivered"]));

/// A mail that was taken, and receivers that answer so, in order.
fn taken(replies: impl IntoIterator<Item = Reply>) -> World {
    let world = World::new();
    world.home.fetch().script(DEFAULT, replies);
    world.push(mail("Hello", LINK)).unwrap();
    world
}

/// The same, after the first attempt.
fn tried(replies: impl IntoIterator<Item = Reply>) -> World {
    let world = taken(replies);
    world.work();
    world.advance(6);
    world
}

/// A mail that was taken, for so many slow targets, the default among them.
fn for_targets(count: usize) -> World {
    let world = World::new();
    let urls: Vec<_> = (1..count).map(|n| format!("https://hooks.receiver.tld/{n}")).collect();
    let rule = |url: &String| super::world::rule(url, "hello", super::world::to(url));
    world.configure(DocumentKey::RoutingRules, super::world::rules(&urls.iter().map(rule).collect::<Vec<_>>()));
    for url in &urls {
        world.home.fetch().script(url, [ok().after(Duration::from_secs(3))]);
    }
    world.push(mail("Hello", LINK)).unwrap();
    world
}

fn closed(document: Value) -> World {
    let world = World::new();
    world.webhook(document);
    world
}

fn ok() -> Reply {
    Reply::status(200, "")
}

#[test]
fn taking_a_mail() {
    let push = || Flow::Push(mail("Hello", LINK));
    let made = &[Call::LoadConfig, Call::Admit];
    enumerate(
        &[
            Scenario {
                name: "new",
                prepare: World::new,
                flow: push(),
                end: DELIVERED,
                makes: &[Call::Admit, Call::Nudge],
            },
            Scenario { name: "repeat", prepare: || tried([ok()]), flow: push(), end: DELIVERED, makes: made },
            Scenario { name: "repeat under way", prepare: || taken([ok()]), flow: push(), end: DELIVERED, makes: made },
            Scenario {
                name: "skipped",
                prepare: || World::with(&[("WEBHOOK_URL", DEFAULT), ("GMAIL_SENDER_ALLOWLIST", "boss@client.example")]),
                flow: push(),
                end: Some((MailState::Skipped, &["sender_not_allowed"])),
                makes: made,
            },
            Scenario {
                name: "refused",
                prepare: || closed(json!({"webhook_sending_enabled": false})),
                flow: push(),
                end: None,
                makes: made,
            },
            Scenario {
                name: "decided again under a new configuration",
                prepare: || {
                    let world = World::new();
                    world.home.ledger().change_before_admissions(2);
                    world
                },
                flow: push(),
                end: DELIVERED,
                makes: made,
            },
        ],
        60,
    );
}

#[test]
fn deciding_about_a_mail() {
    let made = &[Call::LeaseDue, Call::Plan];
    enumerate(
        &[
            Scenario {
                name: "deliver",
                prepare: || taken([ok()]),
                flow: Flow::Work,
                end: DELIVERED,
                makes: &[Call::LeaseDue, Call::Plan, Call::Send, Call::Record],
            },
            Scenario {
                name: "deliver to four",
                prepare: || for_targets(4),
                flow: Flow::Work,
                end: DELIVERED,
                makes: &[Call::Plan, Call::Send, Call::Record, Call::Sleep],
            },
            Scenario {
                name: "deliver to more than are sent to at once",
                prepare: || for_targets(6),
                flow: Flow::Work,
                end: DELIVERED,
                makes: &[Call::Plan, Call::Nudge, Call::Send, Call::Record],
            },
            Scenario {
                name: "hold until the window opens",
                prepare: || {
                    let world =
                        closed(json!({"webhook_time_start": "09h00", "webhook_time_end": "18h00"})).at(paris(3, 0));
                    world.push(mail("Hello", LINK)).unwrap();
                    world
                },
                flow: Flow::Work,
                end: DELIVERED,
                makes: made,
            },
            Scenario {
                name: "hold without a target",
                prepare: || {
                    let world = World::with(&[]);
                    world.push(mail("Hello", LINK)).unwrap();
                    world
                },
                flow: Flow::Work,
                end: Some((MailState::Held, &["no_target"])),
                makes: made,
            },
            Scenario {
                name: "skip",
                prepare: || {
                    let world = World::new();
                    world.push(mail("Hello", "no link")).unwrap();
                    world
                },
                flow: Flow::Work,
                end: Some((MailState::Skipped, &["no_links"])),
                makes: made,
            },
        ],
        120,
    );
}

#[test]
fn delivering() {
    let made = &[Call::LeaseDue, Call::Send, Call::Record];
    let scenario = |name, prepare, end| Scenario { name, prepare, flow: Flow::Work, end, makes: made };
    enumerate(
        &[
            scenario("success", || tried([Reply::status(503, ""), ok()]), DELIVERED),
            scenario("retry", || tried([Reply::status(503, ""), Reply::status(503, ""), ok()]), DELIVERED),
            scenario("fallback", || tried([Reply::status(503, ""), Reply::status(415, ""), ok()]), DELIVERED),
            scenario(
                "slow",
                || {
                    let world = World::new();
                    world.configure(DocumentKey::ProcessingPrefs, json!({"version": 1, "webhook_timeout_sec": 300}));
                    world.home.fetch().script(DEFAULT, [Reply::status(503, ""), ok().after(Duration::from_secs(70))]);
                    world.push(mail("Hello", LINK)).unwrap();
                    world.work();
                    world.advance(6);
                    world
                },
                DELIVERED,
            ),
            Scenario {
                name: "a target that is gone",
                prepare: || tried([Reply::status(503, ""), Reply::status(410, "")]),
                flow: Flow::Work,
                end: Some((MailState::Held, &["target_disabled"])),
                makes: made,
            },
            Scenario {
                name: "the last attempt",
                prepare: || {
                    let world = World::new();
                    world.configure(DocumentKey::ProcessingPrefs, json!({"version": 1, "retry_count": 0}));
                    world.home.fetch().script(DEFAULT, [Reply::status(404, "")]);
                    world.push(mail("Hello", LINK)).unwrap();
                    world.work();
                    let id = world.life().mail.id;
                    block_on(world.home.ledger().replay(&id)).unwrap();
                    world.home.fetch().script(DEFAULT, [Reply::status(503, "")]);
                    world
                },
                flow: Flow::Work,
                end: Some((MailState::Failed, &["upstream_server_error", "send_connect", "send_timeout"])),
                makes: made,
            },
        ],
        100,
    );
}

/// The gate is closed when the delivery is due: whatever goes wrong, no attempt is used and nothing is sent until it opens.
#[test]
fn delivering_while_the_gate_is_closed() {
    let prepare = || {
        let world = tried([Reply::status(503, ""), ok()]);
        world.webhook(json!({"webhook_sending_enabled": false}));
        world
    };
    let end: Option<(MailState, &[&str])> = Some((MailState::Held, &["sending_disabled"]));
    let scenario = Scenario { name: "closed", prepare, flow: Flow::Work, end, makes: &[Call::Record] };
    let calls = scenario.run(None);
    let faults = (0..calls.len()).flat_map(|n| EVERY.map(|fault| (n, fault)));
    let mut runs = 0;
    for (n, fault) in faults {
        let world = prepare();
        let home = world.home.sibling();
        home.faults().clear();
        home.faults().at(n, fault);
        scenario.flow.run(&world, &home);
        world.go_on();
        let context = format!("{fault:?} at {n}");
        assert_eq!((world.received().len(), world.delivery().attempts.len()), (1, 1), "{context}");
        assert_eq!(world.delivery().state, DeliveryState::Held, "{context}");
        world.webhook(json!({"webhook_sending_enabled": true}));
        world.go_on();
        assert_eq!((world.received().len(), world.delivery().attempts.len()), (2, 2), "{context}");
        world.assert_promises(&context);
        runs += 1;
    }
    assert!(runs >= 12, "only {runs} runs");
}

#[test]
fn making_a_round() {
    enumerate(
        &[
            Scenario {
                name: "a target is set",
                prepare: || {
                    let world = World::with(&[]);
                    world.push(mail("Hello", LINK)).unwrap();
                    world.work();
                    world.sweep();
                    world.advance(60);
                    world.webhook(json!({"webhook_url": DEFAULT}));
                    world
                },
                flow: Flow::Sweep,
                end: DELIVERED,
                makes: &[Call::LoadConfig, Call::Release, Call::Nudge, Call::Fullness, Call::Sweep],
            },
            Scenario {
                name: "retention",
                prepare: || {
                    let world = tried([ok()]);
                    world.advance(8 * 86_400);
                    world
                },
                flow: Flow::Sweep,
                end: DELIVERED,
                makes: &[Call::LoadConfig, Call::Release, Call::Sweep],
            },
        ],
        60,
    );
}

/// One process goes wrong, and the next one too: every fault of the one with every fault of the other.
#[test]
fn going_wrong_twice() {
    let prepare = || taken([Reply::status(503, ""), ok()]);
    let work = |world: &World, (n, fault): (usize, Fault)| {
        let home = world.home.sibling();
        home.faults().clear();
        home.faults().at(n, fault);
        Flow::Work.run(world, &home);
        let calls = home.faults().calls().len();
        home.faults().clear();
        calls
    };
    let none = (usize::MAX, Fault::Fail(Side::Before));
    let faults = |calls: usize| (0..calls).flat_map(|n| EVERY.map(|fault| (n, fault)));
    let mut runs = 0;
    for first in faults(work(&prepare(), none)) {
        let second_calls = {
            let world = prepare();
            work(&world, first);
            world.advance(61);
            work(&world, none)
        };
        for second in faults(second_calls) {
            let world = prepare();
            work(&world, first);
            world.advance(61);
            work(&world, second);
            world.go_on();
            world.assert_promises(&format!("{first:?}, then {second:?}"));
            assert_eq!(world.state().0, MailState::Delivered, "{first:?}, then {second:?}");
            runs += 1;
        }
    }
    assert!(runs >= 300, "only {runs} runs");
}
