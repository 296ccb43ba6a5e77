// Where a company's bot hears Relevo's signed events (Standard Webhooks): a small server that
// believes nothing unsigned and keeps everything in the order in which it came.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const PATIENCE_MS = 30_000;

function isSigned(secret, headers, body) {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const wanted = createHmac("sha256", key).update(signed).digest();
  const given = (headers["webhook-signature"] ?? "").split(" ").map((one) => one.split(",")[1] ?? "");
  return given.some((one) => {
    const bytes = Buffer.from(one, "base64");
    return bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
  });
}

async function bodyOf(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}

/**
 * Starts listening. `secret` is told as soon as the screen has shown it. `busyFor` names a type of
 * event of which the next one is turned away with 503: it must come again, and nothing before it.
 */
export async function listen() {
  const ear = { secret: null, busyFor: null, heard: [], turnedAway: [], problems: [] };
  const waiting = new Set();
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    if (!isSigned(ear.secret ?? "", request.headers, body)) {
      ear.problems.push(`an event without our signature: ${body.slice(0, 200)}`);
      return response.writeHead(401).end();
    }
    const event = { id: request.headers["webhook-id"], ...JSON.parse(body) };
    if (event.type === ear.busyFor) {
      ear.busyFor = null;
      ear.turnedAway.push(event);
      return response.writeHead(503, { "retry-after": "1" }).end();
    }
    ear.heard.push(event);
    response.writeHead(204).end();
    for (const look of waiting) look();
  });
  await new Promise((up) => server.listen(0, "127.0.0.1", up));
  ear.url = `http://127.0.0.1:${server.address().port}/relevo`;

  /** The first event that `wanted` takes, come or to come. */
  ear.event = (what, wanted) =>
    new Promise((found, missing) => {
      const look = () => {
        const event = ear.heard.find(wanted);
        if (!event) return false;
        waiting.delete(look);
        clearTimeout(limit);
        found(event);
        return true;
      };
      const limit = setTimeout(() => {
        waiting.delete(look);
        const types = ear.heard.map((event) => event.type).join(", ");
        missing(new Error(`never heard: ${what} (heard ${types}; ${ear.problems})`));
      }, PATIENCE_MS);
      if (!look()) waiting.add(look);
    });
  ear.stop = () => {
    server.closeAllConnections();
    return new Promise((down) => server.close(down));
  };
  return ear;
}
