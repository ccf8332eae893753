// The configuration of several Workers over the same objects, while parts of it are out of order.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  FIRST, brokenKv, brokenKvWorker, configure, deaf, deafWorker, objects, sibling, tellLedger,
} from "./support/configuration.mjs";
import { start } from "./support/harness.mjs";
import { receiver } from "./support/receiver.mjs";

const TOKEN = "config-token";
const SECRET = `whsec_${Buffer.from("a secret that stays at home").toString("base64")}`;
const vars = { PROCESS_API_TOKEN: TOKEN, WEBHOOK_URL: "https://hooks.render-signal.dev/in", WEBHOOK_SECRET: SECRET };
const withoutKv = { kvNamespaces: {}, wrappedBindings: brokenKv };
const OFF = { webhook_sending_enabled: false };

const running = [];
after(() => Promise.all(running.map((server) => server.dispose())));

/** Workers of one workerd: the first with these options, the others beside it. */
async function launch(worker, ...beside) {
  const server = await start({ vars, internet: receiver().answer, worker, beside });
  running.push(server);
  return server;
}

/** The documents are at `keeper`, whose way to the ledger is deaf until it is opened; `reader` reaches both. */
function withDeafLedger() {
  const CONFIG = objects("keeper").CONFIG;
  const { scriptName, ...own } = CONFIG;
  const keeper = sibling(scriptName, { vars, durableObjects: { CONFIG: own, LEDGER: deaf } });
  const reader = sibling("reader", { vars, durableObjects: { ...objects(FIRST), CONFIG } });
  const { scriptName: _, ...LEDGER } = objects(FIRST).LEDGER;
  return launch({ durableObjects: { LEDGER, CONFIG } }, deafWorker, keeper, reader);
}

let mails = 0;

/** Pushes a new mail to a Worker; its answer, and how long it took in milliseconds. */
async function push(server, worker = FIRST) {
  mails += 1;
  const started = performance.now();
  const response = await (await server.mf.getWorker(worker)).fetch("https://signal.dev/api/ingress/gmail", {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ subject: `Mail ${mails}`, sender: "a@client.example", body: "https://fromsmash.com/XyZ-1" }),
  });
  const { code, status } = await response.json();
  return { status: response.status, word: code ?? status, took: performance.now() - started };
}

async function health(server, worker) {
  return (await (await server.mf.getWorker(worker)).fetch("https://signal.dev/health")).json();
}

/** The copy in KV, once it is at that version or newer. */
async function published(server, version, worker = FIRST) {
  const kv = await server.mf.getKVNamespace("CONFIG_KV", worker);
  for (const deadline = Date.now() + 10_000; ; await sleep(50)) {
    const copy = JSON.parse((await kv.get("config")) ?? "null");
    if (copy?.version >= version) return copy;
    assert.ok(Date.now() < deadline, `the copy is at version ${copy?.version}`);
  }
}

// Each has a workerd of its own; most of the time they wait.
describe("the configuration", { concurrency: 3 }, () => {
  test("a change is in force on another Worker at once, with KV writes blocked", async () => {
    const other = sibling("other", { vars, durableObjects: objects(FIRST) });
    const server = await launch(withoutKv, other, brokenKvWorker);
    assert.equal((await push(server, "other")).word, "queued");
    await configure(server.mf, FIRST, "webhook_config", OFF);
    const answer = await push(server, "other");
    assert.deepEqual([answer.status, answer.word], [409, "sending_disabled"]);
    await configure(server.mf, "other", "webhook_config", {});
    assert.equal((await push(server)).word, "queued");
    const kv = await server.mf.getKVNamespace("CONFIG_KV", "other");
    assert.equal(await kv.get("config"), null, "nothing was published");
    assert.deepEqual((await health(server, "other")).status, "ok");
  });

  test("a ledger that cannot be told: in force within 30 s, by its readers", async () => {
    const server = await withDeafLedger();
    assert.equal((await push(server, "reader")).word, "queued");
    const read = Date.now();
    await configure(server.mf, "keeper", "webhook_config", OFF);
    assert.equal((await push(server, "reader")).word, "queued", "neither it nor the ledger has heard of it");
    await sleep(read + 30_000 - Date.now());
    const answer = await push(server, "reader");
    assert.deepEqual([answer.status, answer.word], [409, "sending_disabled"]);
  });

  test("a ledger that can be told again hears of it from the object's alarm", async () => {
    const server = await withDeafLedger();
    await configure(server.mf, "keeper", "runtime_flags", {});
    assert.equal((await push(server, "reader")).word, "queued");
    const read = Date.now();
    await configure(server.mf, "keeper", "webhook_config", OFF);
    assert.equal((await push(server, "reader")).word, "queued");
    await (await server.mf.getWorker("deaf")).fetch("https://deaf/open");
    let answer;
    do {
      await sleep(250);
      answer = await push(server, "reader");
    } while (answer.word === "queued");
    assert.deepEqual([answer.status, answer.word], [409, "sending_disabled"]);
    assert.ok(Date.now() - read < 25_000, `${Date.now() - read} ms: the reader has not read again`);
  });

  test("an object that does not answer: the copy is used after a second, and health says so", async () => {
    const lost = sibling("lost", { vars, durableObjects: { ...objects(FIRST), CONFIG: deaf } });
    const server = await launch({}, deafWorker, lost);
    await configure(server.mf, FIRST, "runtime_flags", {});
    await configure(server.mf, FIRST, "webhook_config", { webhook_url: "https://hooks.render-signal.dev/other" });
    const copy = await published(server, 2);
    const first = await push(server, "lost");
    assert.equal(first.word, "queued");
    assert.ok(first.took > 900 && first.took < 6_000, `${first.took} ms`);
    assert.ok((await push(server, "lost")).took < first.took / 2, "what was read is kept");
    const told = await health(server, "lost");
    assert.deepEqual([told.status, told.code, told.services.config], ["degraded", "config_stale", "stale"]);
    assert.equal((await health(server, FIRST)).status, "ok");

    // What the copy does not say yet is not passed by.
    await configure(server.mf, FIRST, "webhook_config", OFF);
    assert.notEqual((await push(server, "lost")).status, 200);
    assert.equal(JSON.stringify(copy).includes(SECRET.slice(6)), false, "no secret is in the copy");
    assert.equal(JSON.stringify(copy).includes(TOKEN), false);
  });

  test("neither the object nor the copy: nothing is taken", async () => {
    const alone = sibling("alone", { vars, durableObjects: { ...objects(FIRST), CONFIG: deaf }, ...withoutKv });
    const server = await launch({}, deafWorker, brokenKvWorker, alone);
    const answer = await push(server, "alone");
    assert.deepEqual([answer.status, answer.word], [503, "config_unavailable"]);
    assert.deepEqual((await health(server, "alone")).code, "config_unavailable");
    assert.equal((await push(server)).word, "queued", "the ledger is well");
  });

  test("many writes become few copies, the last of them whole", async () => {
    const server = await launch({});
    for (let n = 1; n <= 20; n += 1) {
      await configure(server.mf, FIRST, "processing_prefs", { exclude_keywords: [`word ${n}`] });
    }
    const copy = await published(server, 20);
    assert.deepEqual(copy.documents.map((document) => [document.key, document.version, document.value]), [
      ["processing_prefs", 20, { exclude_keywords: ["word 20"] }],
    ]);
  });

  test("a ledger that knows a version of lost documents does not stop the intake", async () => {
    const server = await launch({});
    await tellLedger(server.mf, FIRST, 700);
    assert.equal((await push(server)).word, "queued");
    assert.equal((await published(server, 701)).version, 701);
    await configure(server.mf, FIRST, "webhook_config", OFF);
    assert.equal((await push(server)).word, "sending_disabled");
  });

  test("without its secrets a Worker answers 503, and tells nothing of what is wrong", async () => {
    const bare = sibling("bare", { vars: { WEBHOOK_URL: vars.WEBHOOK_URL }, durableObjects: objects(FIRST) });
    const wrong = sibling("wrong", { vars: { ...vars, WEBHOOK_SECRET: "whsec_s3cret!" }, durableObjects: objects(FIRST) });
    const lines = [];
    const handleStructuredLogs = ({ message }) => void lines.push(message);
    const server = await start({
      vars, beside: [bare, wrong], shared: { handleRuntimeStdio: undefined, handleStructuredLogs },
    });
    running.push(server);
    for (const worker of ["bare", "wrong"]) {
      const answer = await push(server, worker);
      assert.deepEqual([answer.status, answer.word], [503, "not_configured"], worker);
    }
    const log = lines.join("\n");
    assert.match(log, /WEBHOOK_SECRET/);
    assert.equal(log.includes("s3cret"), false, log);
  });
});
