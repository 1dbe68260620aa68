// Opens the tool. The page's button does the same where scripts are off.
const form = document.querySelector("form#launch");

// A launch parameter may be named "submit" and hide the form's own method.
HTMLFormElement.prototype.submit.call(form);

// A launch is good for one use: whoever comes back to this page gets a new one.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
