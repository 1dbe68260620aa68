// Keeps the state of a login in the page of the learning platform, or asks for it there: this browser may take no cookie
// from a frame (LTI OIDC Login with LTI Client Side postMessages).

const WAITS = 2000;

const page = document.querySelector("[data-subject]");
const { subject, key, value, origin, frame } = page.dataset;
const around = window.parent === window ? window.opener : window.parent;

// A frame of the platform's page, by its name; else that page itself.
function storage() {
  try {
    return frame === "_parent" ? around : (around.frames[frame] ?? around);
  } catch {
    return around;
  }
}

let isOver = false;

// Goes on, with what was kept where it was asked for.
function goOn(kept) {
  if (isOver) return;
  isOver = true;
  const form = page.querySelector("form");
  if (!form) return location.replace(page.querySelector("a").href);
  form.elements.browser.value = typeof kept === "string" ? kept : "";
  form.submit();
}

addEventListener("message", ({ data, origin: from }) => {
  const isAnswer = from === origin && data?.subject === `${subject}.response` && data.message_id === key;
  if (isAnswer) goOn(data.error ? "" : data.value);
});

if (around) {
  storage().postMessage({ subject, message_id: key, key, value }, origin);
  setTimeout(goOn, WAITS);
} else {
  goOn();
}
