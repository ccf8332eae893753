// Serves the built Worker to another program's tests, until it is killed or its standard input ends.
//
// The first line of standard input says what: {"persist": folder, "vars": {…}, "bindings": what bindings.mjs prints}. Until it
// comes, everything is loaded and waits. Standard output then names two addresses: `objects at URL` carries calls to the Durable Objects,
// `listens on URL` is the Worker. Standard error has what the Worker logs, one line an entry, and what went wrong in node.

import { get } from "node:http";
import { createInterface } from "node:readline";
import { DIRECT, LOOPBACK, start } from "./harness.mjs";

/** Cloudflare calls the cron each minute. Locally nothing does. */
const CRON_MS = Number(process.env.WORKER_CRON_MS ?? 60_000);

/** workerd's words about itself, which no production log has, and wasm-bindgen's in a development build about errors that are handled. */
const RUNTIME = /\.c\+\+:\d+|^NOSENTRY |^wasm-bindgen: imported JS function/;

/** `/BINDING/NAME` carries a request to an object as it is, and its answer back. */
const OBJECTS = `export default {
  fetch(request, env) {
    const [, binding, name, ...path] = new URL(request.url).pathname.split("/");
    const objects = env[binding];
    return objects.get(objects.idFromName(name)).fetch("http://object/" + path.join("/"), request);
  },
}`;

const lines = createInterface({ input: process.stdin });
lines.once("line", (line) => serve(JSON.parse(line)));
// Whoever started this is gone.
lines.once("close", () => process.exit());

async function serve({ persist, vars, bindings }) {
  const { mf, url } = await start({
    persist,
    vars,
    bindings,
    internet: LOOPBACK,
    // On its way out a request meets nothing of Miniflare's either. Static files, which the platform serves before the Worker runs, would
    // stand between Miniflare and the cron.
    worker: { unsafeDirectSockets: DIRECT, stripCfConnectingIp: false, assets: undefined },
    beside: [{ name: "objects", modules: true, script: OBJECTS, durableObjects: elsewhere(bindings), unsafeDirectSockets: DIRECT }],
    shared: { handleRuntimeStdio: undefined, handleStructuredLogs: ({ message }) => { if (!RUNTIME.test(message)) log(message); } },
  });
  everyMinute(new URL("/cdn-cgi/handler/scheduled", url));
  console.log(`objects at ${(await mf.unsafeGetDirectURL("objects")).origin}`);
  console.log(`Render Signal in workerd listens on ${(await mf.unsafeGetDirectURL(bindings.name)).origin}`);
}

/** The Worker's objects, as another Worker names them. */
function elsewhere({ name, durableObjects }) {
  const there = ([binding, object]) => [binding, { ...object, scriptName: name }];
  return Object.fromEntries(Object.entries(durableObjects).map(there));
}

/**
 * By HTTP, not through Miniflare's own handle of a Worker, which ends node when a connection breaks. Like Cloudflare it does not wait for the
 * call before.
 */
function everyMinute(cron) {
  const told = (answer) => answer.setEncoding("utf8").on("data", (outcome) => outcome === "ok" || log(`the cron ended with: ${outcome}`));
  setInterval(() => get(cron, { agent: false }, told).on("error", () => {}), CRON_MS);
}

function log(line) {
  process.stderr.write(`${line}\n`);
}
