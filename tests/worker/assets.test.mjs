// Static files: the platform serves them before the Worker runs, with the Worker's headers, and hides nothing of the Worker's.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "./support/harness.mjs";

/** @type {Awaited<ReturnType<typeof start>>} */
let server;
before(async () => (server = await start({ vars: { PROCESS_API_TOKEN: "assets-token" } })));
after(() => server?.dispose());

const call = (path, method = "GET", headers = {}) => server.fetch(path, { method, headers, redirect: "manual" });

/** What says the same on every answer, whoever gives it: not the body's, not the connection's, not the cache's. */
const shared = (response) => {
  const own = ["content-type", "content-length", "content-encoding", "transfer-encoding", "etag", "cf-cache-status", "cache-control", "date", "connection", "keep-alive"];
  return Object.fromEntries([...response.headers].filter(([name]) => !own.includes(name)));
};

test("a file and a dynamic answer carry the same security headers", async () => {
  const [file, dynamic, missing] = [await call("/robots.txt"), await call("/health"), await call("/nothing")];
  assert.equal(Object.keys(shared(dynamic)).length, 5);
  assert.deepEqual(shared(file), shared(dynamic));
  assert.deepEqual(shared(missing), shared(dynamic));
  assert.equal(file.headers.get("cache-control"), "public, max-age=0, must-revalidate");
  assert.equal(dynamic.headers.get("cache-control"), "no-store");
});

test("files have their media type, a tag, and are not sent twice", async () => {
  for (const [path, type] of [["/favicon.svg", "image/svg+xml"], ["/robots.txt", "text/plain; charset=utf-8"]]) {
    const file = await call(path);
    assert.deepEqual([file.status, file.headers.get("content-type")], [200, type]);
    const again = await call(path, "GET", { "if-none-match": file.headers.get("etag") });
    assert.deepEqual([again.status, await again.text()], [304, ""]);
    assert.deepEqual(shared(again), shared(file), "a 304 is no less guarded");
    const head = await call(path, "HEAD");
    assert.deepEqual([head.status, await head.text()], [200, ""]);
  }
});

test("a file is not written to", async () => {
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) assert.equal((await call("/robots.txt", method)).status, 405, method);
});

test("what is no file is the Worker's, whose 404 is JSON", async () => {
  for (const path of ["/", "/nothing", "/index.html", "/_headers", "/robots", "/robots.txt/", "/Robots.txt", "/favicon.ico", "/api", "/api/", "/api/robots.txt"]) {
    for (const method of ["GET", "POST"]) {
      const answer = await call(path, method);
      assert.deepEqual([answer.status, await answer.json()], [404, { success: false, code: "not_found", message: "Not found" }], `${method} ${path}`);
    }
  }
});

test("the Worker's own paths answer as ever", async () => {
  assert.equal((await (await call("/health")).json()).services.home, "worker");
  assert.equal((await call("/ready")).status, 200);
  assert.equal((await call("/api/ping")).status, 200);
  assert.equal((await call("/api/ingress/gmail", "POST")).status, 401);
  const wrong = await call("/health", "DELETE");
  assert.deepEqual([wrong.status, wrong.headers.get("allow")], [405, "OPTIONS, HEAD, GET"]);
});
