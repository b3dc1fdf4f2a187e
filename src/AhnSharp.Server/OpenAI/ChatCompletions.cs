using System.Collections.Generic;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Server.Answers;
using AhnSharp.Server.Http;
using AhnSharp.Server.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AhnSharp.Server.OpenAI;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal static class ChatCompletions
{
    public static async Task AnswerAsync(HttpContext context)
    {
        CancellationToken cancellation = context.RequestAborted;
        AnswerService service = context.RequestServices.GetRequiredService<AnswerService>();
        using JsonDocument body = await RequestBody.ReadAsync(context.Request, cancellation).ConfigureAwait(false);
        RequestFields fields = new(body.RootElement);
        AnswerRequest request = await ChatRequestReader.ReadAsync(fields, service.Defaults, cancellation).ConfigureAwait(false);
        bool wantsUsage = ChatRequestReader.WantsUsage(fields);
        ChatRequestReader.Finish(fields);
        Client client = Client.Of(context);
        AnswerRun run = await service.StartAsync(request, client, cancellation).ConfigureAwait(false);
        await using (run.ConfigureAwait(false))
        {
            ChatJson written = new(run, request);
            if (request.Streams) await StreamAsync(context, run, written, wantsUsage).ConfigureAwait(false);
            else
            {
                WholeAnswer[] answers = await WholeAnswer.AllAsync(run, request.Count, cancellation).ConfigureAwait(false);
                await JsonReply.WriteAsync(context.Response, json => written.WriteWhole(json, answers), cancellation).ConfigureAwait(false);
            }
            service.Log(client, context.Request.Method, context.Request.Path, run);
        }
    }

    private static Task StreamAsync(HttpContext context, AnswerRun run, ChatJson written, bool wantsUsage)
    {
        List<AnswerEnd> ends = [];
        return AnswerStream.SendAsync(context, run, async (events, next) =>
        {
            foreach (byte[] chunk in written.Chunks(next)) await events.SendAsync(chunk).ConfigureAwait(false);
            if (next.End is { } end) ends.Add(end);
        }, async events =>
        {
            if (wantsUsage) await events.SendAsync(json => written.WriteUsage(json, ends)).ConfigureAwait(false);
            await events.SendAsync("[DONE]").ConfigureAwait(false);
        });
    }
}
