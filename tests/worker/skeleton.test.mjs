// The way from a request through the built Worker into its Durable Object and back.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "./support/harness.mjs";

/** @type {Awaited<ReturnType<typeof start>>} */
let server;
before(async () => { server = await start(); });
after(() => server?.dispose());

test("a GET is answered by the ledger object", async () => {
  const response = await server.fetch("/some/path");
  assert.equal(response.status, 200);
  assert.equal(await response.text(), "ledger /some/path");
});

test("many requests at once are all answered", async () => {
  const paths = Array.from({ length: 50 }, (_, n) => `/n/${n}`);
  const answers = await Promise.all(paths.map(async (path) => (await server.fetch(path)).text()));
  assert.deepEqual(answers, paths.map((path) => `ledger ${path}`));
});
