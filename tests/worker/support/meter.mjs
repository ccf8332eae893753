// The meter around the built Worker: what Cloudflare would bill of one call to an object. It is the Worker's main module in costs.test.mjs and runs
// inside workerd, whose cursors count rows as the bill does, those of indexes included.
//
// It also moves the clock: the object's time is `Date`, and a mail's costs end weeks after its delivery.

import * as built from "./index.js";

const Real = Date;
let ahead = 0;
globalThis.Date = class extends Real {
  constructor(...args) {
    if (args.length) super(...args);
    else super(Real.now() + ahead);
  }
  static now() {
    return Real.now() + ahead;
  }
};

let cursors = [];
let patched = false;

/** Keeps the cursors of every statement: their counts are whole once they were read to their end. */
function watch(sql) {
  const shape = Object.getPrototypeOf(sql);
  if (patched) return;
  patched = true;
  const exec = shape.exec;
  shape.exec = function (...args) {
    const cursor = exec.apply(this, args);
    cursors.push(cursor);
    return cursor;
  };
}

const metered = (Class, name) =>
  class extends Class {
    constructor(state, env) {
      watch(state.storage.sql);
      const { setAlarm } = state.storage;
      super(state, env);
      this.meter = { state, setAlarm };
    }
    async fetch(request) {
      return this.metered("request", () => super.fetch(request));
    }
    async alarm(info) {
      return this.metered("alarm", () => super.alarm?.(info));
    }
    async metered(kind, run) {
      const answer = await run();
      const seen = cursors;
      cursors = [];
      const sum = (what) => seen.reduce((total, cursor) => total + cursor[what], 0);
      await fetch("http://meter.test/", {
        method: "POST",
        body: JSON.stringify({ object: name, kind, statements: seen.length, read: sum("rowsRead"), written: sum("rowsWritten") }),
      });
      return answer;
    }
  };

export const Ledger = metered(built.Ledger, "Ledger");
export const Config = metered(built.Config, "Config");

export default class extends built.default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/__clock") return super.fetch(request);
    ahead += Number(searchParams.get("ms"));
    return new Response(String(Date.now()));
  }
}
