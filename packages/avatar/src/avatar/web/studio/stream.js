// Play an mp4 while it arrives, and follow a job's events: both by fetch, which can send a key and be aborted.

import { ask } from "./api.js";

const FORM = 'video/mp4; codecs="avc1.640028, mp4a.40.2"';

// Resolves when all of it has arrived. Where media cannot be fed piece by piece it plays then.
export async function play(video, answer, signal) {
  const Source = window.ManagedMediaSource ?? window.MediaSource;
  if (!Source?.isTypeSupported(FORM)) {
    video.src = URL.createObjectURL(await answer.blob());
    return;
  }
  const source = new Source();
  video.disableRemotePlayback = true; // else a managed source never opens
  video.src = URL.createObjectURL(source);
  await once(source, "sourceopen");
  const buffer = source.addSourceBuffer(FORM);
  const reader = answer.body.getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      buffer.appendBuffer(piece.value);
      await once(buffer, "updateend");
      if (signal.aborted) break;
    }
  } finally {
    reader.cancel().catch(() => {});
    if (source.readyState === "open" && !buffer.updating) source.endOfStream();
  }
}

const once = (target, name) => new Promise((done) => target.addEventListener(name, done, { once: true }));

// Calls `told` with each event of a job until it has ended; takes up the thread where a connection broke.
export async function follow(job, told, signal) {
  for (let last = 0, ended = false; !ended; ) {
    const headers = last ? { "Last-Event-ID": String(last) } : {};
    const answer = await ask("GET", `/jobs/${job}/events`, { headers, signal });
    if (answer.status === 204) return;
    for await (const event of events(answer.body)) {
      last = event.id;
      ended = event.type === "state";
      told(event);
    }
    if (!ended) await new Promise((done) => setTimeout(done, 500));
  }
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read().catch(() => ({ done: true }));
    if (done) return;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const lines = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s)));
      if (lines.data) yield { id: Number(lines.id), type: lines.event, ...JSON.parse(lines.data) };
    }
  }
}
