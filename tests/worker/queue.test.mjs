// The queue says "there is something due": repeated, concurrent, unreadable and given-up messages change nothing about it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { receiver } from "./support/receiver.mjs";
import { NOBODY_READS, NUDGES, until, world } from "./support/world.mjs";

const NUDGE = JSON.stringify({ work: null });

/** @type {Awaited<ReturnType<typeof world>>} */
let it;
before(async () => {
  const hook = receiver();
  const { answer } = hook;
  // Slow enough for what is done at once to meet.
  hook.answer = async (request) => pause(100).then(() => answer(request));
  it = await world({ hook, worker: NOBODY_READS });
});
after(() => it?.dispose());

/** The webhook-ids that came for a mail. */
const ids = (subject) =>
  it.hook.requests.filter((request) => JSON.parse(request.body).subject === subject).map((request) => request.headers["webhook-id"]);

test("the same message five times, also at once, is one delivery", async () => {
  await it.push("five times");
  const batch = [1, 2, 3, 4, 5].map((n) => [`m${n}`, NUDGE]);
  const results = await Promise.all([it.queue(batch.slice(0, 4)), ...batch.map((message) => it.queue([message]))]);
  for (const result of results) assert.equal(result.outcome, "ok");
  for (const message of batch) await it.queue([message]);
  assert.equal(ids("five times").length, 1);
});

test("a mail costs as many requests as it has deliveries, whoever is nudged", async () => {
  await Promise.all(Array.from({ length: 12 }, (_, n) => it.push(`crowd ${n}`)));
  await Promise.all(Array.from({ length: 12 }, (_, n) => it.queue([[`c${n}`, NUDGE]])));
  for (let n = 0; n < 12; n += 1) assert.equal(ids(`crowd ${n}`).length, 1, `crowd ${n}`);
});

test("a delivery costs three calls of the ledger", async () => {
  await it.push("three calls");
  const before = (await it.object("/")).calls;
  await it.queue([["t1", NUDGE]]);
  assert.equal(ids("three calls").length, 1);
  assert.equal((await it.object("/")).calls - before, 3);
});

test("a poisoned message is recorded and dropped, the others are acted on", async () => {
  await it.push("beside poison");
  const result = await it.queue([["good-1", NUDGE], ["bad-1", "{"], ["bad-2", { work: 7 }], ["good-2", NUDGE]]);
  assert.equal(result.outcome, "ok");
  assert.deepEqual(result.explicitAcks.toSorted(), ["bad-1", "bad-2", "good-1", "good-2"]);
  assert.deepEqual(result.retryMessages, []);
  assert.equal(ids("beside poison").length, 1);
  const lines = await until("the log", 5, () => it.logged("poisoned_message").length === 2 && it.logged("poisoned_message"));
  assert.deepEqual(lines.map((line) => [line.level, line.cause]), [["error", "message bad-1"], ["error", "message bad-2"]]);
});

test("poison alone is dropped without asking the ledger", async () => {
  await it.object("/break");
  const result = await it.queue([["bad-3", "?"]]);
  await it.object("/mend");
  assert.deepEqual([result.outcome, result.explicitAcks], ["ok", ["bad-3"]]);
  assert.deepEqual(it.logged("store_unavailable"), []);
});

test("while the ledger does not answer, a message comes again later", async () => {
  await it.push("later");
  await it.object("/break");
  const result = await it.queue([["l1", NUDGE], ["l2", "{"]]);
  await it.object("/mend");
  assert.equal(result.outcome, "ok");
  assert.deepEqual(result.retryMessages, [{ msgId: "l1", delaySeconds: 10 }]);
  assert.deepEqual(result.explicitAcks, ["l2"]);
  assert.equal(ids("later").length, 0);
  await it.queue([["l1", NUDGE]]);
  assert.equal(ids("later").length, 1);
});

test("what was given up is logged, and its work is not lost", async () => {
  await it.push("given up");
  const result = await it.queue([["dead-1", NUDGE]], `${NUDGES}-dead`);
  assert.deepEqual([result.outcome, result.explicitAcks], ["ok", ["dead-1"]]);
  const [line] = await until("the log", 5, () => it.logged("dead_message").length && it.logged("dead_message"));
  assert.equal(line.cause, "message dead-1");
  assert.equal(ids("given up").length, 0, "a dead message is only logged");
  await it.cron();
  assert.equal(ids("given up").length, 1);
});
