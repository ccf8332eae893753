// What every home's stores promise (src/contract), put to the Worker's own adapters inside workerd: one test a promise, each on
// objects of its own. The cases are named by the test build, so that none can be forgotten here.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/harness.mjs";
import { ask } from "./support/test-build.mjs";

const server = await start({ build: "test", vars: { PROCESS_API_TOKEN: "contract" } });
after(() => server.dispose());

const names = JSON.parse((await ask(server, "contract")).text);

test("the suite is whole", () => {
  assert.ok(names.length > 120, `${names.length} cases`);
});

for (const name of names) {
  test(name, async () => {
    assert.deepEqual(await ask(server, `contract/${name}`, { method: "POST" }), { status: 200, text: "kept" });
  });
}
