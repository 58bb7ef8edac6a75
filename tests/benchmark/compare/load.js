'use strict';

// Drives one peer in closed loops: as many appends in flight as a round asks for, a new one when one ends.

const readline = require('node:readline');

const STREAMS = 10000;
const EVENT_BYTES = 200;

// As JSON as long as EVENT_BYTES.
const data = { type: 'Recorded', note: '' };
data.note = 'x'.repeat(EVENT_BYTES - JSON.stringify(data).length);

// A loop has streams of its own, so that no two calls wait for one stream.
function streamOf(loop, loops) {
  return `partnership-${loop + loops * Math.floor(Math.random() * Math.floor(STREAMS / loops))}`;
}

// Calls that end while the round lasts are those that count.
async function run(append, asked) {
  const begin = performance.now() + asked.warm_up_ms;
  const end = begin + asked.round_ms;
  const latencies = [];
  let calls = 0;
  const loop = async (number) => {
    while (performance.now() < end) {
      const sent = performance.now();
      await append(() => streamOf(number, asked.in_flight), asked.events_per_call);
      calls += 1;
      const done = performance.now();
      if (done >= begin && done <= end) latencies.push((done - sent) * 1000);
    }
  };
  await Promise.all(Array.from({ length: asked.in_flight }, (_, number) => loop(number)));
  if (latencies.length === 0) throw new Error(`no call ended in ${asked.round_ms} ms`);
  const sorted = Float64Array.from(latencies).sort();
  const at = (share) => sorted[Math.floor(share * (sorted.length - 1))];
  return {
    calls: sorted.length,
    seconds: asked.round_ms / 1000,
    events_stored: calls * asked.events_per_call,
    p50: at(0.5),
    p99: at(0.99),
    'p99.9': at(0.999),
  };
}

// Runs one round for each line of standard input and prints what it saw as a line of JSON, until the input ends.
// append(stream, count) makes count events durable before it returns, in one transaction; stream() is the name of a stream.
async function answer(append) {
  console.log(JSON.stringify({ ready: true }));
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await run(append, JSON.parse(line))));
  }
}

module.exports = { answer, data };
