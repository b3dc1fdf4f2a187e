using System;
using System.Threading.Tasks;
using AhnSharp.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AhnSharp.Server.Answers;

/// <summary>An answer as server-sent events: what fails before the first is a status, what fails later an event.</summary>
internal static class AnswerStream
{
    /// <param name="context">The request.</param>
    /// <param name="run">The answer.</param>
    /// <param name="send">Tells the next of it.</param>
    /// <param name="end">Tells that it is whole.</param>
    /// <param name="begin">What stands before it; null: nothing.</param>
    /// <param name="name">The name of the event that tells a failure; null: none.</param>
    public static async Task SendAsync(HttpContext context, AnswerRun run, Func<EventStream, AnswerEvent, Task> send,
        Func<EventStream, Task> end, Func<EventStream, Task>? begin = null, string? name = null)
    {
        await run.SettleAsync(context.RequestServices.GetRequiredService<AhnServerOptions>().StreamPatience, context.RequestAborted)
            .ConfigureAwait(false);
        EventStream events = new(context);
        await using (events.ConfigureAwait(false))
        {
            await events.StartAsync().ConfigureAwait(false);
#pragma warning disable CA1031 // The head is on its way: a failure can only be told in the stream.
            try
            {
                if (begin is not null) await begin(events).ConfigureAwait(false);
                await foreach (AnswerEvent next in run.EventsAsync(context.RequestAborted).ConfigureAwait(false))
                    await send(events, next).ConfigureAwait(false);
                await end(events).ConfigureAwait(false);
            }
            catch (Exception failure) when (!context.RequestAborted.IsCancellationRequested)
            {
                ApiException told = ApiErrors.ToldOf(context, failure);
                await events.SendAsync(json => ApiErrors.WriteBody(json, ApiStyles.Of(context.Request.Path), told), name)
                    .ConfigureAwait(false);
            }
#pragma warning restore CA1031
        }
    }
}
