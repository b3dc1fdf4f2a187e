// Writes docs/clients.md from what the tests printed: node table.mjs REPORT-OF-NODE REPORT-OF-DOTNET PACKAGES.PROPS
import { readFileSync, writeFileSync } from "node:fs";

const [report, dotnet, props] = process.argv.slice(2, 5).map(path => readFileSync(path, "utf8"));
const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
const rows = new Map(), things = [];

function passed(client, thing) {
  if (!rows.has(client)) rows.set(client, new Set());
  if (!things.includes(thing)) things.push(thing);
  rows.get(client).add(thing);
}

let client = "";
for (const line of report.split("\n")) {
  const begins = line.match(/^▶ (.+)$/), ends = line.match(/^ {2}✔ (.+) \(/);
  if (begins) client = begins[1] === "page" ? "" : begins[1];
  else if (ends && client) passed(client, ends[1]);
}
const names = { A_question: "chat", A_stream: "streaming", A_function: "tools", A_schema: "schema" };
for (const [, test, who] of dotnet.matchAll(/^\s*Passed \S+ClientTests\.(\w+)\(name: "(\w+)"\)/gm)) {
  const thing = Object.entries(names).find(([begin]) => test.startsWith(begin))?.[1];
  if (thing) passed(`${who} (.NET)`, thing);
}
const others = { Embeddings_come: ["OpenAI (.NET)", "embeddings"], Ollama_lists: ["OllamaSharp (.NET)", "models"], OpenAIs_client_lists: ["OpenAI (.NET)", "models"],
  Semantic_Kernel: ["Semantic Kernel, OpenAI's connector (.NET)", "chat"], OpenAIs_client_streams: ["OpenAI (.NET)", "responses"] };
for (const [, test] of dotnet.matchAll(/^\s*Passed \S+\.(\w+) \[/gm)) {
  const other = Object.entries(others).find(([begin]) => test.startsWith(begin))?.[1];
  if (other) passed(...other);
}
const version = name => [...Object.entries(dependencies).filter(([one]) => name.split(" with ").includes(one)).map(([, v]) => v),
  ...[...props.matchAll(/Include="([^"]+)" Version="([^"]+)"/g)].filter(([, one]) => `${one} (.NET)` === name
    || (one === "Microsoft.SemanticKernel.Connectors.OpenAI" && name.startsWith("Semantic"))).map(([, , v]) => v)].join(", ");
const order = ["chat", "streaming", "tools", "schema", "embeddings", "responses", "documents", "models", "count of tokens"].filter(thing => things.includes(thing));
const line = cells => `| ${cells.join(" | ")} |`;
writeFileSync("../../docs/clients.md", `# Clients

Programs that others wrote, unchanged, against \`ahn serve\` with the demo model. \`tests/clients/run
--write\` makes this table out of what passed; \`.ci/run\` and \`dotnet test\` run the same tests. Where
nothing stands, the client or its interface has no such thing, or it was not tried.

${[line(["client", "version", ...order]), line(["---", "---", ...order.map(() => "---")]), ...[...rows].map(([name, done]) =>
  line([name, version(name), ...order.map(thing => done.has(thing) ? "yes" : "")]))].join("\n")}

The demo model was never trained to call functions: where a client can demand a call, it does.
Ollama's interface cannot, so there \`tools\` says that the request is understood.
`);
