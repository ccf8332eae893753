// scripts/deploy against an account that a fake wrangler keeps in a file.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../../..");
const SETTINGS = ["PROCESS_API_TOKEN", "WEBHOOK_URL", "WEBHOOK_SECRET", "CLOUDFLARE_ACCOUNT_ID"];

/** An account with nothing on it, or with `there`. Removed with the test `t`. */
export async function account(t, there = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), "render-signal-deploy-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, "account.json");
  const empty = { loggedIn: true, accounts: [{ id: "acc1", name: "Ada's Account" }], kv: [], queues: [], buckets: [], workers: {}, trouble: [] };
  const here = {
    folder,
    now: async () => JSON.parse(await readFile(file, "utf8")),
    change: async (change) => writeFile(file, JSON.stringify({ ...(await here.now()), ...change })),
    /** Runs the script; the calls of this run, what it printed, and its exit status. */
    deploy: async (words = ["--yes"], variables = {}) => {
      await rm(`${file}.calls`, { force: true });
      const run = await execute(words, { FAKE_ACCOUNT: file, DEPLOY_DIR: folder, ...variables });
      const lines = (await readFile(`${file}.calls`, "utf8").catch(() => "")).split("\n").filter(Boolean);
      const calls = lines.map((line) => JSON.parse(line));
      const secrets = [...Object.values(variables), ...calls.map((call) => call.input)].filter((it) => it.length > 9);
      nowhereBut(secrets, { calls, text: run.text });
      return { ...run, calls: calls.map((call) => call.words.join(" ")), inputs: calls.filter((call) => call.input) };
    },
    token: async () => (await readFile(path.join(folder, "ingress-token"), "utf8")).trim(),
    mode: async (name) => ((await stat(path.join(folder, name))).mode & 0o777).toString(8),
    copy: async (name = "wrangler.json") => JSON.parse(await readFile(path.join(folder, name), "utf8")),
    left: async () => (await readdir(folder)).filter((name) => !name.startsWith("account.json")).sort(),
  };
  await writeFile(file, JSON.stringify({ ...empty, ...there }));
  return here;
}

/** A secret is on standard input and nowhere else: not on a command line, not in what is printed. */
function nowhereBut(secrets, { calls, text }) {
  for (const secret of secrets) {
    assert.ok(!text.includes(secret), "a secret was printed");
    assert.ok(!calls.some((call) => call.words.some((word) => word.includes(secret))), "a secret was on a command line");
  }
}

function execute(words, variables) {
  const env = { ...process.env, WRANGLER: path.join(import.meta.dirname, "wrangler.mjs"), ...variables };
  for (const name of SETTINGS) if (!(name in variables)) delete env[name];
  const child = spawn(path.join(root, "scripts/deploy"), words, { env, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  child.stdout.on("data", (piece) => (text += piece));
  child.stderr.on("data", (piece) => (text += piece));
  return new Promise((resolve) => child.on("close", (status) => resolve({ status, text })));
}

/** Those calls that change something. */
export const changes = (run) => run.calls.filter((call) => /create|secret put|^deploy(?!.*--dry-run)/.test(call)).map((call) => call.replace(/ --config.*/, ""));

export const COMPLETE = {
  kv: [{ id: "0123", title: "render-signal-config" }, { id: "9", title: "somebody-elses" }],
  queues: ["render-signal-nudges", "render-signal-nudges-dead"],
  buckets: ["render-signal-files"],
  workers: { "render-signal": { secrets: { PROCESS_API_TOKEN: "theirs", WEBHOOK_URL: "u", WEBHOOK_SECRET: "s" }, deployments: 3 } },
};
