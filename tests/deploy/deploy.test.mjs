// scripts/deploy from an empty account to a deployed Worker, again, and on from a failure.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { COMPLETE, account, changes } from "./support/account.mjs";

const CREATED = [
  "kv namespace create render-signal-config",
  "queues create render-signal-nudges",
  "queues create render-signal-nudges-dead",
  "r2 bucket create render-signal-files",
];
const TOKEN = "secret put PROCESS_API_TOKEN --name render-signal";
const toml = () => readFile(path.join(import.meta.dirname, "../../wrangler.toml"), "utf8");

test("on an empty account everything is created, deployed, and given its token", async (t) => {
  const [here, before] = [await account(t), await toml()];
  const run = await here.deploy();
  assert.equal(run.status, 0, run.text);
  assert.deepEqual(changes(run), [...CREATED, "deploy", TOKEN]);
  const { workers } = await here.now();
  assert.deepEqual(workers["render-signal"].secrets, { PROCESS_API_TOKEN: await here.token() });
  assert.match(await here.token(), /^[\w-]{32}$/);
  assert.equal(await here.mode("ingress-token"), "600");
  assert.deepEqual((await here.copy()).kv_namespaces, [{ binding: "CONFIG_KV", id: "id-of-render-signal-config" }]);
  assert.match(run.text, /deployed: https:\/\/render-signal\.ada\.workers\.dev/);
  assert.equal(await toml(), before, "the committed file is left alone");
  assert.deepEqual(await here.left(), ["ingress-token", "wrangler.json"], "no files are left behind");
});

test("it says what it will do before it does anything", async (t) => {
  const here = await account(t);
  const run = await here.deploy();
  const [plan] = run.text.split("the configuration and the build");
  for (const name of ["render-signal-config", "render-signal-nudges-dead", "render-signal-files"]) {
    assert.match(plan, new RegExp(`${name} +create`));
  }
  assert.match(plan, /on the account Ada's Account/);
  assert.match(plan, /PROCESS_API_TOKEN +make it/);
});

test("a second run deploys and changes nothing else", async (t) => {
  const here = await account(t);
  await here.deploy();
  const [before, token] = [await here.now(), await here.token()];
  const run = await here.deploy();
  assert.equal(run.status, 0, run.text);
  assert.deepEqual(changes(run), ["deploy"]);
  before.workers["render-signal"].deployments += 1;
  assert.deepEqual(await here.now(), before);
  assert.equal(await here.token(), token);
});

test("what is there is used as it is, secrets too", async (t) => {
  const here = await account(t, COMPLETE);
  const run = await here.deploy(["--yes"], { PROCESS_API_TOKEN: "another-token", WEBHOOK_URL: "https://hooks.client.fr/in" });
  assert.equal(run.status, 0, run.text);
  assert.deepEqual(changes(run), ["deploy"]);
  assert.deepEqual((await here.now()).workers["render-signal"], { ...COMPLETE.workers["render-signal"], deployments: 4 });
  assert.equal((await here.copy()).kv_namespaces[0].id, "0123");
  assert.deepEqual(await here.left(), ["wrangler.json"], "no token was made");
});

test("secrets that are missing are taken from the environment", async (t) => {
  const here = await account(t);
  const given = { PROCESS_API_TOKEN: "chosen-by-the-user", WEBHOOK_URL: "https://hooks.client.fr/in", WEBHOOK_SECRET: "whsec_c2VjcmV0" };
  const run = await here.deploy(["--yes"], given);
  assert.equal(run.status, 0, run.text);
  assert.deepEqual((await here.now()).workers["render-signal"].secrets, given);
  assert.deepEqual(await here.left(), ["wrangler.json"]);
});

test("a target that the Worker would refuse stops before anything is created", async (t) => {
  const here = await account(t);
  const run = await here.deploy(["--yes"], { WEBHOOK_URL: "http://hooks.client.fr/in" });
  assert.equal(run.status, 1);
  assert.deepEqual(changes(run), []);
  assert.match(run.text, /WEBHOOK_URL has to begin with https/);
});

test("a failure at any step is gone on from by running it again", async (t) => {
  for (const on of [...CREATED, "--keep-vars", TOKEN, "kv namespace list", "secret list"]) {
    const here = await account(t, { trouble: [{ on, says: "Internal error [code: 10013]", once: true }] });
    const first = await here.deploy();
    assert.equal(first.status, 1, on);
    assert.match(first.text, /what is done is not done twice/, on);
    const second = await here.deploy();
    assert.equal(second.status, 0, second.text);
    const done = [...changes(first), ...changes(second)];
    for (const step of [...CREATED, TOKEN].filter((step) => step !== on)) {
      assert.equal(done.filter((it) => it === step).length, 1, `${on}: ${step}`);
    }
    assert.deepEqual((await here.now()).workers["render-signal"].secrets, { PROCESS_API_TOKEN: await here.token() }, on);
  }
});

test("an environment has a Worker and stores of its own", async (t) => {
  const here = await account(t, COMPLETE);
  const run = await here.deploy(["--env", "staging", "--yes"]);
  assert.equal(run.status, 0, run.text);
  assert.deepEqual(changes(run), [
    "kv namespace create render-signal-staging-config",
    "queues create render-signal-nudges-staging",
    "queues create render-signal-nudges-dead-staging",
    "r2 bucket create render-signal-files-staging",
    "deploy",
    "secret put PROCESS_API_TOKEN --name render-signal-staging",
  ]);
  const { workers } = await here.now();
  assert.deepEqual(workers["render-signal"], COMPLETE.workers["render-signal"], "the first Worker is not touched");
});

test("without files no bucket is looked for, created or bound", async (t) => {
  const here = await account(t);
  const run = await here.deploy(["--yes", "--without-files"]);
  assert.equal(run.status, 0, run.text);
  assert.ok(!run.calls.some((call) => call.startsWith("r2")));
  assert.deepEqual((await here.copy()).r2_buckets, []);
});

test("a dry run needs no account and sends nothing", async (t) => {
  const here = await account(t, { loggedIn: false });
  const run = await here.deploy(["--dry-run"]);
  assert.equal(run.status, 0, run.text);
  assert.equal(run.calls.length, 1);
  assert.match(run.calls[0], /^deploy --dry-run --config \S+wrangler\.json --env $/);
  assert.match(run.text, /queue render-signal-nudges-dead\n/);
  assert.match(run.text, /gzip: 832\.76 KiB/);
});
