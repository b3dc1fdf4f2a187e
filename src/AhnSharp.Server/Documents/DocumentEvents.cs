using System;
using System.Threading.Tasks;
using AhnSharp.Server.Http;
using Microsoft.AspNetCore.Http;

namespace AhnSharp.Server.Documents;

/// <summary><c>GET /v1/documents/{id}/events</c>: the document whenever it has come further, until it is ready or has failed.</summary>
internal static class DocumentEvents
{
    // A page redraws no faster, and a chunk takes a second on two cores.
    private static readonly TimeSpan s_apart = TimeSpan.FromMilliseconds(200);

    public static async Task RunAsync(HttpContext context)
    {
        new QueryFields(context.Request).RefuseTheRest();
        IDocuments store = DocumentEndpoints.StoreOf(context);
        string id = DocumentEndpoints.IdOf(context);
        DocumentView view = await store.GetAsync(id).ConfigureAwait(false), last = view;
        EventStream events = new(context);
        await using (events.ConfigureAwait(false))
        {
            for (bool isFirst = true; ; isFirst = false)
            {
                if (isFirst || view != last)
                {
                    DocumentView told = view;
                    await events.SendAsync(json => DocumentJson.Write(json, told), DocumentRecord.NameOf(told.Record.State))
                        .ConfigureAwait(false);
                    last = view;
                }
                if (view.Record.IsSettled) return;
                await Task.Delay(s_apart, context.RequestAborted).ConfigureAwait(false);
                try
                {
                    view = await store.GetAsync(id).ConfigureAwait(false);
                }
                catch (ApiException gone) when (gone.Status == StatusCodes.Status404NotFound)
                {
                    await events.SendAsync(json => DocumentJson.WriteDeleted(json, id, "document"), "deleted").ConfigureAwait(false);
                    return;
                }
            }
        }
    }
}
