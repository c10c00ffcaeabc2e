// Step 3: describe a presenter and see it at once, choose a kept one, or bring a photo.

import { $, busy, calmly, make, sentence, show } from "./dom.js";
import { addressOf, ask, get, hasKey, upload } from "./api.js";

const IDEAS = ["woman, grey bun, library", "man, beard, navy suit, city", "woman, hijab, plants", "man, turban, office",
  "woman, afro, home", "man, bald, flat style"];
const LONGEST = 854;

let seed = 14;
let drawing = null;
let photo = null;
let changed = () => {};

export async function start(onChange) {
  changed = onChange;
  const soon = calmly(draw, 450);
  $("prompt").addEventListener("input", () => { waiting(); soon(); });
  $("dice").addEventListener("click", () => { seed = Math.floor(Math.random() * 2 ** 31); draw(); });
  $("keep").addEventListener("click", () => busy($("keep"), "Keeping…", keep));
  $("photo-file").addEventListener("change", bring);
  $("ideas").append(...IDEAS.map((text) => make("button", { type: "button", text, onclick: () => idea(text) })));
  for (const radio of document.getElementsByName("source")) radio.addEventListener("change", choose);
  for (const radio of document.getElementsByName("shape")) radio.addEventListener("change", draw);
  await Promise.all([draw(), list()]);
}

export const source = () => document.querySelector("[name=source]:checked").value;
export const shape = () => document.querySelector("[name=shape]:checked").value.split("x").map(Number);

// What of a video's body says who is seen. Throws words for a person where that is not settled.
export function chosen() {
  if (source() === "describe") return { prompt: $("prompt").value, seed };
  if (source() === "kept") {
    const kept = document.querySelector("[name=portrait]:checked");
    if (!kept) throw new Error("choose one of the kept presenters, or describe one");
    return { portrait: kept.value, seed };
  }
  if (!photo) throw new Error("choose a photo first");
  if (!$("photo-agreed").checked) throw new Error("a photo speaks only with the consent of who is in it: tick the box");
  return { portrait: photo.id, seed };
}

// The picture of who is chosen, for the stage.
export function picture() {
  if (source() === "describe") return $("portrait").src;
  if (source() === "kept") return document.querySelector("[name=portrait]:checked + img")?.src ?? "";
  return photo ? $("photo-shown").src : "";
}

function choose() {
  for (const name of ["describe", "kept", "photo"]) show($(name), name === source());
  changed();
}

function idea(text) {
  $("prompt").value = text;
  draw();
}

function waiting() {
  $("portrait-figure").setAttribute("aria-busy", "true");
}

// As large as a preview is, so that the preview finds it drawn.
function drawn() {
  const [width, height] = shape();
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  return { width: Math.round((width * scale) / 2) * 2, height: Math.round((height * scale) / 2) * 2 };
}

async function draw() {
  if (source() !== "describe") return;
  drawing?.abort();
  const mine = (drawing = new AbortController());
  waiting();
  try {
    const body = { prompt: $("prompt").value, seed, ...drawn() };
    const answer = await ask("POST", "/portraits", { body, signal: mine.signal });
    const before = $("portrait").src;
    $("portrait").src = URL.createObjectURL(await answer.blob());
    URL.revokeObjectURL(before);
    $("portrait-about").textContent = `Drawn from the words and the number ${seed}.`;
    const notes = decodeURIComponent(answer.headers.get("X-Warnings") ?? "");
    $("prompt-about").textContent = notes ? sentence(notes) : "";
    changed();
  } catch (error) {
    if (error.name === "AbortError") return;
    $("portrait-about").textContent = sentence(`${error.message}. ${error.hint ?? ""}`);
  }
  if (mine === drawing) $("portrait-figure").setAttribute("aria-busy", "false");
}

async function keep() {
  const name = $("keep-name").value.trim();
  $("keep-name").setAttribute("aria-invalid", String(!name));
  if (!name) return $("keep-name").focus();
  const [width, height] = shape();
  try {
    await ask("POST", "/portraits", { body: { prompt: $("prompt").value, seed, name, width, height } });
    $("portrait-about").textContent = `Kept as “${name}”.`;
    await list();
  } catch (error) {
    $("portrait-about").textContent = sentence(`${error.message}. ${error.hint ?? ""}`);
  }
}

async function list() {
  const { portraits } = await get("/portraits");
  show($("kept-none"), portraits.length === 0);
  $("kept-list").replaceChildren(...(await Promise.all(portraits.map(person))));
}

async function person(name) {
  const image = make("img", { alt: "", loading: hasKey() ? "eager" : "lazy" });
  image.src = await addressOf(`/portraits/${encodeURIComponent(name)}`);
  const radio = make("input", { type: "radio", name: "portrait", value: name, onchange: () => changed() });
  return make("label", {}, radio, image, make("span", { text: name }));
}

async function bring() {
  const [file] = $("photo-file").files;
  photo = null;
  show($("photo-figure"), Boolean(file));
  if (!file) return changed();
  $("photo-shown").src = URL.createObjectURL(file);
  $("photo-about").textContent = "Looking for a face…";
  try {
    const { faces, warnings } = await upload("/portraits/detect", file);
    const [largest] = faces.toSorted((a, b) => b.width - a.width);
    if (!largest) throw Object.assign(new Error("no face is found in this photo"), { hint: "choose one that looks at the camera" });
    if (largest.refused) throw Object.assign(new Error(`this face cannot be made to speak: ${largest.refused}`), { hint: "choose another photo" });
    photo = await upload("/uploads", file);
    const doubts = [...warnings, ...(largest.doubts ?? [])];
    $("photo-about").textContent = sentence(["the face is found", ...doubts].join(". "));
  } catch (error) {
    $("photo-about").textContent = sentence(`${error.message}. ${error.hint ?? ""}`);
  }
  changed();
}
