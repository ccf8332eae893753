// The routes of the test build: handlers/http/testing.rs and handlers/cloudflare/src/testing.

const PREFIX = "/__render-signal-test-build/";

/**
 * Asks a test route.
 * @param {Awaited<ReturnType<typeof import("./harness.mjs").start>>} server
 * @param {string} route @param {RequestInit} [init]
 */
export async function ask(server, route, init = {}) {
  // Some answers take long. A connection that was idle meanwhile may be closed by the time it is used again.
  const headers = { connection: "close", ...init.headers };
  const response = await server.fetch(PREFIX + route, { ...init, headers });
  return { status: response.status, text: await response.text() };
}
