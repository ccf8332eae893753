// The configuration documents from outside, and Workers that share objects or cannot reach them.

import { bindings } from "./bindings.mjs";
import { program } from "./harness.mjs";

const own = bindings();

/** The Worker that `start` makes: the others may use its objects. */
export const FIRST = own.name;

/** Another Worker of the same build, with other bindings. */
export const sibling = (name, { vars = {}, ...options }) => ({
  ...own,
  ...program(),
  queueConsumers: undefined,
  name,
  bindings: { ...own.bindings, ...vars },
  ...options,
});

/** Objects of another Worker: `objects(FIRST)`, or `{ ...objects(FIRST), CONFIG: deaf }`. */
export const objects = (scriptName) => ({
  LEDGER: { className: "Ledger", useSQLite: true, scriptName },
  CONFIG: { className: "Config", useSQLite: true, scriptName },
});

/** In place of an object: one that answers nobody for a minute, until its Worker is asked to `/open` the way to the real ledger. */
export const deaf = { className: "Deaf", useSQLite: true, scriptName: "deaf" };

export const deafWorker = {
  name: "deaf",
  modules: true,
  compatibilityDate: own.compatibilityDate,
  durableObjects: { DEAF: { className: "Deaf", useSQLite: true }, LEDGER: objects(FIRST).LEDGER },
  script: `import { DurableObject } from "cloudflare:workers";
    let open = false;
    export class Deaf extends DurableObject {
      async fetch(request) {
        if (open) return this.env.LEDGER.getByName("ledger").fetch(request);
        await scheduler.wait(60_000);
        return new Response("late", { status: 500 });
      }
    }
    export default { fetch() { open = true; return new Response(); } };`,
};

/** In place of KV: `kvNamespaces: {}, wrappedBindings: brokenKv`, with `brokenKvWorker` beside. Every use of it fails. */
export const brokenKv = { CONFIG_KV: { scriptName: "broken-kv" } };

export const brokenKvWorker = {
  name: "broken-kv",
  modules: true,
  script: `const fail = async () => { throw new Error("KV is out of order"); };
    export default () => ({ get: fail, getWithMetadata: fail, put: fail, list: fail, delete: fail });`,
};

// Calls on their way: src/sql/wire.rs. The numbers are places in `Call` and in `DocumentKey`.
const FORM = 2;
const WRITE_DOCUMENT = 14;
const KNOW_CONFIG = 15;
const KEYS = ["webhook_config", "processing_prefs", "runtime_flags", "routing_rules", "detectors"];

/** Writes a document through the object that one of the Workers uses, whatever is there. */
export async function configure(mf, worker, key, value) {
  const call = [FORM, WRITE_DOCUMENT, KEYS.indexOf(key), ...text(JSON.stringify(value)), 0, ...text("a test")];
  await send(mf, worker, "CONFIG", call);
}

/** Tells the ledger that a version of the configuration was given out. */
export async function tellLedger(mf, worker, version) {
  await send(mf, worker, "LEDGER", [FORM, KNOW_CONFIG, ...varint(version)]);
}

async function send(mf, worker, binding, call) {
  const objects = await mf.getDurableObjectNamespace(binding, worker);
  const object = objects.get(objects.idFromName("ledger"));
  const response = await object.fetch("http://object/", { method: "POST", body: Uint8Array.from(call) });
  const answer = new Uint8Array(await response.arrayBuffer());
  if (response.status !== 200 || answer[0] !== FORM || answer[1] !== 0) {
    throw new Error(`the object answered ${response.status}: ${new TextDecoder().decode(answer)}`);
  }
}

const text = (value) => {
  const bytes = new TextEncoder().encode(value);
  return [...varint(bytes.length), ...bytes];
};

const varint = (value) => (value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))]);
