// The round of the cron: held work is looked at again when something can have freed it, not because an isolate is new.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { until, world } from "./support/world.mjs";

test("held work is left alone by new isolates, and freed by new settings", async () => {
  const persist = await mkdtemp(path.join(tmpdir(), "render-signal-sweep-"));
  const within = async (options, run) => {
    const it = await world({ persist, ...options });
    try {
      await run(it);
    } finally {
      await it.dispose();
    }
  };
  const nowhere = { vars: { WEBHOOK_URL: "" } };
  try {
    await within(nowhere, async (it) => {
      assert.equal((await it.push("held")).status, "queued");
      await until("it is held", 5, () => it.logged("no_target").length === 1);
      await it.cron();
      await until("the first round looks at it", 5, () => it.logged("no_target").length === 2);
    });
    await within(nowhere, async (it) => {
      await it.cron();
      await it.cron();
      assert.equal(it.logged("released").length, 0, "nothing has changed");
    });
    await within({}, async (it) => {
      await it.cron();
      await it.hook.expect(1);
    });
  } finally {
    await rm(persist, { recursive: true, force: true });
  }
});
