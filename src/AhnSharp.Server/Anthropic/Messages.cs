using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Server.Answers;
using AhnSharp.Server.Http;
using AhnSharp.Server.Models;
using AhnSharp.Server.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AhnSharp.Server.Anthropic;

/// <summary><c>POST /v1/messages</c> and <c>/v1/messages/count_tokens</c>.</summary>
internal static class Messages
{
    public static async Task AnswerAsync(HttpContext context)
    {
        CancellationToken cancellation = context.RequestAborted;
        AnswerService service = context.RequestServices.GetRequiredService<AnswerService>();
        using JsonDocument body = await RequestBody.ReadAsync(context.Request, cancellation).ConfigureAwait(false);
        AnswerRequest request = await MessagesReader.ReadAsync(
            new RequestFields(body.RootElement), service.Defaults, countsOnly: false, cancellation).ConfigureAwait(false);
        Client client = Client.Of(context);
        AnswerRun run = await service.StartAsync(request, client, cancellation).ConfigureAwait(false);
        await using (run.ConfigureAwait(false))
        {
            MessagesJson written = new(run);
            if (request.Streams)
            {
                await AnswerStream.SendAsync(context, run, written.SendAsync, MessagesJson.EndAsync, written.BeginAsync, "error")
                    .ConfigureAwait(false);
            }
            else
            {
                WholeAnswer answer = (await WholeAnswer.AllAsync(run, 1, cancellation).ConfigureAwait(false))[0];
                await JsonReply.WriteAsync(context.Response, json => written.WriteWhole(json, answer), cancellation).ConfigureAwait(false);
            }
            service.Log(client, context.Request.Method, context.Request.Path, run);
        }
    }

    public static async Task CountAsync(HttpContext context)
    {
        CancellationToken cancellation = context.RequestAborted;
        AnswerService service = context.RequestServices.GetRequiredService<AnswerService>();
        using JsonDocument body = await RequestBody.ReadAsync(context.Request, cancellation).ConfigureAwait(false);
        AnswerRequest request = await MessagesReader.ReadAsync(
            new RequestFields(body.RootElement), service.Defaults, countsOnly: true, cancellation).ConfigureAwait(false);
        if (request.Documents.Count > 0) throw ApiException.Unsupported("documents", "their tokens stand with them: GET /v1/documents/ID.");
        using ModelLease lease = await context.RequestServices.GetRequiredService<ModelRegistry>().AcquireAsync(request.Model, cancellation)
            .ConfigureAwait(false);
        CompletionOptions how = new() { Tools = request.Tools, ToolChoice = request.ToolChoice, Thinking = request.Thinking };
        int count = await Task.Run(() => new MessagesPrompt(lease.Engine.Model, request.Turns).Encode(how).Length, cancellation)
            .ConfigureAwait(false);
        await JsonReply.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("input_tokens", count);
            json.WriteEndObject();
        }, cancellation).ConfigureAwait(false);
    }
}
