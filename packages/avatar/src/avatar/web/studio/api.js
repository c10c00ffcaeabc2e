// Requests to the service this page came from. An answer that is no success becomes a Problem.

import { $, complain } from "./dom.js";

const KEY = "avatar-key";
let asking = null;

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `the service answered ${status}`);
    this.status = status;
    this.hint = body.hint || "";
    this.type = body.type || "";
  }
}

export const hasKey = () => Boolean(sessionStorage.getItem(KEY));

export async function ask(method, path, { body, form, signal, headers = {} } = {}) {
  const given = { ...headers };
  const key = sessionStorage.getItem(KEY);
  if (key) given["X-Api-Key"] = key;
  if (body !== undefined) given["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, { method, headers: given, signal, body: form ?? (body && JSON.stringify(body)) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, { detail: "the service does not answer", hint: "is it still running? Start it with: make serve" });
  }
  if (answer.status === 401) {
    await askForKey(hasKey() ? "This key is not known, or was revoked." : "");
    return ask(method, path, { body, form, signal, headers });
  }
  if (!answer.ok) throw new Problem(answer.status, await answer.json().catch(() => ({})));
  return answer;
}

export const get = async (path, more) => (await ask("GET", path, more)).json();
export const send = async (path, body, more) => (await ask("POST", path, { body, ...more })).json();

export async function upload(path, file, fields = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", file);
  return (await ask("POST", path, { form })).json();
}

// The address of a file for <img> and <video>: those cannot send a key, so with one the file is fetched whole.
export async function addressOf(path) {
  return hasKey() ? URL.createObjectURL(await (await ask("GET", path)).blob()) : path;
}

// One dialog, however many requests wait for it.
export function askForKey(why = "") {
  asking ??= new Promise((done, refuse) => {
    const dialog = $("key-dialog");
    complain($("key-problem"), why ? { message: why } : null);
    $("key").value = "";
    dialog.returnValue = "cancel";
    dialog.showModal();
    dialog.addEventListener("close", () => {
      asking = null;
      const key = $("key").value.trim();
      if (dialog.returnValue !== "use" || !key) return refuse(new Problem(401, { detail: "an API key is needed" }));
      sessionStorage.setItem(KEY, key);
      done();
    }, { once: true });
  });
  return asking;
}
