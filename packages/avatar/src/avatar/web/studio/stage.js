// The video: a preview that plays while it is made, the making of the real one, and what it was made from.

import { $, busy, complain, make, sentence, show } from "./dom.js";
import { addressOf, ask, get, send } from "./api.js";
import { follow, play } from "./stream.js";

const STAGES = { voice: "Learning the voice", speech: "Speaking", alignment: "Listening", portrait: "Drawing", video: "Filming", delivery: "Signing" };
const SOURCES = { trainedAlgorithmicMedia: "made by algorithms that learnt from recordings or pictures",
  algorithmicMedia: "made by algorithms alone", compositeWithTrainedAlgorithmicMedia: "made by algorithms from somebody's photo or voice" };

let going = null; // aborts what the stage shows being done
let job = null;
let listed = () => {};

export function start(body, onJobs) {
  listed = onJobs;
  $("preview").addEventListener("click", () => attempt(() => preview(body())));
  $("make").addEventListener("click", () => attempt(() => submit(body())));
  $("stop").addEventListener("click", stop);
  $("check").addEventListener("click", () => busy($("check"), "Checking…", check));
}

export function still(address) {
  const idle = $("stage").dataset.state === "empty" || $("stage").dataset.state === "error";
  if (idle && address) { $("still").src = address; show($("still")); show($("video"), false); }
}

export function shaped([width, height]) {
  const name = width > height ? "wide" : width < height ? "tall" : "square";
  if ($("stage").dataset.state === "empty") document.querySelector(".screen").dataset.shape = name;
}

// Show a job of the list: its result, its end, or how far it is.
export async function open(id) {
  begin("work");
  const found = await get(`/jobs/${id}`);
  if (found.finished_at === null) return watch(id);
  await ended(found);
}

async function attempt(work) {
  try {
    await work();
  } catch (error) {
    if (error.name === "AbortError") return;
    state("error");
    complain($("problem"), error);
  }
}

function begin(name) {
  going?.abort();
  going = new AbortController();
  complain($("problem"));
  for (const id of ["result", "verdict", "work", "badge"]) show($(id), false);
  state(name);
  return going.signal;
}

function state(name) {
  $("stage").dataset.state = name;
  const working = name === "work" || name === "preview";
  show($("stop"), working);
  show($("work"), name === "work");
  $("stop").textContent = name === "preview" ? "Stop the preview" : "Cancel";
  for (const id of ["preview", "make"]) show($(id), name !== "work");
}

async function preview(body) {
  job = null;
  const signal = begin("preview");
  $("said").textContent = "The preview begins…";
  const answer = await ask("POST", "/videos/stream.mp4", { body, signal });
  const video = $("video");
  screen(answer.headers.get("X-Video"));
  show($("still"), false);
  show(video);
  video.muted = false;
  badge("Preview");
  $("said").textContent = "The preview plays while it is made.";
  const playing = play(video, answer, signal);
  video.play().catch(() => {}); // a browser that wants another press shows its own button
  notes(decodeURIComponent(answer.headers.get("X-Warnings") ?? "").split("; ").filter(Boolean));
  await playing;
  if (signal.aborted) return;
  state("previewed");
  $("said").textContent = "That was the preview: smaller, labelled and not signed. Make the video to keep it.";
}

async function submit(body) {
  begin("work");
  $("video").pause();
  $("said").textContent = "Sending…";
  $("progress").removeAttribute("value");
  const made = await send("/jobs", body, { headers: { "Idempotency-Key": crypto.randomUUID() } });
  remember(made.id, body.text);
  listed();
  await watch(made.id);
}

async function watch(id) {
  const signal = going.signal;
  job = id;
  waits();
  await follow(id, (event) => { if (!signal.aborted) told(event); }, signal);
  if (!signal.aborted) await ended(await get(`/jobs/${id}`));
}

function waits() {
  $("progress").removeAttribute("value");
  $("said").textContent = "Waiting for a worker…";
  badge("In the queue");
}

function told(event) {
  if (event.type === "retry") $("said").textContent = "Something went wrong; it is tried again…";
  if (event.type !== "progress") return;
  const share = Math.round(100 * event.fraction);
  $("progress").value = share;
  badge("In the making");
  $("said").textContent = `${STAGES[event.stage] ?? event.stage}… ${share} %`;
}

async function ended(found) {
  job = found.id;
  listed();
  badge("");
  if (found.state === "completed") return finished(found);
  state(found.state === "failed" ? "error" : "empty");
  if (found.state === "failed") complain($("problem"), found.error);
  $("said").textContent = found.state === "cancelled" ? "It was cancelled. You can go on with it from the list." : "";
}

async function finished(found) {
  const { result } = found;
  state("done");
  screen(`${result.width}x${result.height}`);
  const address = await addressOf(`/jobs/${found.id}/result`);
  $("video").src = address;
  show($("still"), false);
  show($("video"));
  $("download").href = address;
  $("download").download = `${named(found.id).replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 40) || "video"}.mp4`;
  $("said").textContent = `Done: ${clock(result.duration_s)}, ${result.width} × ${result.height}. ` +
    (result.provenance.signed ? "It is signed, and says that it is synthetic." : `It is not signed: ${result.provenance.why}.`);
  notes(result.warnings);
  facts(found);
  show($("result"));
}

async function check() {
  const verdict = $("verdict");
  try {
    const report = await get(`/jobs/${job}/provenance`);
    const source = report.source?.split("/").pop();
    const words = [`as it was signed by ${report.by}`, SOURCES[source] ?? source ?? "",
      report.consent ? `consent ${report.consent.slice(0, 16)}…` : "no consent was needed",
      report.trusted ? "the signer is on a list of trusted ones" : report.expired
        ? "the signer's certificate is not valid today" : "the signer named itself: it is on no list of trusted ones"];
    verdict.className = "verdict";
    verdict.replaceChildren(make("b", { text: "The file is intact. " }), sentence(words.filter(Boolean).join("; ")));
  } catch (error) {
    verdict.className = "problem";
    complain(verdict, error);
  }
  show(verdict);
}

async function stop() {
  const cancelled = $("stage").dataset.state === "work" && job;
  going?.abort();
  state("empty");
  badge("");
  $("said").textContent = "Stopped.";
  if (cancelled) await attempt(async () => { await ask("POST", `/jobs/${job}/cancel`); listed(); });
}

function facts({ result, queue, started_at: began, finished_at: end }) {
  const { voice, portrait, lipsync } = result;
  const rows = [
    ["Voice", voice ? `${voice.used} (asked for: ${voice.requested}), by ${voice.backend}` : "a recording"],
    ["Consent", voice?.consent ? voice.consent : "none was needed"],
    ["Presenter", `by ${portrait.backend}${portrait.prompt ? `: “${portrait.prompt}”` : portrait.name ? `: ${portrait.name}` : ""}, number ${portrait.seed}`],
    ["Lips", `${lipsync.backend}, in step with ${lipsync.timing === "phones" ? "the sounds as the voice made them" : lipsync.timing}`],
    ["Signed", result.provenance.signed ? `by ${result.provenance.by}` : `no: ${result.provenance.why}`],
    ["Picture", `${result.width} × ${result.height}, ${result.fps} a second`],
    ["Made", `in ${Math.max(1, Math.round(end - began))} s, by a worker of the queue “${queue}”`],
  ];
  $("facts").replaceChildren(...rows.flatMap(([name, text]) => [make("dt", { text: name }), make("dd", { text })]));
}

function notes(list) {
  $("warnings").replaceChildren(...list.map((text) => make("li", { text: sentence(text) })));
  if (list.length && $("stage").dataset.state === "preview") $("said").textContent += ` Note: ${list.join("; ")}.`;
}

function screen(size) {
  const [width, height] = String(size).match(/\d+/g).map(Number);
  document.querySelector(".screen").dataset.shape = width > height ? "wide" : width < height ? "tall" : "square";
}

function badge(words) {
  $("badge").textContent = words;
  show($("badge"), Boolean(words));
}

// Scripts are not in the list of jobs; this browser remembers how its own began.
function remember(id, text) {
  const all = JSON.parse(localStorage.getItem("avatar-titles") ?? "{}");
  const kept = Object.entries({ ...all, [id]: text.trim().slice(0, 80) }).slice(-200);
  localStorage.setItem("avatar-titles", JSON.stringify(Object.fromEntries(kept)));
}

export const named = (id) => JSON.parse(localStorage.getItem("avatar-titles") ?? "{}")[id] ?? "";
export const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
