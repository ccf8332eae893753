// What scripts/deploy says when Cloudflare refuses: the reason, and what to do.

import assert from "node:assert/strict";
import { test } from "node:test";
import { account, changes } from "./support/account.mjs";

test("not logged in: nothing is tried, and the way in is told", async (t) => {
  const here = await account(t, { loggedIn: false });
  const run = await here.deploy();
  assert.equal(run.status, 1);
  assert.deepEqual(run.calls, ["whoami --json"]);
  assert.match(run.text, /not logged in[^]*login[^]*CLOUDFLARE_API_TOKEN/);
});

test("two accounts: one has to be named", async (t) => {
  const here = await account(t, { accounts: [{ id: "acc1", name: "Ada" }, { id: "acc2", name: "Charles" }] });
  const run = await here.deploy();
  assert.equal(run.status, 1);
  assert.deepEqual(run.calls, ["whoami --json"]);
  assert.match(run.text, /acc2 Charles[^]*CLOUDFLARE_ACCOUNT_ID/);
  assert.equal((await here.deploy(["--yes"], { CLOUDFLARE_ACCOUNT_ID: "acc2" })).status, 0);
  assert.equal((await here.deploy(["--yes"], { CLOUDFLARE_ACCOUNT_ID: "acc3" })).status, 1);
});

test("nobody to ask: nothing is done without --yes", async (t) => {
  const here = await account(t);
  const run = await here.deploy([]);
  assert.equal(run.status, 1);
  assert.deepEqual(changes(run), []);
  assert.match(run.text, /render-signal-config +create[^]*--yes/);
});

test("unknown words and environments", async (t) => {
  const here = await account(t);
  for (const [words, says] of [[["--force"], /unknown argument: --force/], [["--env"], /--env needs a name/], [["--env", "prod", "--yes"], /"prod"[^]*staging/]]) {
    const run = await here.deploy(words);
    assert.notEqual(run.status, 0, words.join(" "));
    assert.deepEqual(run.calls, [], words.join(" "));
    assert.match(run.text, says);
  }
});

/** The step that fails, Cloudflare's words, and the remedy. */
const REFUSALS = [
  ["r2 bucket info", "Please enable R2 through the Cloudflare Dashboard. [code: 10042]", /--without-files/],
  ["queues create", "Queues is not available on your plan. [code: 100129]", /Workers Paid: https:[^]*docs\/cloudflare\.md/],
  ["--keep-vars", "CPU limits are not available on the free plan. Upgrade to Workers Paid at https://dash. [code: 100328]", /plan does not allow it/],
  ["queues create", "Queue name 'render-signal-nudges' is already taken [code: 11009]", /name is taken[^]*wrangler\.toml/],
  ["kv namespace create", 'A KV namespace with the title "render-signal-config" already exists.', /name is taken/],
  ["--keep-vars", "You need to register a workers.dev subdomain before publishing to workers.dev", /choose one in the dashboard/],
  ["kv namespace list", "Authentication error [code: 10000]", /Workers KV Storage[^]*Edit/],
  ["whoami", "fetch failed", /not reached/],
  ["secret put", "fetch failed", /not reached/],
  ["queues info", "Internal server error [code: 10013]", /Cloudflare refused/],
];

test("each refusal has its remedy, and ends the run", async (t) => {
  for (const [on, says, remedy] of REFUSALS) {
    const here = await account(t, { trouble: [{ on, says }] });
    const run = await here.deploy();
    assert.equal(run.status, 1, on);
    assert.ok(run.text.includes(says), `${on}: Cloudflare's own words are shown`);
    assert.match(run.text, remedy, on);
    assert.ok(run.calls.at(-1).includes(on), `${on}: nothing is done after it`);
  }
});
