// The Worker and its peer in one workerd, on one ledger kept on disk, each on a socket of its own.

import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bindings } from "../../worker/support/bindings.mjs";
import { DIRECT, LOOPBACK, start } from "../../worker/support/harness.mjs";
import { send } from "./load.mjs";
import { mails } from "./mails.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
export const TOKEN = "token-of-the-measure";
export const HEADERS = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
export const PUSH = "/api/ingress/gmail";

/** Hands every call on to the real object, and keeps the largest for whoever asks. */
const RECORDER = `
let largest = new Uint8Array();
export class Recorder {
  constructor(state, env) { this.env = env; }
  async fetch(request) {
    const bytes = new Uint8Array(await request.arrayBuffer());
    if (bytes.length > largest.length) largest = bytes;
    return this.env.REAL.getByName("ledger").fetch(request.url, { method: request.method, headers: request.headers, body: bytes });
  }
}
export default { fetch: () => new Response(largest) };`;

/**
 * Starts both. `bytes` is the length of the bodies that the peer will be sent.
 * @param {{ bytes: number, vars?: Record<string, string> }} options
 */
export async function pair({ bytes, vars = {} }) {
  const persist = await mkdtemp(path.join(os.tmpdir(), "render-signal-bench-"));
  const all = { PROCESS_API_TOKEN: TOKEN, LOG_LEVEL: "error", ...vars };
  const own = bindings();
  const peer = {
    name: "peer",
    modules: [{ type: "ESModule", path: "peer.mjs", contents: await readFile(path.join(here, "peer.mjs"), "utf8") }],
    compatibilityDate: own.compatibilityDate,
    bindings: { PROCESS_API_TOKEN: TOKEN, TEMPLATE: await record(bytes, all) },
    durableObjects: { LEDGER: ledgerOf(own) },
    queueProducers: own.queueProducers,
    unsafeDirectSockets: DIRECT,
  };
  const { mf, dispose } = await start({ persist, vars: all, internet: LOOPBACK, bindings: own, worker: STRAIGHT, beside: [peer] });
  const port = async (name) => Number((await mf.unsafeGetDirectURL(name)).port);
  return {
    ours: await port(own.name),
    peer: await port("peer"),
    async dispose() {
      await dispose();
      await rm(persist, { recursive: true, force: true });
    },
  };
}

/** Static files are the platform's business: locally they would put a Worker of Miniflare's before ours. */
const STRAIGHT = { assets: undefined, unsafeDirectSockets: DIRECT };

/** The Worker's ledger, as another Worker names it. */
function ledgerOf({ name, durableObjects }) {
  return { ...durableObjects.LEDGER, scriptName: name };
}

/** The call that the Worker makes for one mail, and the pieces of it that are the mail's own. */
async function record(bytes, vars) {
  const own = bindings();
  const recorder = {
    name: "recorder",
    modules: true,
    script: RECORDER,
    durableObjects: { Recorder: "Recorder", REAL: ledgerOf(own) },
    unsafeDirectSockets: DIRECT,
  };
  const durableObjects = { ...own.durableObjects, LEDGER: { className: "Recorder", scriptName: "recorder" } };
  const { mf, url, dispose } = await start({ vars, bindings: own, worker: { ...STRAIGHT, durableObjects }, beside: [recorder] });
  try {
    const [mail] = mails(1, bytes);
    await send({ port: Number(url.port), path: PUSH, headers: HEADERS, bodies: [mail.json], connections: 1 });
    const call = Buffer.from(await (await fetch(await mf.unsafeGetDirectURL("recorder"))).arrayBuffer());
    return { call: call.toString("base64"), pieces: pieces(call, mail) };
  } finally {
    await dispose();
  }
}

function pieces(call, mail) {
  const { body, date } = JSON.parse(mail.json);
  const hash = (name, text) => createHash(name).update(text).digest("hex");
  const [id] = call.toString("latin1").match(/0[0-9a-hjkmnp-tv-z]{25}/) ?? [];
  return {
    id,
    email_id: hash("md5", `${mail.subject}|mesure@client.example|${date}`),
    digest: hash("sha256", body),
    message_id: mail.message_id,
  };
}
