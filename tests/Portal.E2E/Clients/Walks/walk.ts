// The main job, as a TypeScript program of a customer does it with the types that were generated from /openapi/v1.json.
// Prints the URL of the gateway that it made.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { argv: string[]; env: Record<string, string> };

type Operation = components["schemas"]["OperationView"];
const [, , baseUrl, name] = process.argv as [string, string, string, string];
const as = (token: string) => createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });
const lead = as(process.env["LEAD_TOKEN"]!);
const admin = as(process.env["ADMIN_TOKEN"]!);

function must<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

// Server-sent events until the one called end; answers with its operation.
async function ended(id: string): Promise<Operation> {
  const { response } = await lead.GET("/api/v1/operations/{id}/events", { params: { path: { id } }, parseAs: "stream" });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`the events stopped without an end: ${text.slice(-500)}`);
    text += value;
    const end = /event: end\ndata: (.*)\n\n/.exec(text);
    if (end) {
      if (!text.includes("event: progress") || !text.includes("event: log")) throw new Error("no progress or no log came");
      return JSON.parse(end[1]!) as Operation;
    }
  }
}

const request = must(await lead.POST("/api/v1/requests", {
  params: { header: { "Idempotency-Key": name } },
  body: {
    kind: "create", team: "payments", name, cluster: "sandbox", profile: "dev",
    spec: { edition: "oss", settings: { LOG_LEVEL: "info" }, network: { exposure: "internal" } },
  },
}));
const preview = must(await admin.GET("/api/v1/requests/{id}/preview", { params: { path: { id: request.id } } }));
if (!preview.manifest.includes("kind: Deployment")) throw new Error("the preview shows no Deployment");

const own = await lead.POST("/api/v1/requests/{id}/approve", { params: { path: { id: request.id } }, body: { digest: request.digest } });
if (own.error?.status !== 403) throw new Error("who asked could approve");

const approved = must(await admin.POST("/api/v1/requests/{id}/approve", {
  params: { path: { id: request.id } }, body: { digest: request.digest, reason: "by a generated client" },
}));
const operation = await ended(approved.operationId!);
if (operation.state !== "succeeded") throw new Error(`the operation is ${operation.state}: ${operation.errorMessage}`);

const found = must(await lead.GET("/api/v1/environments", { params: { query: { team: "payments", name, limit: 1 } } }));
const environment = must(await lead.GET("/api/v1/environments/{id}", { params: { path: { id: found.items[0]!.id } } }));
console.log(environment.endpoint);
