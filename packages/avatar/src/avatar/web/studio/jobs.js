// The list of videos: open, cancel, go on, delete.

import { $, make, show, sure } from "./dom.js";
import { addressOf, ask, get } from "./api.js";
import { named, open } from "./stage.js";

const WORDS = { pending: "Waiting", running: "In the making", completed: "Done", failed: "Failed", cancelled: "Cancelled" };
const PAGE = 10;
const posters = new Map();

let shown = PAGE;
let timer;

export async function start() {
  $("more").addEventListener("click", () => { shown += PAGE; list(); });
  const jobs = await list();
  const unfinished = jobs.find((job) => job.finished_at === null);
  if (unfinished) await open(unfinished.id);
}

export async function list() {
  clearTimeout(timer);
  const { jobs } = await get(`/jobs?limit=${shown + 1}`);
  show($("more"), jobs.length > shown);
  show($("job-none"), jobs.length === 0);
  const rows = await Promise.all(jobs.slice(0, shown).map(row));
  const focused = document.activeElement?.dataset?.for; // keeps its place while the list is written anew
  $("job-list").replaceChildren(...rows);
  if (focused) document.querySelector(`[data-for="${focused}"]`)?.focus();
  if (jobs.some((job) => job.finished_at === null)) timer = setTimeout(list, 2000);
  return jobs;
}

async function row(job) {
  const when = new Date(job.created_at * 1000);
  const name = named(job.id) || (job.kind === "lipsync" ? "A recording" : "A video");
  const share = job.state === "running" && job.stage ? ` ${Math.round(100 * job.progress)} %` : "";
  const about = make("div", {},
    make("span", { className: "name", text: name, title: name }),
    make("span", { className: "quiet" },
      make("span", { className: "state", text: WORDS[job.state] + share, "data-state": job.state }),
      ` · ${when.toLocaleString([], { dateStyle: "medium", timeStyle: "short" })}`));
  return make("li", { id: job.id }, await thumb(job), about, make("div", { className: "do" }, ...buttons(job, name)));
}

async function thumb(job) {
  const image = make("img", { className: "thumb", alt: "", loading: "lazy" });
  if (job.state === "completed") {
    if (!posters.has(job.id)) posters.set(job.id, await addressOf(`/jobs/${job.id}/poster`));
    image.src = posters.get(job.id);
    return image;
  }
  return make("span", { className: "thumb" });
}

function buttons(job, name) {
  const button = (text, does, more = "") =>
    make("button", { type: "button", text, className: more, "aria-label": `${text}: ${name}`, "data-for": `${text} ${job.id}`, onclick: does });
  const look = button(job.state === "failed" ? "Why" : "Open", () => shownAt(job.id));
  if (job.finished_at === null) return [look, button("Cancel", () => change("POST", `/jobs/${job.id}/cancel`))];
  const remove = button("Delete", () => gone(job.id, name), "plain danger");
  if (job.state === "completed") return [look, remove];
  const resume = button("Go on", async () => { await change("POST", `/jobs/${job.id}/resume`); shownAt(job.id); });
  return job.state === "failed" ? [look, resume, remove] : [resume, remove];
}

async function shownAt(id) {
  $("stage").scrollIntoView({ block: "start" });
  $("stage").focus({ preventScroll: true });
  await open(id);
}

async function change(method, path) {
  await ask(method, path);
  await list();
}

async function gone(id, name) {
  if (!(await sure("Delete this video?", `“${name}” and its file are removed for good.`, "Delete"))) return;
  await change("DELETE", `/jobs/${id}`);
}
