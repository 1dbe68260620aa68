#!/usr/bin/env node
// Signs a call of the Examlink API and sends it: Node 18 or newer, and nothing else.
//
//   client.mjs METHOD PATH name=value ...    such as: client.mjs GET '/exams/{id}' id=42
//   client.mjs message name=value ...        prints what is signed, and the signature
//
// EXAMLINK_SERVER, EXAMLINK_TOKEN and EXAMLINK_SECRET say where and who. Ids in the path are signed by their names.
import { createHmac, randomInt } from "node:crypto";

const { EXAMLINK_SERVER: server, EXAMLINK_TOKEN: token, EXAMLINK_SECRET: secret } = process.env;

const message = (parameters) =>
  Object.keys(parameters).sort().map((name) => `${name}=${parameters[name]}`).join("?");

const sign = (parameters) => createHmac("sha256", secret).update(message(parameters)).digest("hex");

function call(method, path, given) {
  const parameters = { ...given, nonce: `${randomInt(2 ** 48 - 1)}`, timestamp: `${Date.now()}` };
  const form = new URLSearchParams({ ...parameters, signature: sign(parameters) });
  const url = `${server}/api/v3${path.replace(/{(\w+)}/g, (_, name) => parameters[name])}`;
  const headers = { Authorization: `Token token=${token}` };
  return method === "GET" ? fetch(`${url}?${form}`, { headers }) : fetch(url, { method, headers, body: form });
}

const pairs = (texts) => Object.fromEntries(texts.map((text) => text.split(/=(.*)/s, 2)));

const [command, ...rest] = process.argv.slice(2);
if (command === "message") {
  console.log(`${message(pairs(rest))}\n${sign(pairs(rest))}`);
} else {
  const reply = await call(command, rest[0], pairs(rest.slice(1)));
  console.log(await reply.text());
  process.exitCode = reply.ok ? 0 : 1;
}
