// A client of trustd in Node that loses nothing: node client.js ADDRESS PARTNERSHIP [PROTO_DIRECTORY]
//
// Two firms meet; one keeps a record and corrects it, reads what it has written, follows the history, and understands a refusal. The
// connection may break, and the server restart, at any moment. Needs what package.json names (npm ci); reads the protos as they are.

"use strict";

const { randomUUID } = require("crypto");
const path = require("path");
const { setTimeout: sleep } = require("timers/promises");
const grpc = require("@grpc/grpc-js");
const protoLoader = require("@grpc/proto-loader");
const protobuf = require("protobufjs");

const [address, partnership, protos = path.join(__dirname, "../../../../proto")] = process.argv.slice(2);
const ATTEMPTS_MAX = 10;
const ATTEMPT_MS = 2000;
const PAUSE_MS_MIN = 100;
const PAUSE_MS_MAX = 5000;

function loadServices() {
  const files = ["partnership", "evidence", "trust", "history"].map((name) => `trust/v1/${name}_service.proto`);
  const options = { includeDirs: [protos], keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true };
  return grpc.loadPackageDefinition(protoLoader.loadSync(files, options)).trust.v1;
}

// The kinds of details that come with errors.
function loadDetails() {
  const root = new protobuf.Root();
  root.resolvePath = (_, target) => (target.startsWith("google/protobuf/") ? target : path.join(protos, target));
  return root.loadSync(["google/rpc/status.proto", "google/rpc/error_details.proto"], { keepCase: true });
}
const detailTypes = loadDetails();

// The details of an error, by the name of their kind; none when gRPC made it, or the connection broke.
function detailsOf(error) {
  const [wire] = error.metadata ? error.metadata.get("grpc-status-details-bin") : [];
  const found = {};
  if (!wire) return found;
  for (const detail of detailTypes.lookupType("google.rpc.Status").decode(wire).details) {
    const name = detail.type_url.split("/").pop();
    found[name.split(".").pop()] = detailTypes.lookupType(name).decode(detail.value);
  }
  return found;
}

// Waits longer each time, a random while so that clients do not come back all at once, and no less than the server asks for.
async function pause(attempt, error) {
  const longest = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** attempt);
  const delay = detailsOf(error).RetryInfo?.retry_delay;
  const asked = delay ? Number(delay.seconds) * 1000 + delay.nanos / 1e6 : 0;
  await sleep(asked + Math.random() * longest);
}

// Whether a repetition may help. Without RetryInfo, RESOURCE_EXHAUSTED says that the message is too large.
function passes(error) {
  if (error.code === grpc.status.RESOURCE_EXHAUSTED) return "RetryInfo" in detailsOf(error);
  // The command may have been stored, unless the server itself refused it: only the same request_id makes it safe to ask again.
  return [grpc.status.UNAVAILABLE, grpc.status.DEADLINE_EXCEEDED, grpc.status.UNKNOWN, grpc.status.CANCELLED].includes(error.code);
}

function call(client, method, request) {
  return new Promise((resolve, reject) => {
    const deadline = Date.now() + ATTEMPT_MS;
    client[method](request, { deadline }, (error, response) => (error ? reject(error) : resolve(response)));
  });
}

// Calls until there is an answer, or one that no repetition mends. For what is safe to repeat: a question, or a command with a
// request_id.
async function repeat(client, method, request) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await call(client, method, request);
    } catch (error) {
      if (!passes(error) || attempt + 1 === ATTEMPTS_MAX) throw error;
      await pause(attempt, error);
    }
  }
}

// Gives a command until it is known what became of it. It takes effect once, however often it is sent.
const command = (client, method, content) => repeat(client, method, { request_id: randomUUID(), ...content });

// Every event of a partnership, once and in order, for ever. Who may end itself keeps the position with what it makes of the events.
async function* follow(client) {
  let position = "";
  for (let attempt = 0; ; attempt++) {
    const stream = client.WatchEvents({ partnership, after_position: position });
    try {
      for await (const message of stream) {
        attempt = 0;
        yield* message.events?.events ?? [];
        position = message.resume_position;
      }
    } catch (error) {
      if (!passes(error) || attempt === ATTEMPTS_MAX) throw error;
      await pause(attempt, error);
    } finally {
      stream.on("error", () => {}); // That it was cancelled.
      stream.cancel();
    }
  }
}

const timeOf = (day) => ({ seconds: Date.parse(`${day}T00:00:00Z`) / 1000, nanos: 0 });
// What both firms did together.
const joint = (what) => ({ actor: "*", affected: ["acme", "globex"], ...what });

async function main() {
  const api = loadServices();
  // A dead connection says nothing; pings find that out.
  const options = { "grpc.keepalive_time_ms": 30000 };
  const connect = (service) => new service(address, grpc.credentials.createInsecure(), options);
  const [partnerships, evidence, trust, history] =
    [api.PartnershipService, api.EvidenceService, api.TrustService, api.HistoryService].map(connect);

  const created = await command(partnerships, "CreatePartnership", {
    partnership,
    partners: [{ organization: "acme" }, { organization: "globex" }],
    initial_contact_time: timeOf("2024-01-08"),
    recorder: "acme",
  });
  console.log("created", created.revision);

  let recorded;
  for (const [day, what] of [
    ["2024-01-22", joint({ materiality: "MATERIALITY_HIGH", credibility_assessed: {} })],
    ["2024-01-29", joint({ materiality: "MATERIALITY_HIGH", intentions_assessed: {} })],
    ["2024-02-12", joint({ shared_experience_held: {} })],
  ]) {
    recorded = await command(evidence, "RecordEvidence", { partnership, recorder: "acme", occur_time: timeOf(day), evidence: what });
    console.log("recorded", recorded.revision, recorded.events[0].evidence.source);
  }

  const corrected = await command(evidence, "CorrectEvidence", {
    partnership,
    recorder: "acme",
    event: String(recorded.revision),
    replacement: joint({ materiality: "MATERIALITY_HIGH", shared_experience_held: {} }),
  });
  console.log("corrected", corrected.revision, corrected.events[0].evidence_corrected.event);

  // With min_position the answer includes what was written there.
  const direction = {
    partnership, trustor: "acme", trustee: "globex", as_of_time: timeOf("2024-02-12"), min_position: corrected.log_position,
  };
  const reading = await repeat(trust, "AssessTrust", direction);
  console.log("stage", reading.directions[0].stage, reading.directions[0].since_date);
  const timeline = await repeat(trust, "GetTrustTimeline", direction);
  for (const step of timeline.transitions) console.log("change", step.date, step.stage, step.cause);

  for await (const event of follow(history)) {
    console.log("event", event.revision, event.body);
    if (event.revision === corrected.revision) break;
  }

  try {
    await command(evidence, "RecordEvidence", {
      partnership, occur_time: timeOf("2024-03-01"), evidence: { actor: "Globex Inc.", affected: ["acme"] },
    });
  } catch (error) {
    const { ErrorInfo, BadRequest } = detailsOf(error);
    const fields = BadRequest.field_violations.map((violation) => violation.field).sort();
    console.log("refused", ErrorInfo.domain, ErrorInfo.reason, ...fields);
  }
  for (const client of [partnerships, evidence, trust, history]) client.close();
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
