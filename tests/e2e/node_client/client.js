// One whole small job with @grpc/grpc-js: two firms meet, one keeps a record and corrects it, reads how far it trusts the
// other and how that came to be, and understands a refusal. Prints what it saw as JSON.
// Usage: node client.js ADDRESS PROTO_DIRECTORY

"use strict";

const path = require("path");
const grpc = require("@grpc/grpc-js");
const protoLoader = require("@grpc/proto-loader");
const protobuf = require("protobufjs");

const [address, protos] = process.argv.slice(2);

function loadServices() {
  const files = ["partnership_service", "evidence_service", "trust_service"].map((name) => `trust/v1/${name}.proto`);
  const definition = protoLoader.loadSync(files, { includeDirs: [protos], keepCase: true, longs: Number, enums: String, defaults: true });
  return grpc.loadPackageDefinition(definition).trust.v1;
}

// The types that a refusal's details are made of.
function loadDetails() {
  const root = new protobuf.Root();
  root.resolvePath = (_, target) => (target.startsWith("google/protobuf/") ? target : path.join(protos, target));
  return root.loadSync(["google/rpc/status.proto", "google/rpc/error_details.proto"], { keepCase: true });
}

function decodeRefusal(error) {
  const types = loadDetails();
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  const refusal = { code: grpc.status[error.code], fields: [] };
  for (const detail of types.lookupType("google.rpc.Status").decode(bytes).details) {
    const name = detail.type_url.split("/").pop();
    const message = types.lookupType(name).decode(detail.value);
    if (name === "google.rpc.ErrorInfo") Object.assign(refusal, { reason: message.reason, domain: message.domain });
    if (name === "google.rpc.BadRequest") refusal.fields = message.field_violations.map((violation) => violation.field).sort();
  }
  return refusal;
}

function call(client, method, request) {
  const deadline = new Date(Date.now() + 30000);
  return new Promise((resolve, reject) => {
    client[method](request, { deadline }, (error, response) => (error ? reject(error) : resolve(response)));
  });
}

const partnership = "node-globex";
const timeOf = (day) => ({ seconds: Date.parse(`${day}T00:00:00Z`) / 1000, nanos: 0 });
const joint = (kind) => ({ actor: "*", affected: ["acme", "globex"], ...kind });

async function main() {
  const api = loadServices();
  const connect = (service) => new service(address, grpc.credentials.createInsecure());
  const [partnerships, evidence, trust] = [api.PartnershipService, api.EvidenceService, api.TrustService].map(connect);
  const seen = {};

  const created = await call(partnerships, "CreatePartnership", {
    partnership,
    partners: [{ organization: "acme" }, { organization: "globex" }],
    initial_contact_time: timeOf("2024-01-08"),
    recorder: "acme",
  });
  seen.created = created.revision;

  const told = [
    ["2024-01-22", joint({ materiality: "MATERIALITY_HIGH", credibility_assessed: {} })],
    ["2024-01-29", joint({ materiality: "MATERIALITY_HIGH", intentions_assessed: {} })],
    ["2024-02-12", joint({ shared_experience_held: {} })],
  ];
  for (const [day, what] of told) {
    const recorded = await call(evidence, "RecordEvidence", { partnership, recorder: "acme", occur_time: timeOf(day), evidence: what });
    seen.recorded = recorded.events[0].evidence.source;
  }

  const corrected = await call(evidence, "CorrectEvidence", {
    partnership,
    recorder: "acme",
    event: "5",
    replacement: joint({ materiality: "MATERIALITY_HIGH", shared_experience_held: {} }),
  });
  seen.corrected = [corrected.revision, corrected.events[0].evidence_corrected.event];

  const direction = { partnership, trustor: "acme", trustee: "globex", as_of_time: timeOf("2024-02-12"), min_position: corrected.log_position };
  const reading = await call(trust, "AssessTrust", direction);
  seen.stage = [reading.directions[0].stage, reading.directions[0].since_date];
  const timeline = await call(trust, "GetTrustTimeline", direction);
  seen.timeline = timeline.transitions.map((step) => [step.date, step.stage, step.cause]);

  try {
    await call(evidence, "RecordEvidence", { partnership, recorder: "", occur_time: timeOf("2024-03-01"), evidence: { actor: "Globex Inc.", affected: ["acme"] } });
  } catch (error) {
    seen.refusal = decodeRefusal(error);
  }
  console.log(JSON.stringify(seen));
  for (const client of [partnerships, evidence, trust]) client.close();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
