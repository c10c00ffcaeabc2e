// Step 2: choose a voice, hear it, match one to a recording, withdraw it.

import { $, busy, complain, show, sure } from "./dom.js";
import { ask, get, upload } from "./api.js";

const NOTE = { default: "The presenter's own voice. Nobody's consent is needed." };

export async function start() {
  $("voice").addEventListener("change", about);
  $("listen").addEventListener("click", () => busy($("listen"), "Speaking…", listen).catch(failed));
  $("clone-go").addEventListener("click", () => busy($("clone-go"), "Learning…", clone));
  $("revoke").addEventListener("click", () => revoke().catch(failed));
  await load();
}

export const chosen = () => $("voice").value || "default";

async function load(wanted = chosen()) {
  const { voices } = await get("/voices");
  $("voice").replaceChildren(...voices.map((name) => new Option(name === "default" ? "Default voice" : name, name)));
  $("voice").value = voices.includes(wanted) ? wanted : "default";
  await about();
}

async function about() {
  const name = chosen();
  show($("revoke"), name !== "default");
  show($("sample"), false);
  $("voice-about").textContent = NOTE[name] ?? "";
  if (NOTE[name]) return;
  const { consent, created_at: made } = await get(`/voices/${encodeURIComponent(name)}`);
  const when = new Date(typeof made === "number" ? made * 1000 : made);
  const since = Number.isNaN(when.valueOf()) ? "" : `, ${when.toLocaleDateString()}`;
  if (name === chosen()) $("voice-about").textContent = consent ? `With the consent of ${consent.who}: ${consent.purpose || "no purpose given"}${since}.` : "";
}

async function listen() {
  const text = ($("text").value.trim() || "Good morning! This is how I sound.").slice(0, 160);
  const body = { text, rate: Number($("rate").value), language: $("language").value || null };
  const answer = await ask("POST", `/voices/${encodeURIComponent(chosen())}/speech`, { body });
  const sample = $("sample");
  sample.src = URL.createObjectURL(await answer.blob());
  show(sample);
  await sample.play().catch(() => {});
}

async function clone() {
  complain($("clone-problem"));
  const wrong = unfinished();
  if (wrong) return complain($("clone-problem"), { message: wrong });
  const name = $("clone-name").value.trim();
  const consent = `${$("clone-who").value.trim()}, ${$("clone-purpose").value.trim()}`;
  const fields = { name, consent };
  if ($("clone-transcript").value.trim()) fields.transcript = $("clone-transcript").value.trim();
  try {
    const made = await upload("/voices", $("clone-file").files[0], fields);
    $("clone").open = false;
    await load(name);
    if (made.warnings?.length) $("voice-about").textContent += ` Note: ${made.warnings.join("; ")}.`;
    $("voice").focus();
  } catch (error) {
    complain($("clone-problem"), error);
  }
}

function unfinished() {
  const wanted = [
    ["clone-file", $("clone-file").files.length, "choose a recording first"],
    ["clone-name", $("clone-name").value.trim(), "give the voice a name"],
    ["clone-who", $("clone-who").value.trim(), "say who speaks in the recording"],
    ["clone-purpose", $("clone-purpose").value.trim(), "say what they agreed to"],
    ["clone-agreed", $("clone-agreed").checked, "a voice is learnt only with the consent of who speaks: tick the box"],
  ];
  for (const [id, good] of wanted) $(id).setAttribute("aria-invalid", String(!good));
  const [id, , words] = wanted.find(([, good]) => !good) ?? [];
  if (id) $(id).focus();
  return words;
}

async function revoke() {
  const name = chosen();
  const told = "The voice is deleted, and its recording is refused from now on. Videos that exist stay as they are.";
  if (!(await sure(`Withdraw the consent for “${name}”?`, told, "Withdraw and delete"))) return;
  await ask("DELETE", `/voices/${encodeURIComponent(name)}?revoke=true`);
  await load("default");
}

function failed(error) {
  $("voice-about").textContent = `${error.message}. ${error.hint ?? ""}`;
}
