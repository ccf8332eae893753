// The meter around the built Worker: what Cloudflare would bill of each call to an object. It is the main module in costs.test.mjs and runs inside
// workerd, whose cursors count rows as the bill does, those of indexes included.
//
// It also moves the clock: a mail's last costs come weeks after its delivery.

import * as built from "./index.js";

const Real = Date;
let ahead = 0;
globalThis.Date = class extends Real {
  constructor(...args) {
    super(...(args.length ? args : [Real.now() + ahead]));
  }
  static now() {
    return Real.now() + ahead;
  }
};

let cursors = [];
let alarms = 0;
const wrapped = new WeakSet();

/** Replaces a method of a platform object, once for all objects of its kind. */
function wrap(object, method, replacement) {
  const shape = Object.getPrototypeOf(object);
  if (wrapped.has(shape[method])) return;
  const original = shape[method];
  shape[method] = function (...args) {
    return replacement.call(this, original, args);
  };
  wrapped.add(shape[method]);
}

/** Keeps the cursor of every statement: its counts are whole once it was read to its end. Setting an alarm is a row written. */
function watch(storage) {
  wrap(storage.sql, "exec", function (exec, args) {
    const cursor = exec.apply(this, args);
    cursors.push(cursor);
    return cursor;
  });
  for (const method of ["setAlarm", "deleteAlarm"]) {
    wrap(storage, method, function (change, args) {
      alarms += 1;
      return change.apply(this, args);
    });
  }
}

async function metered(object, kind, run) {
  const answer = await run();
  const sum = (what) => cursors.reduce((total, cursor) => total + cursor[what], 0);
  const call = { object, kind, read: sum("rowsRead"), written: sum("rowsWritten") + alarms };
  [cursors, alarms] = [[], 0];
  await fetch("http://meter.test/", { method: "POST", body: JSON.stringify(call) });
  return answer;
}

const withMeter = (Class, name) =>
  class extends Class {
    constructor(state, env) {
      watch(state.storage);
      super(state, env);
    }
    fetch(request) {
      return metered(name, "request", () => super.fetch(request));
    }
    alarm(info) {
      return metered(name, "alarm", () => super.alarm(info));
    }
  };

export const Ledger = withMeter(built.Ledger, "Ledger");
export const Config = withMeter(built.Config, "Config");

export default class extends built.default {
  fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/__clock") return super.fetch(request);
    ahead += Number(searchParams.get("ms"));
    return new Response();
  }
}
