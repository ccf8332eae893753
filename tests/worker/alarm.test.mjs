// Work leaves by itself at its time: by the object's alarm; without it, by the cron; without the queue, by whoever knows of it.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { NOBODY_READS, until, world } from "./support/world.mjs";

/** Runs a test in a world that is gone after it. */
const within = (options, run) => async () => {
  const it = await world(options);
  try {
    await run(it);
  } finally {
    await it.dispose();
  }
};

/** A mail whose first delivery failed: its retry is due 4 to 6 s later. */
async function refused(it) {
  it.hook.status = 503;
  assert.equal((await it.push("refused")).status, "queued");
  await it.hook.expect(1);
  await until("the failure is on record", 5, () => it.logged("retrying").length === 1);
  it.hook.status = 200;
}

test("a retry leaves by itself at its time", within({}, async (it) => {
  await refused(it);
  const began = Date.now();
  await until("the retry", 10, () => it.hook.requests.length === 2);
  const seconds = (Date.now() - began) / 1000;
  assert.ok(seconds > 3 && seconds < 8, `after ${seconds} s`);
  const [first, second] = it.hook.requests;
  assert.equal(second.headers["webhook-id"], first.headers["webhook-id"]);
  assert.equal(second.body, first.body);
}));

test("a lost alarm costs no more than the wait for the cron, which arms it again", within({}, async (it) => {
  await refused(it);
  assert.equal((await it.object("/delete-alarm")).alarm, null);
  await pause(7000);
  assert.equal(it.hook.requests.length, 1, "nobody is woken");
  await it.cron();
  await until("the retry", 5, () => it.hook.requests.length === 2);
  it.hook.status = 503;
  await it.push("another");
  await until("its failure", 5, () => it.logged("retrying").length === 2);
  assert.ok((await it.object("/")).alarm > Date.now(), "armed again");
}));

test("nudges that nobody reads cost no more than the wait for the cron", within({ worker: NOBODY_READS }, async (it) => {
  assert.equal((await it.push("a")).status, "queued");
  await pause(500);
  assert.equal(it.hook.requests.length, 0);
  const alarm = (await it.object("/")).alarm;
  assert.ok(alarm > Date.now() + 20_000 && alarm <= Date.now() + 30_000, `it is said again after 30 s: ${alarm - Date.now()} ms`);
  await it.cron();
  await until("the delivery", 5, () => it.hook.requests.length === 1);
}));

test("a queue that takes nothing does not stop a mail", within({ worker: { queueProducers: {} } }, async (it) => {
  assert.equal((await it.push("a")).status, "queued");
  await until("the delivery", 5, () => it.hook.requests.length === 1);
  assert.ok(it.logged("queue_unavailable").length > 0, "the log says so");
}));

test("an object that starts arms its alarm, whatever it is asked first", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "render-signal-"));
  try {
    const before = await world({ persist: folder });
    await refused(before);
    await before.object("/delete-alarm");
    await before.dispose();
    await pause(7000);
    const it = await world({ persist: folder, hook: before.hook });
    try {
      await it.fetch("/health");
      await until("the retry", 5, () => it.hook.requests.length === 2);
    } finally {
      await it.dispose();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
