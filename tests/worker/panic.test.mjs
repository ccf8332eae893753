// A panic, provoked in the test build: it costs its own event and nothing else.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { Response } from "miniflare";
import { start } from "./support/harness.mjs";
import { ask } from "./support/test-build.mjs";

const TOKEN = "panic-token";
const NOON = 1_775_822_400_000; // 2026-04-10 12:00 UTC

/** @type {Awaited<ReturnType<typeof start>>} */
let server;
/** @type {{ id: string, subject: string }[]} what the receiver was sent */
let received = [];
/** What the receiver waits for before it answers. */
let gate = Promise.resolve();

before(async () => {
  server = await start({
    build: "test",
    vars: { PROCESS_API_TOKEN: TOKEN, WEBHOOK_URL: "https://hooks.render-signal.dev/in", ALLOW_CUSTOM_WEBHOOK_WITHOUT_LINKS: "1" },
    internet: async (request) => {
      received.push({ id: request.headers.get("webhook-id"), subject: (await request.json()).subject });
      await gate;
      return new Response("ok");
    },
  });
});
beforeEach(() => {
  received = [];
});
after(() => server.dispose());

async function push(subject) {
  const response = await server.fetch("/api/ingress/gmail", {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", connection: "close" },
    body: JSON.stringify({ message_id: subject, subject, sender: "a@client.example", date: "2026-04-10", body: "Bonjour" }),
  });
  return { status: response.status, ...(await response.json()) };
}

async function eventually(what, look) {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    assert.ok(Date.now() < deadline, `not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const ended = (subject) =>
  eventually(`${subject} has ended`, async () => {
    const { lives } = JSON.parse((await ask(server, "lives")).text);
    const life = lives.find(({ mail }) => mail.subject === subject);
    return life?.mail.ended_at && life;
  });

const panics = () => ask(server, "panic", { method: "POST" });
const arm = async (point) => assert.deepEqual(await ask(server, `panic/${point}`, { method: "POST" }), { status: 200, text: "armed" });

test("a panic fails its own request; those in flight finish", async () => {
  let open;
  gate = new Promise((resolve) => (open = resolve));
  assert.equal((await push("in flight")).status, "queued");
  await eventually("the receiver is asked", () => received.length);
  const waiting = ask(server, "wait/1500");
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal((await panics()).status, 500);
  assert.deepEqual(await waiting, { status: 200, text: "waited" });
  open();
  const life = await ended("in flight");
  assert.deepEqual([life.mail.state, life.deliveries[0].attempts.length, received.length], ["delivered", 1, 1]);
});

test("what the isolate keeps is kept", async () => {
  await ask(server, "clock", { method: "PUT", body: `${NOON}` });
  assert.equal((await panics()).status, 500);
  assert.equal(JSON.parse((await ask(server, "stats")).text).now, NOON);
  await ask(server, "clock", { method: "PUT", body: "" });
});

test("the next request works", async () => {
  assert.equal((await panics()).status, 500);
  assert.equal((await push("the next")).status, "queued");
  assert.equal((await ended("the next")).mail.state, "delivered");
});

test("twenty panics at once among twenty pushes", async () => {
  const both = Array.from({ length: 20 }, (_, n) => [panics(), push(`among ${n}`)]);
  const answers = await Promise.all(both.flat());
  assert.deepEqual(answers.map(({ status }) => status), Array(20).fill([500, "queued"]).flat());
  for (let n = 0; n < 20; n++) assert.equal((await ended(`among ${n}`)).mail.state, "delivered");
  assert.equal(received.length, 20);
});

for (const point of ["ledger", "object"]) {
  test(`a panic in the ledger object (${point}): its caller is told, nothing is half written, the next call works`, async () => {
    await arm(point);
    const started = Date.now();
    const answer = await push(`lost in ${point}`);
    assert.ok(Date.now() - started < 10_000, "within the deadline of a call");
    assert.equal(answer.message, "Service unavailable");
    assert.equal((await push(`lost in ${point}`)).status, "queued", "nothing was taken before");
    assert.equal((await ended(`lost in ${point}`)).mail.state, "delivered");
    assert.equal(received.length, 1);
  });
}

test("a panic in the queue's consumer: the message comes again, and the mail is delivered once", async () => {
  // Nothing of the tests before is on its way any more: it would meet the panic in this mail's stead.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await arm("queue");
  const started = Date.now();
  assert.equal((await push("after the queue's panic")).status, "queued");
  const life = await ended("after the queue's panic");
  assert.equal((await ask(server, "panic/queue")).text, "passed", "the consumer met it");
  // Sooner than the object's alarm would have had somebody woken.
  assert.ok(Date.now() - started < 20_000, `${Date.now() - started} ms`);
  assert.deepEqual([life.mail.state, life.deliveries[0].attempts.length, received.length], ["delivered", 1, 1]);
});

test("a consumer that panics is an exception to the platform, which delivers its messages again", async () => {
  const worker = await server.mf.getWorker();
  const batch = () => worker.queue("render-signal-nudges", [{ id: "1", timestamp: new Date(), attempts: 1, body: '{"work":null}' }]);
  await arm("queue");
  assert.equal((await batch()).outcome, "exception");
  assert.equal((await batch()).outcome, "ok");
});
