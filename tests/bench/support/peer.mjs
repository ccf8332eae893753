// The peer of the measure: a Worker in JavaScript that parses the same push, makes the same call to the same object, with as many
// bytes, sends the same message to the queue, and answers. It decides nothing and hashes nothing.
//
// The call is a template, recorded from the real Worker; what must be new in each mail is written over it in place.

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const encoder = new TextEncoder();
let template;

export default {
  async fetch(request, env, context) {
    if (request.headers.get("authorization") !== `Bearer ${env.PROCESS_API_TOKEN}`) return new Response(null, { status: 401 });
    const mail = JSON.parse(await request.text());
    if (!mail.sender || !mail.body) return new Response(null, { status: 400 });
    template ??= read(env.TEMPLATE);
    const stub = env.LEDGER.getByName("ledger");
    const answer = await stub.fetch("http://ledger/", { method: "POST", body: call(mail) });
    if (answer.status !== 200) return new Response(await answer.text(), { status: 503 });
    await answer.arrayBuffer();
    context.waitUntil(env.NUDGES.send('{"work":null}', { contentType: "text" }));
    return Response.json({ success: true, status: "queued", message: "Email queued for processing", email_id: mail.message_id });
  },
};

/** The recorded call, and where in it each piece stands. */
function read({ call, pieces }) {
  const bytes = Uint8Array.from(atob(call), (character) => character.charCodeAt(0));
  const text = String.fromCharCode(...bytes.subarray(0, 2000)) + " ".repeat(Math.max(0, bytes.length - 2000));
  const tail = bytes.length > 4000 ? String.fromCharCode(...bytes.subarray(bytes.length - 2000)) : "";
  const places = Object.fromEntries(
    Object.entries(pieces).map(([name, piece]) => {
      const all = [];
      for (let from = text.indexOf(piece); from >= 0; from = text.indexOf(piece, from + 1)) all.push(from);
      for (let from = tail.indexOf(piece); from >= 0; from = tail.indexOf(piece, from + 1)) all.push(bytes.length - 2000 + from);
      if (all.length === 0) throw new Error(`no ${name} in the recorded call`);
      return [name, { all: [...new Set(all)], length: piece.length }];
    }),
  );
  return { bytes, places };
}

function call(mail) {
  const bytes = template.bytes.slice();
  const random = crypto.getRandomValues(new Uint8Array(26));
  const hex = (length) => Array.from({ length }, (_, n) => (random[n % 26] >> 4).toString(16)).join("");
  const values = {
    id: `01${Array.from(random.subarray(2), (byte) => ALPHABET[byte & 31]).join("")}`,
    email_id: hex(32),
    digest: hex(64),
    message_id: mail.message_id,
  };
  for (const [name, value] of Object.entries(values)) {
    const { all, length } = template.places[name];
    if (value.length !== length) throw new Error(`${name} has ${value.length} characters, not ${length}`);
    for (const from of all) encoder.encodeInto(value, bytes.subarray(from, from + length));
  }
  return bytes;
}
