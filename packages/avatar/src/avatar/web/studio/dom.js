// What all parts of the page use: find, make, wait. Text is always set as text: nothing here reads HTML.

export const $ = (id) => document.getElementById(id);

export function make(tag, about = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(about)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "text") element.textContent = value;
    else if (name.startsWith("data-") || name.startsWith("aria-") || name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...inside.filter((each) => each !== null));
  return element;
}

export function show(element, shown = true) {
  element.hidden = !shown;
}

// Say an error in plain words, or take it back when there is none.
export function complain(element, error) {
  show(element, Boolean(error));
  element.replaceChildren();
  if (!error) return;
  const words = sentence(error.message);
  element.append(error.hint ? make("b", { text: words }) : words, error.hint ? sentence(error.hint) : "");
}

export function sentence(words) {
  const text = String(words).trim();
  return text ? text[0].toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? "" : ".") : "";
}

// Calls that come thick and fast become one, when they have ceased for a moment.
export function calmly(action, milliseconds) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...given), milliseconds);
  };
}

// A button that cannot be pressed twice while its work goes on.
export async function busy(button, words, work) {
  const before = button.textContent;
  button.disabled = true;
  button.textContent = words;
  try {
    return await work();
  } finally {
    button.disabled = false;
    button.textContent = before;
  }
}

export async function sure(title, about, verb) {
  const dialog = $("sure");
  $("sure-title").textContent = title;
  $("sure-about").textContent = about;
  $("sure-yes").textContent = verb;
  dialog.returnValue = "no";
  dialog.showModal();
  await new Promise((done) => dialog.addEventListener("close", done, { once: true }));
  return dialog.returnValue === "yes";
}
