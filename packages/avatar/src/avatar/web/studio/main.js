// The studio: what the four steps say becomes the body of a preview or a job.

import { $, calmly, complain, sentence, show } from "./dom.js";
import { askForKey, get, send } from "./api.js";
import * as jobs from "./jobs.js";
import * as portraits from "./portraits.js";
import * as stage from "./stage.js";
import * as voices from "./voices.js";

const LANGUAGES = ["en", "en-US", "en-GB", "de", "fr", "es", "es-MX", "it", "pt", "pt-BR", "nl", "sv", "da", "nb", "fi", "pl", "cs", "sk",
  "hu", "ro", "uk", "ru", "el", "tr", "ar", "he", "fa", "hi", "id", "vi", "zh", "ja", "ko"];

function body() {
  const text = $("text").value.trim();
  $("text").setAttribute("aria-invalid", String(!text));
  if (!text) {
    $("text").focus();
    throw new Error("there is nothing to say yet: write a script first");
  }
  const [width, height] = portraits.shape();
  const captions = $("captions").value ? [$("captions").value] : [];
  return { text, voice: voices.chosen(), ...portraits.chosen(), width, height, captions, rate: Number($("rate").value),
    language: $("language").value || null, mood: $("mood").value || null, label: $("label").value.trim() };
}

async function count() {
  const text = $("text").value.trim();
  if (!text) {
    $("text-about").textContent = "Write a sentence or two.";
    return;
  }
  $("text").removeAttribute("aria-invalid");
  const told = await send("/jobs/estimate", { text }).catch(() => null);
  if (!told) return;
  const length = stage.clock(told.duration_s / Number($("rate").value));
  const work = told.work_s === null ? "" : `, made in about ${stage.clock(Math.max(1, told.work_s))}`;
  $("text-about").textContent = `${told.characters.toLocaleString()} characters, about ${length} of video${work}.`;
}

function pace() {
  const rate = Number($("rate").value);
  $("rate-shown").textContent = rate === 1 ? "normal" : `${rate.toFixed(2)} ×`;
}

function languages() {
  const names = new Intl.DisplayNames(["en"], { type: "language" });
  $("language").append(new Option("The usual one", ""), ...LANGUAGES.map((tag) => new Option(names.of(tag), tag)));
}

async function service() {
  const { version, tenant, queue, engines } = await get("/status");
  const who = tenant === "local" ? "" : ` · ${tenant}`;
  $("service").textContent = `${version}${who} · ${queue === "sqlite" ? "this machine" : "many machines"} · ${engines.speech.used} voice`;
  show($("key-open"), tenant !== "local");
}

async function begin() {
  show($("key-open"), false);
  languages();
  const soon = calmly(count, 400);
  $("text").addEventListener("input", soon);
  $("rate").addEventListener("input", () => { pace(); soon(); });
  $("compose").addEventListener("submit", (event) => event.preventDefault());
  $("key-open").addEventListener("click", () => askForKey().then(() => location.reload(), () => {}));
  for (const radio of document.getElementsByName("shape")) radio.addEventListener("change", () => stage.shaped(portraits.shape()));
  stage.start(body, () => jobs.list());
  try {
    await service();
    await Promise.all([voices.start(), portraits.start(() => stage.still(portraits.picture())), jobs.start()]);
  } catch (error) {
    $("service").textContent = "Not connected";
    show($("key-open"), error.status === 401);
    complain($("problem"), error);
  }
  document.documentElement.dataset.ready = "true";
}

window.addEventListener("unhandledrejection", ({ reason }) => {
  if (reason?.name !== "AbortError") complain($("problem"), { message: sentence(reason?.message ?? reason), hint: reason?.hint });
});

begin();
