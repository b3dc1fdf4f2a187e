using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Server.Answers;
using AhnSharp.Server.Http;
using AhnSharp.Server.Security;
using AhnSharp.Tokenizer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AhnSharp.Server.Responses;

/// <summary><c>/v1/responses</c>: answers that are kept, so that the next request brings only what is new.</summary>
internal static class ResponseEndpoints
{
    public static async Task CreateAsync(HttpContext context)
    {
        CancellationToken cancellation = context.RequestAborted;
        AnswerService service = context.RequestServices.GetRequiredService<AnswerService>();
        ResponseStore store = context.RequestServices.GetRequiredService<ResponseStore>();
        Client client = Client.Of(context);
        using JsonDocument body = await RequestBody.ReadAsync(context.Request, cancellation).ConfigureAwait(false);
        ResponseRequest request = await ResponseReader.ReadAsync(
            new RequestFields(body.RootElement), service.Defaults, id => store.Turns(id, client.Name), cancellation).ConfigureAwait(false);
        AnswerRun run = await service.StartAsync(request.Answer, client, cancellation).ConfigureAwait(false);
        await using (run.ConfigureAwait(false))
        {
            ResponseWriter written = new(run, request);
            if (request.Answer.Streams)
            {
                await AnswerStream.SendAsync(context, run, (_, next) => written.AddAsync(next), async _ =>
                {
                    await KeepAsync(store, client, request, written).ConfigureAwait(false);
                    await written.EndAsync().ConfigureAwait(false);
                }, written.BeginAsync, "error").ConfigureAwait(false);
            }
            else
            {
                await foreach (AnswerEvent next in run.EventsAsync(cancellation).ConfigureAwait(false))
                    await written.AddAsync(next).ConfigureAwait(false);
                await KeepAsync(store, client, request, written).ConfigureAwait(false);
                await JsonReply.WriteAsync(context.Response, written.Write, cancellation).ConfigureAwait(false);
            }
            service.Log(client, context.Request.Method, context.Request.Path, run);
        }
    }

    public static async Task GetAsync(HttpContext context)
    {
        using JsonDocument kept = Store(context).Open(Id(context), Client.Of(context).Name);
        await JsonReply.WriteAsync(context.Response, json => kept.RootElement.GetProperty("response").WriteTo(json), context.RequestAborted)
            .ConfigureAwait(false);
    }

    public static Task DeleteAsync(HttpContext context)
    {
        string id = Id(context);
        Store(context).Delete(id, Client.Of(context).Name);
        return JsonReply.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("object", "response");
            json.WriteBoolean("deleted", true);
            json.WriteEndObject();
        }, context.RequestAborted);
    }

    /// <summary>What the request of a response brought.</summary>
    public static async Task InputAsync(HttpContext context)
    {
        string id = Id(context);
        using JsonDocument kept = Store(context).Open(id, Client.Of(context).Name);
        JsonElement[] turns = [.. kept.RootElement.GetProperty("turns").EnumerateArray()];
        JsonElement[] brought = turns[kept.RootElement.GetProperty("first_new").GetInt32()..^1];
        await JsonReply.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            for (int i = 0; i < brought.Length; i++)
            {
                json.WriteStartObject();
                json.WriteString("id", $"{id}_{i}");
                json.WriteString("type", "message");
                json.WriteString("role", brought[i].GetProperty("role").GetString());
                json.WriteStartArray("content");
                json.WriteStartObject();
                json.WriteString("type", "input_text");
                json.WriteString("text", brought[i].GetProperty("content").GetString());
                json.WriteEndObject();
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteBoolean("has_more", false);
            json.WriteEndObject();
        }, context.RequestAborted).ConfigureAwait(false);
    }

    // Before it is told to be whole: who goes on from it at once finds it.
    private static Task KeepAsync(ResponseStore store, Client client, ResponseRequest request, ResponseWriter written)
    {
        if (!request.IsKept) return Task.CompletedTask;
        // The instructions are of this response alone.
        IEnumerable<ChatMessage> turns = request.Answer.Turns.Skip(request.Instructions is null ? 0 : 1);
        ChatMessage[] all = [.. turns, written.Turn()];
        return store.AddAsync(written.Id, client.Name, written.Write, all, all.Length - 1 - request.NewTurns.Count);
    }

    private static ResponseStore Store(HttpContext context) => context.RequestServices.GetRequiredService<ResponseStore>();

    private static string Id(HttpContext context) => (string?)context.Request.RouteValues["id"] ?? "";
}
