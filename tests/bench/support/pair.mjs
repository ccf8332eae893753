// The Worker and its peer in one workerd, on one ledger kept on disk, each on a socket of its own.

import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { send } from "./load.mjs";
import { mails } from "./mails.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, "../../..");
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
  const template = await record(bytes, all);
  const mf = new Miniflare({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    durableObjectsPersist: path.join(persist, "do"),
    kvPersist: path.join(persist, "kv"),
    handleRuntimeStdio: drain,
    workers: [
      { ...worker(all), unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] },
      {
        name: "peer",
        modules: [{ type: "ESModule", path: "peer.mjs", contents: await readFile(path.join(here, "peer.mjs"), "utf8") }],
        compatibilityDate: worker(all).compatibilityDate,
        bindings: { PROCESS_API_TOKEN: TOKEN, TEMPLATE: template },
        durableObjects: { LEDGER: { className: "Ledger", scriptName: "render-signal", useSQLite: true } },
        queueProducers: worker(all).queueProducers,
        unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      },
    ],
  });
  await mf.ready;
  const port = async (name) => Number((await mf.unsafeGetDirectURL(name)).port);
  return {
    mf,
    ours: await port("render-signal"),
    peer: await port("peer"),
    async dispose() {
      await mf.dispose();
      await rm(persist, { recursive: true, force: true });
    },
  };
}

/** The real Worker with the bindings of wrangler.toml. */
function worker(bindings) {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(path.join(root, "wrangler.toml"));
  const build = path.join(root, "build", process.env.WORKER_PROFILE ?? "release");
  const modules = [
    { type: "ESModule", path: path.join(build, "index.js") },
    { type: "CompiledWasm", path: path.join(build, "index_bg.wasm") },
  ];
  return { ...workerOptions, name: "render-signal", modulesRules: undefined, modulesRoot: build, modules, bindings };
}

/** The call that the Worker makes for one mail, and the pieces of it that are the mail's own. */
async function record(bytes, bindings) {
  const ours = worker(bindings);
  const { LEDGER, ...others } = ours.durableObjects;
  const mf = new Miniflare({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    handleRuntimeStdio: drain,
    workers: [
      { ...ours, durableObjects: { ...others, LEDGER: { className: "Recorder", scriptName: "recorder" } } },
      {
        name: "recorder",
        modules: true,
        script: RECORDER,
        durableObjects: { Recorder: "Recorder", REAL: { className: "Ledger", scriptName: "render-signal", useSQLite: true } },
        unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      },
    ],
  });
  try {
    const [mail] = mails(1, bytes);
    await send({ port: Number((await mf.ready).port), path: PUSH, headers: HEADERS, bodies: [mail.json], connections: 1 });
    const call = Buffer.from(await (await fetch(await mf.unsafeGetDirectURL("recorder"))).arrayBuffer());
    return { call: call.toString("base64"), pieces: pieces(call, mail) };
  } finally {
    await mf.dispose();
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

function drain(stdout, stderr) {
  stdout.resume();
  if (process.env.WORKERD_LOG) stderr.pipe(process.stderr);
  else stderr.resume();
}
