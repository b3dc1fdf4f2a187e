using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Embeddings;
using AhnSharp.Gguf;
using AhnSharp.Network;
using AhnSharp.Planning;
using AhnSharp.Server.Http;
using AhnSharp.Server.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AhnSharp.Server.Ollama;

/// <summary>Ollama's <c>/api/tags</c>, <c>/api/show</c>, <c>/api/ps</c>, <c>/api/version</c> and <c>/api/embed</c>.</summary>
internal static class OllamaModels
{
    private const int MostTexts = 2048;

    // Programs ask for a version that has what they use: that of the interface that is meant, not ours.
    private const string InterfaceVersion = "0.12.0";

    public static Task VersionAsync(HttpContext context) => JsonReply.WriteAsync(context.Response, static json =>
    {
        json.WriteStartObject();
        json.WriteString("version", InterfaceVersion);
        json.WriteString("server", ServerVersion.Fingerprint);
        json.WriteEndObject();
    }, context.RequestAborted);

    public static Task TagsAsync(HttpContext context)
    {
        IReadOnlyList<ServedModel> all = Registry(context).Catalog.List();
        return JsonReply.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("models");
            foreach (ServedModel model in all)
            {
                json.WriteStartObject();
                WriteHead(json, model);
                json.WriteString("modified_at", model.Created);
                json.WriteNumber("size", model.Bytes);
                WriteDetails(json, model);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }, context.RequestAborted);
    }

    public static Task RunningAsync(HttpContext context)
    {
        IReadOnlyList<LoadedModel> loaded = Registry(context).Loaded;
        return JsonReply.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("models");
            foreach (LoadedModel model in loaded.Where(static model => model.Host.Model is not null))
            {
                json.WriteStartObject();
                WriteHead(json, model.Served);
                json.WriteNumber("size", model.PlannedBytes);
                json.WriteNumber("size_vram", 0);
                json.WriteString("expires_at", model.KeepAlive is { } keep && keep != TimeSpan.MaxValue
                    ? DateTimeOffset.UtcNow + keep - model.Idle : new DateTimeOffset(9999, 1, 1, 0, 0, 0, TimeSpan.Zero));
                WriteDetails(json, model.Served);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }, context.RequestAborted);
    }

    public static async Task ShowAsync(HttpContext context)
    {
        using JsonDocument body = await RequestBody.ReadAsync(context.Request, context.RequestAborted).ConfigureAwait(false);
        RequestFields fields = OllamaOptions.FieldsOf(body);
        string name = fields.Text("model") ?? fields.Text("name") ?? throw fields.Missing("model");
        fields.Ignore("verbose");
        fields.RefuseTheRest();
        ServedModel model = Registry(context).Catalog.Find(name);
        using GgufFile file = GgufFile.Open(model.Path);
        string? template = file.Metadata.GetStringOrNull("tokenizer.chat_template");
        ModelConfig config = ModelPlan.Read(file, model.AdapterPath).Config;
        await JsonReply.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteString("modelfile", $"FROM {model.Id}\n");
            json.WriteString("parameters", "");
            json.WriteString("template", template ?? "");
            json.WriteString("modified_at", model.Created);
            WriteDetails(json, model);
            json.WriteStartObject("model_info");
            string architecture = file.Metadata.GetStringOrNull("general.architecture") ?? "qwen2";
            json.WriteString("general.architecture", architecture);
            json.WriteNumber($"{architecture}.context_length", config.ContextLength);
            json.WriteNumber($"{architecture}.embedding_length", config.HiddenSize);
            json.WriteNumber($"{architecture}.block_count", config.LayerCount);
            json.WriteNumber($"{architecture}.attention.head_count", config.HeadCount);
            json.WriteNumber($"{architecture}.attention.head_count_kv", config.KvHeadCount);
            json.WriteEndObject();
            json.WriteStartArray("capabilities");
            json.WriteStringValue("completion");
            if (template?.Contains("tools", StringComparison.Ordinal) == true) json.WriteStringValue("tools");
            if (template?.Contains("enable_thinking", StringComparison.Ordinal) == true) json.WriteStringValue("thinking");
            json.WriteEndArray();
            json.WriteEndObject();
        }, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary><c>/api/embed</c>, and <c>/api/embeddings</c> as it was before.</summary>
    public static Task EmbedAsync(HttpContext context) => EmbedAsync(context, isOlder: false);

    /// <inheritdoc cref="EmbedAsync(HttpContext)"/>
    public static Task EmbedOneAsync(HttpContext context) => EmbedAsync(context, isOlder: true);

    private static async Task EmbedAsync(HttpContext context, bool isOlder)
    {
        CancellationToken cancellation = context.RequestAborted;
        using JsonDocument body = await RequestBody.ReadAsync(context.Request, cancellation).ConfigureAwait(false);
        RequestFields fields = OllamaOptions.FieldsOf(body);
        string name = fields.RequiredText("model");
        IReadOnlyList<string> texts =
            isOlder ? [fields.RequiredText("prompt")] : fields.Texts("input", MostTexts) ?? throw fields.Missing("input");
        int? dimensions = fields.WholeNumber("dimensions", 1, int.MaxValue);
        TimeSpan? keep = OllamaOptions.KeepAlive(fields);
        if (fields.Flag("truncate") == true) throw ApiException.Unsupported("truncate", "nothing is ever cut here: leave it out.");
        fields.Ignore("options");
        fields.RefuseTheRest();
        if (texts.Any(static text => text.Length == 0))
            throw ApiException.Invalid("input", "expected one character at least, found an empty text.");
        IReadOnlyList<TextEmbedding> vectors;
        using ModelLease lease = await RequestModels.AcquireAsync(context, name, cancellation).ConfigureAwait(false);
        if (keep is { } time) lease.Keep(time);
        using (await RequestModels.TurnAsync(context, lease, cancellation).ConfigureAwait(false))
        {
            vectors = await lease.Engine.Model.EmbedAsync(texts, lease.Options.Embedding with { Dimensions = dimensions }, cancellation)
                .ConfigureAwait(false);
        }
        await JsonReply.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            if (isOlder)
            {
                OpenAI.Embeddings.WriteVector(json, "embedding", vectors[0].Vector.Span);
            }
            else
            {
                json.WriteString("model", name);
                json.WriteStartArray("embeddings");
                foreach (TextEmbedding vector in vectors) OpenAI.Embeddings.WriteVector(json, null, vector.Vector.Span);
                json.WriteEndArray();
                json.WriteNumber("prompt_eval_count", vectors.Sum(static vector => vector.Tokens));
            }
            json.WriteEndObject();
        }, cancellation).ConfigureAwait(false);
    }

    private static ModelRegistry Registry(HttpContext context) => context.RequestServices.GetRequiredService<ModelRegistry>();

    private static void WriteHead(Utf8JsonWriter json, ServedModel model)
    {
        json.WriteString("name", model.Id);
        json.WriteString("model", model.Id);
        // Tells versions apart: of a name, its size and its time; the file itself may have gigabytes.
        json.WriteString("digest", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            $"{model.Id}\n{model.Bytes}\n{model.Created.ToUnixTimeSeconds()}"))));
    }

    private static void WriteDetails(Utf8JsonWriter json, ServedModel model)
    {
        json.WriteStartObject("details");
        json.WriteString("parent_model", "");
        json.WriteString("format", "gguf");
        try
        {
            using GgufFile file = GgufFile.Open(model.Path);
            ModelPlan plan = ModelPlan.Read(file, model.AdapterPath);
            string family = file.Metadata.GetStringOrNull("general.architecture") ?? "";
            json.WriteString("family", family);
            json.WriteStartArray("families");
            json.WriteStringValue(family);
            json.WriteEndArray();
            json.WriteString("parameter_size", FormattableString.Invariant($"{plan.ParameterCount / 1e9:0.0}B"));
            json.WriteString("quantization_level", file.Tensors.Where(static tensor => tensor.Shape.Length == 2 && !tensor.IsMemory)
                .GroupBy(static tensor => tensor.Type).MaxBy(
                    static group => group.Sum(static tensor => tensor.ElementCount))?.Key.ToString() ?? "");
        }
        catch (Exception e) when (e is InvalidModelException or System.IO.IOException)
        {
            json.WriteString("family", ""); // it was removed, or is being written
        }
        json.WriteEndObject();
    }
}
