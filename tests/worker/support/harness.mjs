// Starts the built Worker in workerd, with the bindings of wrangler.toml and a chosen internet.
// It does not build: `scripts/test workerd` does. WORKER_PROFILE=dev takes build/dev, which is quicker to make; `build: "test"`
// takes the test build (scripts/build-worker --test), whatever the profile.

import path from "node:path";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";

/** An internet of this machine alone. Names are asked for, and lead nowhere. */
export const LOOPBACK = { network: { allow: ["local"], deny: [], tlsOptions: { trustBrowserCas: true } } };

/** Straight to workerd: Miniflare's own entry would read and rewrite each request. */
export const DIRECT = [{ host: "127.0.0.1" }];

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

/**
 * @param {object} [options]
 * @param {string} [options.persist] a folder that keeps KV, R2 and Durable Objects over restarts; without it they live in memory
 * @param {object | ((request: import("miniflare").Request) => Promise<import("miniflare").Response> | import("miniflare").Response)} [options.internet]
 *   answers every fetch that the Worker makes, or is a service of Miniflare's; without it, each fetch fails
 * @param {Record<string, string>} [options.vars] variables and secrets, over those of wrangler.toml
 * @param {object} [options.worker] further Miniflare options of the Worker
 * @param {object[]} [options.beside] further Workers in the same workerd
 * @param {object} [options.shared] further Miniflare options of them all
 * @param {object} [options.bindings] what `bindings()` gives, when it was asked before
 * @param {string} [options.build] which build, a folder of build/
 */
export async function start({ persist, internet = noInternet, vars = {}, worker = {}, beside = [], shared = {}, bindings, build } = {}) {
  const own = bindings ?? (await import("./bindings.mjs")).bindings();
  const mf = new Miniflare({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    unsafeTriggerHandlers: true,
    ...(persist && folders(persist)),
    handleRuntimeStdio: drain,
    ...shared,
    workers: [{
      ...own,
      ...program(build),
      bindings: { ...own.bindings, ...vars },
      outboundService: internet,
      ...worker,
    }, ...beside],
  });
  const url = await ready(mf);
  return {
    mf,
    url,
    /** @param {string} target @param {RequestInit} [init] */
    fetch: (target, init) => fetch(new URL(target, url), init),
    dispose: () => mf.dispose(),
  };
}

/** The built Worker's modules, as Miniflare names them; of one folder of build/. */
export function program(name = process.env.WORKER_PROFILE ?? "release") {
  const build = path.join(root, "build", name);
  return {
    modulesRoot: build,
    modules: [
      { type: "ESModule", path: path.join(build, "index.js") },
      { type: "CompiledWasm", path: path.join(build, "index_bg.wasm") },
    ],
  };
}

/** The same, with a module of a test's own before them, which may wrap what they export. */
export function wrapped(contents) {
  const { modulesRoot, modules } = program();
  return { modulesRoot, modules: [{ type: "ESModule", path: path.join(modulesRoot, "wrapped.mjs"), contents }, ...modules] };
}

/** A Miniflare that failed to start keeps Node alive until it is disposed of. */
async function ready(mf) {
  try {
    return await mf.ready;
  } catch (error) {
    await mf.dispose();
    throw error;
  }
}

function noInternet(request) {
  throw new Error(`this test has no internet: ${request.method} ${request.url}`);
}

function folders(persist) {
  return {
    kvPersist: path.join(persist, "kv"),
    r2Persist: path.join(persist, "r2"),
    durableObjectsPersist: path.join(persist, "do"),
    cachePersist: path.join(persist, "cache"),
  };
}

/** workerd blocks when nobody reads what it prints. WORKERD_LOG=1 shows it. */
function drain(stdout, stderr) {
  if (process.env.WORKERD_LOG) {
    stdout.pipe(process.stderr);
    stderr.pipe(process.stderr);
  } else {
    stdout.resume();
    stderr.resume();
  }
}
