using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using AhnSharp.Generation;
using AhnSharp.Server.Answers;

namespace AhnSharp.Server.OpenAI;

/// <summary>The answer of <c>/v1/chat/completions</c>, as a whole and in pieces.</summary>
internal sealed class ChatJson(AnswerRun run, AnswerRequest request)
{
    private readonly string _id = OpenAIJson.NewId("chatcmpl-");
    private readonly bool[] _begun = new bool[request.Count];

    public void WriteWhole(Utf8JsonWriter json, IReadOnlyList<WholeAnswer> answers)
    {
        json.WriteStartObject();
        WriteHead(json, "chat.completion");
        json.WriteStartArray("choices");
        for (int i = 0; i < answers.Count; i++)
        {
            WholeAnswer answer = answers[i];
            json.WriteStartObject();
            json.WriteNumber("index", i);
            json.WriteStartObject("message");
            json.WriteString("role", "assistant");
            (string Name, string Arguments)[] calls = [.. answer.Calls];
            if (calls.Length > 0 && answer.Text.Length == 0) json.WriteNull("content");
            else json.WriteString("content", answer.Text);
            if (answer.Thoughts.Length > 0) json.WriteString("reasoning_content", answer.Thoughts);
            json.WriteNull("refusal");
            if (calls.Length > 0)
            {
                json.WriteStartArray("tool_calls");
                for (int call = 0; call < calls.Length; call++)
                {
                    json.WriteStartObject();
                    WriteCall(json, i, call, calls[call].Name, calls[call].Arguments);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            }
            OpenAIJson.WriteSources(json, answer.End.Sources);
            json.WriteEndObject();
            if (request.Generation.TopLogProbabilities is null) json.WriteNull("logprobs");
            else OpenAIJson.WriteProbabilities(json, answer.Tokens, run.Tokenizer);
            json.WriteString("finish_reason", OpenAIJson.WordOf(answer.End.Reason));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        OpenAIJson.WriteUsage(json, [.. answers.Select(static answer => answer.End)]);
        OpenAIJson.WriteTimings(json, answers[0].End.Took);
        json.WriteEndObject();
    }

    /// <summary>The chunks that tell the next of an answer; none where it says nothing.</summary>
    public IEnumerable<byte[]> Chunks(AnswerEvent next)
    {
        if (!_begun[next.Index])
        {
            _begun[next.Index] = true;
            yield return Chunk(next.Index, static json =>
            {
                json.WriteString("role", "assistant");
                json.WriteString("content", "");
            });
        }
        bool hasTokens = next.Tokens.Count > 0;
        foreach (AnswerPart part in next.Parts)
        {
            IReadOnlyList<GeneratedToken> tokens = hasTokens ? next.Tokens : [];
            hasTokens = false;
            if (part.Kind == AnswerPartKind.CallEnds && tokens.Count == 0) continue;
            yield return Chunk(next.Index, json => WriteDelta(json, next.Index, part), tokens);
        }
        if (hasTokens) yield return Chunk(next.Index, static _ => { }, next.Tokens);
        if (next.End is { } end) yield return Chunk(next.Index, json => OpenAIJson.WriteSources(json, end.Sources), [], end);
    }

    /// <summary>The chunk behind the last one.</summary>
    public void WriteUsage(Utf8JsonWriter json, IReadOnlyCollection<AnswerEnd> ends)
    {
        json.WriteStartObject();
        WriteHead(json, "chat.completion.chunk");
        json.WriteStartArray("choices");
        json.WriteEndArray();
        OpenAIJson.WriteUsage(json, ends);
        json.WriteEndObject();
    }

    private byte[] Chunk(
        int index, System.Action<Utf8JsonWriter> writeDelta, IReadOnlyList<GeneratedToken>? tokens = null, AnswerEnd? end = null) =>
            Http.JsonReply.BytesOf(json =>
            {
                json.WriteStartObject();
                WriteHead(json, "chat.completion.chunk");
                json.WriteStartArray("choices");
                json.WriteStartObject();
                json.WriteNumber("index", index);
                json.WriteStartObject("delta");
                writeDelta(json);
                json.WriteEndObject();
                if (tokens is { Count: > 0 }) OpenAIJson.WriteProbabilities(json, tokens, run.Tokenizer);
                else json.WriteNull("logprobs");
                if (end is null) json.WriteNull("finish_reason");
                else json.WriteString("finish_reason", OpenAIJson.WordOf(end.Reason));
                json.WriteEndObject();
                json.WriteEndArray();
                if (end is not null) OpenAIJson.WriteTimings(json, end.Took);
                json.WriteEndObject();
            });

    private void WriteDelta(Utf8JsonWriter json, int index, AnswerPart part)
    {
        switch (part.Kind)
        {
            case AnswerPartKind.Text or AnswerPartKind.CallBreaks:
                json.WriteString("content", part.Text);
                break;
            case AnswerPartKind.Thought:
                json.WriteString("reasoning_content", part.Text);
                break;
            case AnswerPartKind.CallBegins:
                WriteCalls(() => WriteCall(json, index, part.Call, part.Text, "", withIndex: true));
                break;
            case AnswerPartKind.CallArguments:
                WriteCalls(() =>
                {
                    json.WriteNumber("index", part.Call);
                    json.WriteStartObject("function");
                    json.WriteString("arguments", part.Text);
                    json.WriteEndObject();
                });
                break;
        }

        void WriteCalls(System.Action write)
        {
            json.WriteStartArray("tool_calls");
            json.WriteStartObject();
            write();
            json.WriteEndObject();
            json.WriteEndArray();
        }
    }

    private void WriteCall(Utf8JsonWriter json, int index, int call, string name, string arguments, bool withIndex = false)
    {
        if (withIndex) json.WriteNumber("index", call);
        json.WriteString("id", OpenAIJson.CallId(_id, index, call));
        json.WriteString("type", "function");
        json.WriteStartObject("function");
        json.WriteString("name", name);
        json.WriteString("arguments", arguments);
        json.WriteEndObject();
    }

    private void WriteHead(Utf8JsonWriter json, string kind)
    {
        json.WriteString("id", _id);
        json.WriteString("object", kind);
        json.WriteNumber("created", run.Created);
        json.WriteString("model", run.ModelId);
        json.WriteString("system_fingerprint", ServerVersion.Fingerprint);
    }
}
