// Clients that others wrote, unchanged, against a server that really listens: its address is in AHN_SERVER, its model is the demo model.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import Anthropic from "@anthropic-ai/sdk";
import { ChatOpenAI } from "@langchain/openai";
import { generateObject, generateText, streamText, tool } from "ai";
import { Ollama } from "ollama";
import OpenAI, { toFile } from "openai";
import { z } from "zod";

const server = process.env.AHN_SERVER, model = "ahn-demo-q8_0";
const story = "The wind rose, and", weather = "How is the weather in Whitby?";
const place = { type: "object", properties: { place: { type: "string", enum: ["Whitby", "London"] } }, required: ["place"] };
const ship = { type: "object", properties: { masts: { type: "integer", minimum: 1, maximum: 5 } }, required: ["masts"], additionalProperties: false };

async function text(stream, of) {
  let all = "", pieces = 0;
  for await (const piece of stream) { const more = of(piece) ?? ""; all += more; if (more) pieces++; }
  assert.ok(pieces > 3, `${pieces} pieces`);
  return all;
}

describe("openai", () => {
  const client = new OpenAI({ baseURL: `${server}/v1`, apiKey: "none", maxRetries: 0 });
  const ask = { model, messages: [{ role: "user", content: story }], max_tokens: 24, temperature: 0 };

  it("chat", async () => assert.ok((await client.chat.completions.create(ask)).choices[0].message.content));
  it("streaming", async () => {
    const whole = (await client.chat.completions.create(ask)).choices[0].message.content;
    assert.equal(await text(await client.chat.completions.create({ ...ask, stream: true }), chunk => chunk.choices[0]?.delta.content), whole);
  });
  it("tools", async () => {
    const called = [];
    const run = client.chat.completions.runTools({
      ...ask, messages: [{ role: "user", content: weather }], max_tokens: 64, tool_choice: { type: "function", function: { name: "weather" } },
      tools: [{ type: "function", function: { name: "weather", parameters: place, parse: JSON.parse, function: given => { called.push(given.place); return "storm"; } } }],
    }, { maxChatCompletions: 1 });
    await run.done().catch(() => {});
    assert.ok(["Whitby", "London"].includes(called[0]), called[0]);
  });
  it("schema", async () => {
    const answer = await client.chat.completions.create({ ...ask, response_format: { type: "json_schema", json_schema: { name: "ship", strict: true, schema: ship } } });
    const masts = JSON.parse(answer.choices[0].message.content).masts;
    assert.ok(masts >= 1 && masts <= 5, `${masts}`);
  });
  it("embeddings", async () => assert.equal((await client.embeddings.create({ model, input: ["sea", "ship"] })).data.length, 2));
  it("responses", async () => {
    const first = await client.responses.create({ model, input: story, max_output_tokens: 16 });
    assert.ok(first.output_text);
    const next = await client.responses.create({ model, input: "And?", previous_response_id: first.id, max_output_tokens: 16, stream: true });
    assert.ok(await text(next, event => event.type === "response.output_text.delta" ? event.delta : ""));
  });
  it("documents", async () => {
    const file = await client.files.create({ file: await toFile(Buffer.from("The code of Rome is 1893.\n"), "rome.txt"), purpose: "user_data" });
    const answer = await client.responses.create({ model, temperature: 0, max_output_tokens: 16, input: [{ role: "user", content: [
      { type: "input_file", file_id: file.id }, { type: "input_text", text: "What is the code of Rome?" }] }] });
    assert.match(answer.output_text, /1893/);
    await client.files.delete(file.id);
  });
});

describe("@anthropic-ai/sdk", () => {
  const client = new Anthropic({ baseURL: server, apiKey: "none", maxRetries: 0 });
  const ask = { model, messages: [{ role: "user", content: story }], max_tokens: 24, temperature: 0 };

  it("chat", async () => assert.ok((await client.messages.create(ask)).content[0].text));
  it("streaming", async () => {
    const whole = (await client.messages.create(ask)).content[0].text;
    assert.equal(await text(client.messages.stream(ask), event => event.type === "content_block_delta" ? event.delta.text : ""), whole);
  });
  it("tools", async () => {
    const answer = await client.messages.create({ ...ask, messages: [{ role: "user", content: weather }], max_tokens: 64,
      tools: [{ name: "weather", input_schema: place }], tool_choice: { type: "any", disable_parallel_tool_use: true } });
    const call = answer.content.find(part => part.type === "tool_use");
    assert.ok(["Whitby", "London"].includes(call.input.place));
    const next = await client.messages.create({ ...ask, messages: [{ role: "user", content: weather }, { role: "assistant", content: answer.content },
      { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: "storm" }] }] });
    assert.ok(next.content[0].text);
  });
  it("documents", async () => {
    const answer = await client.messages.create({ ...ask, messages: [{ role: "user", content: [
      { type: "document", title: "Rome", source: { type: "text", media_type: "text/plain", data: "The code of Rome is 1893." } },
      { type: "text", text: "What is the code of Rome?" }] }] });
    assert.match(answer.content[0].text, /1893/);
  });
  it("count of tokens", async () => assert.ok((await client.messages.countTokens({ model, messages: ask.messages })).input_tokens > 5));
});

describe("ollama", () => {
  const client = new Ollama({ host: server });
  const ask = { model, messages: [{ role: "user", content: story }], options: { num_predict: 24, temperature: 0 } };

  it("chat", async () => assert.ok((await client.chat(ask)).message.content));
  it("streaming", async () => {
    const whole = (await client.chat(ask)).message.content;
    assert.equal(await text(await client.chat({ ...ask, stream: true }), part => part.message.content), whole);
  });
  it("tools", async () => assert.ok((await client.chat({ ...ask, tools: [{ type: "function", function: { name: "weather", description: "", parameters: place } }] })).message));
  it("schema", async () => {
    const masts = JSON.parse((await client.chat({ ...ask, format: ship })).message.content).masts;
    assert.ok(masts >= 1 && masts <= 5, `${masts}`);
  });
  it("embeddings", async () => assert.equal((await client.embed({ model, input: ["sea", "ship"] })).embeddings.length, 2));
  it("models", async () => assert.ok((await client.list()).models.some(one => one.name === model)));
});

describe("ai with @ai-sdk/openai-compatible", () => {
  const provider = createOpenAICompatible({ name: "ahn", baseURL: `${server}/v1`, supportsStructuredOutputs: true });
  const ask = { model: provider(model), prompt: story, maxOutputTokens: 24, temperature: 0, maxRetries: 0 };

  it("chat", async () => assert.ok((await generateText(ask)).text));
  it("streaming", async () => {
    const whole = (await generateText(ask)).text;
    assert.equal(await text(streamText(ask).textStream, piece => piece), whole);
  });
  it("tools", async () => {
    const called = [];
    await generateText({ ...ask, prompt: weather, maxOutputTokens: 64, toolChoice: { type: "tool", toolName: "weather" }, tools: { weather: tool({ description: "Of a place.",
      inputSchema: z.object({ place: z.enum(["Whitby", "London"]) }), execute: async given => { called.push(given.place); return "storm"; } }) } });
    assert.ok(["Whitby", "London"].includes(called[0]), called[0]);
  });
  it("schema", async () => {
    const { object } = await generateObject({ ...ask, schema: z.object({ masts: z.number().int().min(1).max(5) }) });
    assert.ok(object.masts >= 1 && object.masts <= 5);
  });
});

describe("@langchain/openai", () => {
  const chat = new ChatOpenAI({ model, temperature: 0, maxTokens: 64, maxRetries: 0, apiKey: "none", configuration: { baseURL: `${server}/v1` } });

  it("chat", async () => assert.ok((await chat.invoke(story)).content));
  it("streaming", async () => assert.ok(await text(await chat.stream(story), piece => piece.content)));
  it("tools", async () => {
    const bound = chat.bindTools([{ type: "function", function: { name: "weather", parameters: place } }], { tool_choice: "weather" });
    assert.ok(["Whitby", "London"].includes((await bound.invoke(weather)).tool_calls[0].args.place));
  });
  it("schema", async () => {
    const { masts } = await chat.withStructuredOutput(ship, { name: "ship", method: "jsonSchema" }).invoke("A ship.");
    assert.ok(masts >= 1 && masts <= 5);
  });
});
