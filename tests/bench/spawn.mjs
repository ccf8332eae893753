// From the start of a workerd process to the first answer: ours, and a Worker in JavaScript of one line.
//
//   node tests/bench/spawn.mjs
//
// Compiling the wasm is most of the difference: it is what a cold start costs.

import { spawn } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import workerd from "workerd";
import { unstable_readConfig } from "wrangler";
import { median } from "./support/load.mjs";

const ROUNDS = 7;
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const build = path.join(root, "build", process.env.WORKER_PROFILE ?? "release");
const { compatibility_date: date, compatibility_flags: flags } = unstable_readConfig({ config: path.join(root, "wrangler.toml") });

const directory = await mkdtemp(path.join(os.tmpdir(), "render-signal-spawn-"));
try {
  for (const file of ["index.js", "index_bg.wasm"]) await cp(path.join(build, file), path.join(directory, file));
  await writeFile(path.join(directory, "hello.js"), `export default { fetch: () => new Response("pong") };`);
  const rust = `(name = "index.js", esModule = embed "index.js"), (name = "index_bg.wasm", wasm = embed "index_bg.wasm")`;
  await writeFile(path.join(directory, "ours.capnp"), config(rust, ["LEDGER", "CONFIG"]));
  await writeFile(path.join(directory, "hello.capnp"), config(`(name = "hello.js", esModule = embed "hello.js")`, []));
  const times = { ours: [], hello: [] };
  for (let n = 0; n < ROUNDS; n++) {
    for (const who of ["ours", "hello"]) times[who].push(await first(who));
  }
  console.log(`start of the process to the first answer, medians of ${ROUNDS} in turn`);
  for (const who of ["ours", "hello"]) console.log(`${who}: ${median(times[who]).toFixed(1)} ms`);
} finally {
  await rm(directory, { recursive: true, force: true });
}

/** A workerd with one Worker and only its objects bound to it: `/api/ping` asks for nothing. */
function config(modules, objects) {
  const classOf = (binding) => binding[0] + binding.slice(1).toLowerCase();
  const namespaces = objects.map((binding) => `(className = "${classOf(binding)}", uniqueKey = "${binding}", enableSql = true)`);
  const bound = objects.map((binding) => `(name = "${binding}", durableObjectNamespace = "${classOf(binding)}")`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "main", worker = .w) ],
  sockets = [ (name = "http", http = (), service = "main") ] );
const w :Workerd.Worker = (
  compatibilityDate = "${date}", compatibilityFlags = ${JSON.stringify(flags)}, modules = [ ${modules} ],
  durableObjectNamespaces = [ ${namespaces} ], durableObjectStorage = (inMemory = void),
  bindings = [ ${[`(name = "PROCESS_API_TOKEN", text = "t")`, ...bound]} ] );
`;
}

async function first(who) {
  const started = performance.now();
  // The third descriptor tells when it listens: asking again and again would take the processor from what is measured.
  const file = path.join(directory, `${who}.capnp`);
  const child = spawn(workerd.default, ["serve", file, "--socket-addr", "http=127.0.0.1:0", "--control-fd=3"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  try {
    const { port } = await listening(child);
    const status = await ask(port);
    if (status !== 200) throw new Error(`${who} answered ${status}`);
    return performance.now() - started;
  } finally {
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
  }
}

function listening(child) {
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error("workerd did not start")));
    child.stdio[3].setEncoding("utf8").on("data", (text) => {
      const line = text.split("\n").find((one) => one.includes('"listen"'));
      if (line) resolve(JSON.parse(line));
    });
  });
}

function ask(port) {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: "127.0.0.1", port, path: "/api/ping" }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode));
    });
    request.on("error", reject);
  });
}
