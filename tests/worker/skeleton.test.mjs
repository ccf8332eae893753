// One mail through the built Worker: into the ledger object, decided, and out by fetch.

import assert from "node:assert/strict";
import { execFile as execFileCallback } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { promisify } from "node:util";
import { start } from "./support/harness.mjs";
import { receiver } from "./support/receiver.mjs";

const execFile = promisify(execFileCallback);
const TOKEN = "skeleton-token";
const SECRET = `whsec_${Buffer.from("a secret of twenty-four b").toString("base64")}`;
const MAIL = {
  subject: "Média Solution - Missions Recadrage - Lot 42",
  sender: "Technique <Technique@client.example>",
  date: "2026-04-10T09:54:38.000Z",
  body: '<p>Bonjour, à faire pour 18h</p><a href="https://www.dropbox.com/scl/fo/abc/def?rlkey=k1&amp;dl=0">lot</a>',
};

const hook = receiver();
/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof start>>} */
let server;

const vars = { PROCESS_API_TOKEN: TOKEN, WEBHOOK_URL: "https://hooks.render-signal.dev/in", WEBHOOK_SECRET: SECRET };
const launch = () => start({ persist: folder, internet: hook.answer, vars });

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "render-signal-"));
  server = await launch();
});
after(async () => {
  await server?.dispose();
  await rm(folder, { recursive: true, force: true });
});

const push = (mail, token = TOKEN) =>
  server.fetch("/api/ingress/gmail", {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(mail),
  });

/** What a repeat is told once the first push has reached its end. */
async function settled(mail) {
  const deadline = Date.now() + 5000;
  for (;;) {
    const { status } = await (await push(mail)).json();
    if (status !== "already_processing" || Date.now() > deadline) return status;
  }
}

test("a mail is answered queued and its signed payload arrives", async () => {
  const response = await push(MAIL);
  assert.deepEqual([response.status, await response.json()], [
    200,
    { success: true, status: "queued", email_id: "15e79853936d6954dbd9cd7d19980132" },
  ]);
  const [request] = await hook.expect(1);
  assert.equal(request.url, "https://hooks.render-signal.dev/in");
  const payload = new Webhook(SECRET).verify(request.body, request.headers);
  assert.deepEqual(payload, {
    microsoft_graph_email_id: "15e79853936d6954dbd9cd7d19980132",
    subject: MAIL.subject,
    receivedDateTime: MAIL.date,
    sender_address: MAIL.sender,
    bodyPreview: MAIL.body,
    email_content: MAIL.body,
    source: "gmail_push",
    sender_email: "technique@client.example",
    detector: "recadrage",
    delivery_time: "18h00",
    delivery_links: [{ provider: "dropbox", raw_url: "https://www.dropbox.com/scl/fo/abc/def?rlkey=k1&dl=0" }],
  });
});

test("the same mail again is known and not sent again", async () => {
  assert.equal(await settled(MAIL), "already_processed");
  assert.equal(hook.requests.length, 1);
});

test("a refused delivery is tried again, under the same id and with the same bytes", async () => {
  hook.status = 503;
  assert.equal((await push({ ...MAIL, date: "2026-04-11T09:54:38.000Z" })).status, 200);
  await hook.expect(2);
  hook.status = 200;
  const worker = await server.mf.getWorker();
  const deadline = Date.now() + 20_000;
  while (hook.requests.length < 3 && Date.now() < deadline) {
    await worker.scheduled({ cron: "* * * * *" });
  }
  const [first, second] = hook.requests.slice(1);
  assert.match(first.headers["webhook-id"], /^msg_/);
  assert.equal(second?.headers["webhook-id"], first.headers["webhook-id"]);
  assert.equal(second.body, first.body);
});

test("the ledger outlives the isolate", async () => {
  await server.dispose();
  server = await launch();
  const response = await push(MAIL);
  assert.equal((await response.json()).status, "already_processed");
});

test("a body of 2.1 MiB arrives byte for byte", async () => {
  const body = `${"é".repeat(1_100_000)} https://fromsmash.com/XyZ-1`;
  const before = hook.requests.length;
  assert.equal((await push({ ...MAIL, body: `https://fromsmash.com/XyZ-1 ${body}` })).status, 200);
  await hook.expect(before + 1, 20); // a development build takes its time over it
  assert.equal(JSON.parse(hook.requests[before].body).email_content, `https://fromsmash.com/XyZ-1 ${body}`);
});

test("without the right token nothing is taken", async () => {
  const response = await push(MAIL, "wrong");
  assert.equal(response.status, 401);
  assert.equal(response.headers.get("x-frame-options"), "DENY");
});

test("health tells what the home is made of", async () => {
  const health = await (await server.fetch("/health")).json();
  assert.deepEqual([health.status, health.services.home, health.services.store], ["ok", "worker", "durable_object"]);
});

test("the shipped Apps Script delivers through the Worker", async () => {
  const before = hook.requests.length;
  const script = path.join(import.meta.dirname, "../gmail/support/push.mjs");
  const { stdout } = await execFile(process.execPath, [script, "--server", server.url.origin, "--token", TOKEN, "--count", "3"]);
  const labels = stdout.trim().split("\n").map((line) => JSON.parse(line).label);
  assert.deepEqual(labels, Array(3).fill("Signal/Envoyé"));
  await hook.expect(before + 3);
});
