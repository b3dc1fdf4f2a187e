using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Server.Http;
using AhnSharp.Server.Models;
using AhnSharp.Tokenizer;
using Microsoft.AspNetCore.Http;

namespace AhnSharp.Server.Operation;

/// <summary><c>POST /tokenize</c> and <c>/detokenize</c>, as llama-server has them.</summary>
internal static class TokenEndpoints
{
    private const int MostTokens = 16_777_216;

    public static async Task TokenizeAsync(HttpContext context)
    {
        CancellationToken cancellation = context.RequestAborted;
        using JsonDocument body = await RequestBody.ReadAsync(context.Request, cancellation).ConfigureAwait(false);
        RequestFields fields = new(body.RootElement);
        string? name = fields.Text("model");
        string text = fields.Text("content") ?? fields.Text("prompt") ?? throw fields.Missing("content");
        bool specials = fields.Flag("parse_special") ?? true, begins = fields.Flag("add_special") ?? false;
        bool pieces = fields.Flag("with_pieces") ?? false;
        fields.RefuseTheRest();
        using ModelLease lease = await RequestModels.AcquireAsync(context, name, cancellation).ConfigureAwait(false);
        QwenTokenizer tokenizer = lease.Engine.Model.Tokenizer;
        List<int> ids = [.. await Task.Run(() => specials ? tokenizer.EncodeWithSpecials(text) : tokenizer.Encode(text), cancellation)
            .ConfigureAwait(false)];
        if (begins && tokenizer.BeginToken is { } begin) ids.Insert(0, begin);
        await JsonReply.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("tokens");
            foreach (int id in ids)
            {
                if (!pieces)
                {
                    json.WriteNumberValue(id);
                    continue;
                }
                json.WriteStartObject();
                json.WriteNumber("id", id);
                json.WriteString("piece", tokenizer.Decode([id]));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteNumber("count", ids.Count);
            json.WriteEndObject();
        }, cancellation).ConfigureAwait(false);
    }

    public static async Task DetokenizeAsync(HttpContext context)
    {
        CancellationToken cancellation = context.RequestAborted;
        using JsonDocument body = await RequestBody.ReadAsync(context.Request, cancellation).ConfigureAwait(false);
        RequestFields fields = new(body.RootElement);
        string? name = fields.Text("model");
        IReadOnlyList<JsonElement> given = fields.Array("tokens", MostTokens) ?? throw fields.Missing("tokens");
        fields.RefuseTheRest();
        using ModelLease lease = await RequestModels.AcquireAsync(context, name, cancellation).ConfigureAwait(false);
        QwenTokenizer tokenizer = lease.Engine.Model.Tokenizer;
        int[] ids = [.. given.Select((one, i) => one.ValueKind == JsonValueKind.Number && one.TryGetInt32(out int id) && id >= 0
            && id < tokenizer.VocabularySize ? id : throw fields.Wrong(
                $"tokens[{i}]", $"an id from 0 to {tokenizer.VocabularySize - 1}", one))];
        string text = tokenizer.Decode(ids);
        await JsonReply.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteString("content", text);
            json.WriteEndObject();
        }, cancellation).ConfigureAwait(false);
    }
}
