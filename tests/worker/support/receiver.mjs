// A webhook receiver on the Worker's internet: it records every request and answers with a chosen status.

import { Response } from "miniflare";

export function receiver() {
  const self = {
    /** @type {{ url: string, headers: Record<string, string>, body: string }[]} */
    requests: [],
    status: 200,
    /** @param {import("miniflare").Request} request */
    async answer(request) {
      self.requests.push({ url: request.url, headers: Object.fromEntries(request.headers), body: await request.text() });
      return new Response(JSON.stringify({ success: self.status === 200 }), { status: self.status });
    },
    /** Waits until so many requests have come. */
    async expect(count, seconds = 5) {
      const deadline = Date.now() + seconds * 1000;
      while (self.requests.length < count) {
        if (Date.now() > deadline) throw new Error(`${self.requests.length} of ${count} requests came`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return self.requests;
    },
  };
  return self;
}
