// workerd is killed in the middle of its work, again and again. What was answered 200 arrives, under one id.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { receiver } from "./support/receiver.mjs";
import { until, world } from "./support/world.mjs";

const KILLS = 20;
const MAILS = 400;

/** Clients that push at once. */
const CLIENTS = 8;

/** The workerds that this process started. */
function children() {
  const table = execFileSync("ps", ["-eo", "pid=,ppid=,comm="], { encoding: "utf8" });
  const rows = table.trim().split("\n").map((row) => row.trim().split(/\s+/));
  return rows.filter(([, parent, name]) => Number(parent) === process.pid && name === "workerd").map(([pid]) => Number(pid));
}

test("a Worker killed twenty times loses no mail that it took, and sends none under two ids", { timeout: 400_000 }, async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), "render-signal-"));
  const hook = receiver();
  const { answer } = hook;
  hook.answer = async (request) => pause(20).then(() => answer(request));
  let it = await world({ persist: folder, hook });
  const waiting = Array.from({ length: MAILS }, (_, n) => `mail ${n}`);
  let unanswered = 0;

  let killed = false;

  /** Pushes what waits until the Worker is killed or nothing waits; a mail without its 200 waits again, as in a mailbox. */
  const client = async () => {
    for (let subject = waiting.shift(); subject; subject = waiting.shift()) {
      const answer = await it.push(subject).catch(() => ({ code: 0 }));
      if (answer.code === 200) continue;
      unanswered += 1;
      waiting.push(subject);
      if (killed) return;
      await pause(20);
    }
  };

  try {
    for (let kill = 0; kill < KILLS; kill += 1) {
      const share = Math.ceil(waiting.length / (KILLS - kill + 1));
      const left = waiting.length - share;
      const clients = Array.from({ length: CLIENTS }, client);
      await until("a share of the mails is pushed", 60, () => waiting.length <= left);
      const [pid, ...more] = children();
      assert.deepEqual([typeof pid, more], ["number", []]);
      killed = true;
      process.kill(pid, "SIGKILL");
      await Promise.all(clients);
      await it.dispose();
      it = await world({ persist: folder, hook });
      killed = false;
    }
    const pushed = Date.now();
    while (waiting.length > 0) await Promise.all(Array.from({ length: CLIENTS }, client));
    const arrived = () => group(hook.requests);
    await until("every mail has arrived", 100, () => arrived().size === MAILS);
    const several = () =>
      [...arrived()].filter(([, requests]) => new Set(requests.map((request) => request.headers["webhook-id"])).size > 1);
    const settled = Date.now() - pushed;
    t.diagnostic(`${KILLS} kills, ${unanswered} pushes without an answer, ${hook.requests.length - MAILS} deliveries sent again; all had arrived ${settled} ms after the last start`);
    assert.ok(unanswered >= KILLS / 2, "the kills struck in the middle");
    // What arrived, and whose record was cut off, is sent again when its lease runs out.
    for (let n = 0; n < MAILS; n += 1) {
      await until(`the end of mail ${n}`, 80, async () => (await it.push(`mail ${n}`)).status === "already_processed");
    }
    assert.deepEqual(several(), []);
  } finally {
    await it.dispose();
    await rm(folder, { recursive: true, force: true });
  }
});

const subjectOf = (request) => JSON.parse(request.body).subject;

function group(requests) {
  const groups = new Map();
  for (const request of requests) {
    const subject = subjectOf(request);
    groups.set(subject, [...(groups.get(subject) ?? []), request]);
  }
  return groups;
}
