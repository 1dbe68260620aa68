// Keeps the state of tools that can set no cookie inside this page: they ask for it by messages (LTI Platform Storage,
// `lti_storage_target=_parent`). Each origin has a store of its own, which ends with the page.

const MOST_ORIGINS = 20;
const MOST_KEYS = 50;
const LONGEST_KEY = 1024;
const LONGEST_VALUE = 8192;
const OLD_PREFIX = "org.imsglobal.";

const stores = new Map();

const answers = {
  "lti.capabilities": () => ({ supported_messages: Object.keys(answers).map((subject) => ({ subject })) }),
  "lti.get_data": (origin, { key }) => ({ key, value: stores.get(origin)?.get(key) ?? null }),
  "lti.put_data": (origin, { key, value }) => {
    const store = stores.get(origin) ?? new Map();
    if (value === null || value === undefined) {
      store.delete(key);
    } else if (!isText(value, LONGEST_VALUE)) {
      throw new Refusal("bad_request", `value must be a text of at most ${LONGEST_VALUE} characters`);
    } else if ((!stores.has(origin) && stores.size >= MOST_ORIGINS) || (!store.has(key) && store.size >= MOST_KEYS)) {
      throw new Refusal("storage_exhaustion", `there is room for ${MOST_KEYS} keys`);
    } else {
      stores.set(origin, store.set(key, value));
    }
    return { key, value: value ?? null };
  },
};

class Refusal extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

function isText(value, longest) {
  return typeof value === "string" && value.length <= longest;
}

// Only what is framed by this page may ask: not who opened it, and not the page around it.
function isFramedHere(source) {
  for (let frame = source; frame && frame !== frame.parent; frame = frame.parent) {
    if (frame.parent === window) return true;
  }
  return false;
}

function answer(origin, asked, subject) {
  if (!Object.hasOwn(answers, subject)) throw new Refusal("unsupported_subject", "this page does not know the subject");
  if (subject !== "lti.capabilities" && !isText(asked.key, LONGEST_KEY)) {
    throw new Refusal("bad_request", `key must be a text of at most ${LONGEST_KEY} characters`);
  }
  return answers[subject](origin, asked);
}

addEventListener("message", ({ data: asked, origin, source }) => {
  const isQuestion = asked && isText(asked.subject, LONGEST_KEY) && !asked.subject.endsWith(".response");
  // A frame without an origin of its own could be anybody's.
  if (!isQuestion || !isText(asked.message_id, LONGEST_KEY) || origin === "null" || !isFramedHere(source)) return;
  const reply = { subject: `${asked.subject}.response`, message_id: asked.message_id };
  try {
    const subject = asked.subject.startsWith(OLD_PREFIX) ? asked.subject.slice(OLD_PREFIX.length) : asked.subject;
    Object.assign(reply, answer(origin, asked, subject));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    reply.error = { code: error.code, message: error.message };
  }
  source.postMessage(reply, origin);
});
