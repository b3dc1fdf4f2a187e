using System.Linq;
using System.Text.Json;
using AhnSharp.Gguf;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Commands;

/// <summary>The report of <c>ahn inspect --json</c>.</summary>
internal static class InspectJson
{
    private const int UnusedType = 5;

    public static void Write(Utf8JsonWriter json, InspectReport report)
    {
        json.WriteString("path", report.Path);
        if (report.AdapterPath is not null) json.WriteString("ahn_path", report.AdapterPath);
        json.WriteString("form", report.Form);
        json.WriteNumber("version", report.Version);
        json.WriteString("architecture", report.Architecture);
        if (report.Name is not null) json.WriteString("name", report.Name);
        json.WriteNumber("bytes", report.Bytes);
        json.WriteNumber("parts", report.Parts);
        json.WriteNumber("tensors", report.Tensors);
        if (report.Weights is { } weights)
        {
            json.WriteStartArray("broken_weights");
            foreach (string problem in weights.Problems) json.WriteStringValue(problem);
            json.WriteEndArray();
        }
        json.WriteNumber("base_parameters", report.BaseParameters);
        json.WriteNumber("ahn_parameters", report.AhnParameters);
        json.WriteStartArray("types");
        foreach (InspectReport.TypeShare share in report.Types)
        {
            json.WriteStartObject();
            json.WriteString("type", share.Type.ToString());
            json.WriteNumber("tensors", share.Tensors);
            json.WriteNumber("parameters", share.Parameters);
            json.WriteNumber("bytes", share.Bytes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (report.Config is { } config) WriteNetwork(json, config);
        if (report.AhnKeys is { } ahn) WriteMemory(json, report, ahn);
        WriteTokenizer(json, report.Metadata);
        if (report.Modes.Count > 0) WriteSession(json, report);
    }

    private static void WriteNetwork(Utf8JsonWriter json, ModelConfig c)
    {
        json.WriteStartObject("network");
        json.WriteNumber("layers", c.LayerCount);
        json.WriteNumber("hidden_size", c.HiddenSize);
        json.WriteNumber("ffn_size", c.FfnSize);
        json.WriteNumber("heads", c.HeadCount);
        json.WriteNumber("kv_heads", c.KvHeadCount);
        json.WriteNumber("head_dim", c.HeadDim);
        json.WriteNumber("vocabulary", c.VocabularySize);
        json.WriteBoolean("tied_embeddings", c.TiedEmbeddings);
        json.WriteNumber("context_length", c.ContextLength);
        json.WriteNumber("rope_theta", c.RopeTheta);
        if (c.RopeScaling is { } yarn) json.WriteNumber("yarn_factor", yarn.Factor);
        json.WriteEndObject();
    }

    private static void WriteMemory(Utf8JsonWriter json, InspectReport report, GgufMetadata ahn)
    {
        json.WriteStartObject("ahn");
        json.WriteString("kind", ahn.GetString("ahn.kind"));
        json.WriteNumber("sliding_window", ahn.GetUInt32("ahn.sliding_window"));
        json.WriteNumber("attention_sinks", ahn.GetUInt32("ahn.attention_sinks"));
        json.WriteStartArray("full_attention_layers");
        foreach (int layer in ahn.GetInt32ArrayOrNull("ahn.full_attention_layers") ?? []) json.WriteNumberValue(layer);
        json.WriteEndArray();
        json.WriteNumber("state_bytes", report.MemoryStateBytes!.Value);
        if (report.WantedFingerprint is { } wanted)
        {
            json.WriteString("base_fingerprint", wanted);
            if (report.Fingerprint is not null) json.WriteBoolean("base_matches", report.Fingerprint == wanted);
        }
        json.WriteEndObject();
    }

    private static void WriteTokenizer(Utf8JsonWriter json, GgufMetadata keys)
    {
        if (keys.GetStringArrayOrNull("tokenizer.ggml.tokens") is not { } tokens)
        {
            json.WriteNull("tokenizer");
            return;
        }
        json.WriteStartObject("tokenizer");
        json.WriteNumber("tokens", tokens.Length);
        json.WriteNumber("unused", keys.GetInt32ArrayOrNull("tokenizer.ggml.token_type")?.Count(type => type == UnusedType) ?? 0);
        json.WriteNumber("merges", keys.GetStringArrayOrNull("tokenizer.ggml.merges")?.Length ?? 0);
        json.WriteString("model", keys.GetStringOrNull("tokenizer.ggml.model"));
        json.WriteString("pre", keys.GetStringOrNull("tokenizer.ggml.pre"));
        if (keys.GetUInt32OrNull("tokenizer.ggml.eos_token_id") is { } end) json.WriteNumber("eos_token_id", end);
        json.WriteBoolean("chat_template", keys.GetStringOrNull("tokenizer.chat_template") is not null);
        json.WriteEndObject();
    }

    private static void WriteSession(Utf8JsonWriter json, InspectReport report)
    {
        json.WriteStartObject("session");
        json.WriteNumber("window", report.Window);
        json.WriteNumber("sinks", report.Sinks);
        json.WriteString("kv", report.Session.Kv.ToString().ToLowerInvariant());
        json.WriteNumber("chunk_tokens", report.ChunkTokens);
        json.WriteNumber("history_bytes_per_token", SessionPlan.HistoryBytes(1));
        json.WriteStartObject("modes");
        foreach (InspectReport.ModeBytes mode in report.Modes)
        {
            json.WriteStartObject(mode.Mode.ToString().ToLowerInvariant());
            json.WriteNumber("tokens", mode.Tokens);
            json.WriteNumber("exact_bytes", mode.Exact);
            json.WriteNumber("memory_bytes", mode.Memory);
            json.WriteNumber("bytes", mode.Exact + mode.Memory);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        if (report.Archive is { } archive)
        {
            json.WriteStartObject("archive");
            json.WriteNumber("heads", archive.Heads);
            json.WriteNumber("bytes_per_token", archive.Disk);
            json.WriteNumber("index_bytes_per_token", archive.Index);
            json.WriteNumber("most_bytes_read_per_token", archive.MostRead);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
