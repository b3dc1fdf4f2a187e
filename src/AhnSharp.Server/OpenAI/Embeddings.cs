using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Embeddings;
using AhnSharp.Extensions.AI;
using AhnSharp.Server.Http;
using AhnSharp.Server.Models;
using Microsoft.AspNetCore.Http;

namespace AhnSharp.Server.OpenAI;

/// <summary><c>POST /v1/embeddings</c> and <c>/v1/rerank</c>.</summary>
internal static class Embeddings
{
    private const int MostTexts = 2048;

    public static async Task EmbedAsync(HttpContext context)
    {
        CancellationToken cancellation = context.RequestAborted;
        using JsonDocument body = await RequestBody.ReadAsync(context.Request, cancellation).ConfigureAwait(false);
        RequestFields fields = new(body.RootElement);
        string? name = fields.Text("model");
        (IReadOnlyList<string>? texts, IReadOnlyList<int[]>? ids) = Input(fields);
        int? dimensions = fields.WholeNumber("dimensions", 1, int.MaxValue);
        string? instruction = fields.Text("instruction");
        string format = fields.Word("encoding_format", "float", "base64") ?? "float";
        fields.Ignore("user");
        fields.RefuseTheRest();
        IReadOnlyList<TextEmbedding> vectors;
        using ModelLease lease = await RequestModels.AcquireAsync(context, name, cancellation).ConfigureAwait(false);
        using (await RequestModels.TurnAsync(context, lease, cancellation).ConfigureAwait(false))
        {
            using AhnOperation operation = AhnTelemetry.Start("embeddings", lease.ModelId);
            EmbeddingOptions options = lease.Options.Embedding with { Dimensions = dimensions, Instruction = instruction };
            texts ??= [.. ids!.Select(one => TextOf(lease, one))];
            vectors = await lease.Engine.Model.EmbedAsync(texts, options, cancellation).ConfigureAwait(false);
            operation.Succeed(vectors.Sum(static vector => (long)vector.Tokens));
        }
        await JsonReply.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            for (int i = 0; i < vectors.Count; i++)
            {
                json.WriteStartObject();
                json.WriteString("object", "embedding");
                json.WriteNumber("index", i);
                if (format == "base64") json.WriteBase64String("embedding", BytesOf(vectors[i].Vector.Span));
                else WriteVector(json, "embedding", vectors[i].Vector.Span);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteString("model", lease.ModelId);
            WriteUsage(json, vectors.Sum(static vector => (long)vector.Tokens));
            json.WriteEndObject();
        }, cancellation).ConfigureAwait(false);
    }

    /// <summary>As Jina's, Cohere's and llama-server's: the documents by how well they answer a query.</summary>
    public static async Task RerankAsync(HttpContext context)
    {
        CancellationToken cancellation = context.RequestAborted;
        using JsonDocument body = await RequestBody.ReadAsync(context.Request, cancellation).ConfigureAwait(false);
        RequestFields fields = new(body.RootElement);
        string? name = fields.Text("model"), instruction = fields.Text("instruction");
        string? yes = fields.Text("yes"), no = fields.Text("no");
        string query = fields.RequiredText("query");
        string[] documents = Documents(fields);
        int top = fields.WholeNumber("top_n", 1, int.MaxValue) ?? documents.Length;
        bool returns = fields.Flag("return_documents") ?? false;
        fields.RefuseTheRest();
        RerankOptions options = new();
        // The two words whose probabilities a reranker's score is made of; those of Qwen's rerankers where they are left out.
        options = options with { Instruction = instruction ?? options.Instruction, Yes = yes ?? options.Yes, No = no ?? options.No };
        IReadOnlyList<RankedDocument> ranked;
        using ModelLease lease = await RequestModels.AcquireAsync(context, name, cancellation).ConfigureAwait(false);
        using (await RequestModels.TurnAsync(context, lease, cancellation).ConfigureAwait(false))
        {
            using AhnOperation operation = AhnTelemetry.Start("rerank", lease.ModelId);
            ranked = await lease.Engine.Model.RerankAsync(query, documents, options, cancellation).ConfigureAwait(false);
            operation.Succeed(ranked.Sum(static one => (long)one.Tokens));
        }
        await JsonReply.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteString("id", OpenAIJson.NewId("rerank-"));
            json.WriteString("object", "list");
            json.WriteString("model", lease.ModelId);
            json.WriteStartArray("results");
            foreach (RankedDocument one in ranked.OrderByDescending(static one => one.Score).ThenBy(static one => one.Index).Take(top))
            {
                json.WriteStartObject();
                json.WriteNumber("index", one.Index);
                json.WriteNumber("relevance_score", one.Score);
                if (returns)
                {
                    json.WriteStartObject("document");
                    json.WriteString("text", documents[one.Index]);
                    json.WriteEndObject();
                }
                json.WriteEndObject();
            }
            json.WriteEndArray();
            WriteUsage(json, ranked.Sum(static one => (long)one.Tokens));
            json.WriteEndObject();
        }, cancellation).ConfigureAwait(false);
    }

    public static void WriteVector(Utf8JsonWriter json, string? name, ReadOnlySpan<float> vector)
    {
        if (name is null) json.WriteStartArray();
        else json.WriteStartArray(name);
        foreach (float value in vector) json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    private static void WriteUsage(Utf8JsonWriter json, long tokens)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", tokens);
        json.WriteNumber("total_tokens", tokens);
        json.WriteEndObject();
    }

    // A text, texts, the tokens of one, or those of several.
    private static (IReadOnlyList<string>? Texts, IReadOnlyList<int[]>? Ids) Input(RequestFields fields)
    {
        JsonElement input = fields.Take("input") ?? throw fields.Missing("input");
        if (input.ValueKind == JsonValueKind.Array && input.GetArrayLength() > 0)
        {
            JsonElement first = input[0];
            if (first.ValueKind == JsonValueKind.Number) return (null, [IdsOf(fields, input)]);
            if (first.ValueKind == JsonValueKind.Array)
                return (null, [.. fields.Array("input", MostTexts)!.Select(one => IdsOf(fields, one))]);
        }
        IReadOnlyList<string> texts = fields.Texts("input", MostTexts)!;
        if (texts.Count == 0) throw ApiException.Invalid("input", "expected one text at least, found none.");
        if (texts.Any(static text => text.Length == 0))
            throw ApiException.Invalid("input", "expected one character at least, found an empty text.");
        return (texts, null);
    }

    private static int[] IdsOf(RequestFields fields, JsonElement array)
    {
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() == 0)
            throw fields.Wrong("input", "texts, or ids of tokens", array);
        return [.. array.EnumerateArray().Select(id => id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out int value)
            ? value : throw fields.Wrong("input", "ids of tokens", id))];
    }

    private static string TextOf(ModelLease lease, int[] ids)
    {
        int size = lease.Engine.Model.Tokenizer.VocabularySize;
        foreach (int id in ids)
        {
            if (id < 0 || id >= size) throw ApiException.Invalid("input", $"expected ids from 0 to {size - 1}, found {id}.");
        }
        return lease.Engine.Model.Tokenizer.Decode(ids);
    }

    private static string[] Documents(RequestFields fields)
    {
        IReadOnlyList<JsonElement> given = fields.Array("documents", MostTexts) ?? throw fields.Missing("documents");
        if (given.Count == 0) throw ApiException.Invalid("documents", "expected one text at least, found none.");
        string[] documents = new string[given.Count];
        for (int i = 0; i < documents.Length; i++)
        {
            JsonElement one = given[i];
            documents[i] = one.ValueKind == JsonValueKind.String ? one.GetString()!
                : one.ValueKind == JsonValueKind.Object ? new RequestFields(one, $"documents[{i}]").RequiredText("text")
                : throw fields.Wrong($"documents[{i}]", "a text", one);
        }
        return documents;
    }

    private static byte[] BytesOf(ReadOnlySpan<float> vector)
    {
        byte[] bytes = new byte[vector.Length * sizeof(float)];
        for (int i = 0; i < vector.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
        return bytes;
    }
}
