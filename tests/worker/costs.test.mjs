// What a mail costs on Cloudflare, counted, and held against docs/cloudflare.md: its table of counts, and what it computes from them.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Response } from "miniflare";
import { start, wrapped } from "./support/harness.mjs";

const MAILS = 5;
const DAY = 86_400_000;
const root = path.join(import.meta.dirname, "../..");

/** @type {Awaited<ReturnType<typeof start>>} */
let server;
let page = "";
let calls = [];
let sent = 0;

before(async () => {
  page = await readFile(path.join(root, "docs/cloudflare.md"), "utf8");
  const meter = await readFile(path.join(import.meta.dirname, "support/meter.mjs"), "utf8");
  const vars = { PROCESS_API_TOKEN: "costs-token", WEBHOOK_URL: "https://hooks.render-signal.dev/in" };
  server = await start({ vars, internet, worker: wrapped(meter) });
});
after(() => server?.dispose());

async function internet(request) {
  if (request.url.startsWith("http://meter.test/")) calls.push(await request.json());
  else sent += 1;
  return new Response("{}");
}

/** Everything the objects were asked since the last time, once they are quiet. */
async function bill() {
  let seen = -1;
  while (seen !== calls.length) {
    seen = calls.length;
    await sleep(1500);
  }
  const [taken, sum] = [calls, (what) => taken.reduce((total, call) => total + call[what], 0)];
  calls = [];
  return { requests: taken.length, read: sum("read"), written: sum("written") };
}

async function push(name) {
  const wanted = sent + 1;
  const mail = {
    subject: `Média Solution - Missions Recadrage - Lot ${name}`,
    sender: "Technique <technique@client.example>",
    date: `2026-04-10T09:54:${name}Z`,
    message_id: name,
    body: `<p>Bonjour, à faire pour 18h</p> https://fromsmash.com/XyZ-${name} ${"texte ".repeat(600)}`,
  };
  const headers = { authorization: "Bearer costs-token", "content-type": "application/json" };
  const answer = await server.fetch("/api/ingress/gmail", { method: "POST", headers, body: JSON.stringify(mail) });
  assert.equal(answer.status, 200);
  for (let tries = 0; sent < wanted; tries += 1) {
    assert.ok(tries < 200, "the mail was not delivered");
    await sleep(50);
  }
}

async function minute(later = 0) {
  await server.fetch(`/__clock?ms=${later}`);
  await (await server.mf.getWorker()).scheduled({ cron: "* * * * *" });
}

/** A row of the page's table of counts. */
function written(label) {
  const row = page.split("\n").find((line) => line.startsWith(`| ${label} |`));
  assert.ok(row, `the page has no row "${label}"`);
  const [requests, read, rows] = row.split("|").slice(2, 5).map((cell) => Number(cell.replaceAll(",", "")));
  return { requests, read, written: rows };
}

/** The page may say a little more than was counted, never less. Rows read hang on what was there before, and cost next to nothing. */
function holds(label, counted) {
  const said = written(label);
  for (const what of ["requests", "read", "written"]) {
    const most = Math.ceil(counted[what] * (what === "read" ? 1.4 : 1.15)) + 2;
    assert.ok(counted[what] <= said[what] && said[what] <= most, `${label}: ${what} counted ${counted[what]}, the page says ${said[what]}`);
  }
}

const share = ({ requests, read, written }) => ({ requests: requests / MAILS, read: read / MAILS, written: written / MAILS });

test("the page's counts are what workerd counts", async (t) => {
  for (let n = 1; n < MAILS; n += 1) await push(`before-${n}`);
  await bill();
  await server.fetch("/__clock?ms=31000"); // the configuration is read again, as for a mail that comes alone
  await push("alone");
  const ringing = Date.now() + 40_000;
  while (Date.now() < ringing && !calls.some((call) => call.kind === "alarm")) await sleep(500);
  const alone = await bill();
  await minute(120_000);
  await bill();
  await minute(60_000);
  const quiet = await bill();
  await minute(8 * DAY);
  const bodies = await bill();
  await minute(31 * DAY);
  const records = await bill();
  const removed = share({
    requests: 0,
    read: bodies.read + records.read,
    written: bodies.written + records.written,
  });
  t.diagnostic(JSON.stringify({ alone, quiet, removed }));
  holds("a mail, alone, delivered at the first try", alone);
  holds("a minute without mails", quiet);
  holds("removing it after its time", removed);
});

test("what the page computes follows from its counts", () => {
  const [mail, minutes, removal] = ["a mail, alone, delivered at the first try", "a minute without mails", "removing it after its time"].map(written);
  const rows = mail.written + removal.written;
  const free = Math.floor((100_000 - 1440 * minutes.written) / rows / 100) * 100;
  assert.match(page, new RegExp(`\\*\\*${free.toLocaleString("en")} mails a day\\*\\*`), `the free plan: ${free}`);
  const thousand = {
    "requests to the Worker": [2, 0.3],
    "requests to objects": [mail.requests, 0.15],
    "rows read": [mail.read + removal.read, 0.001],
    "rows written": [rows, 1],
    "queue operations": [3, 0.4],
  };
  let total = 0;
  for (const [name, [count, price]] of Object.entries(thousand)) {
    const cost = (count * price) / 1000;
    total += cost;
    const line = `| ${name} | ${(count * 1000).toLocaleString("en")} | $${price.toFixed(price < 0.01 ? 3 : 2)} | $${cost.toFixed(5)} |`;
    assert.ok(page.includes(line), `the page lacks: ${line}`);
  }
  assert.ok(page.includes(`$${total.toFixed(3)} per 1,000 mails`), `the page lacks: $${total.toFixed(3)} per 1,000 mails`);
});
