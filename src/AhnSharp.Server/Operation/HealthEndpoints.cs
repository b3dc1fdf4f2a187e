using System.Linq;
using System.Threading.Tasks;
using AhnSharp.Extensions.AI;
using AhnSharp.Server.Http;
using AhnSharp.Server.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AhnSharp.Server.Operation;

/// <summary><c>GET /health</c>: the process lives; <c>GET /ready</c>: it answers without loading first.</summary>
internal static class HealthEndpoints
{
    public static Task HealthAsync(HttpContext context) => JsonReply.WriteAsync(context.Response, static json =>
    {
        json.WriteStartObject();
        json.WriteString("status", "ok");
        json.WriteEndObject();
    }, context.RequestAborted);

    public static Task ReadyAsync(HttpContext context)
    {
        ServerState state = context.RequestServices.GetRequiredService<ServerState>();
        AhnModelStatus[] loading = [.. context.RequestServices.GetRequiredService<ModelRegistry>().Loaded.Select(
            static model => model.Host.Status).Where(static status => status.State is AhnModelState.Loading or AhnModelState.Waiting)];
        string sentence = state.IsStopping ? "The server is ending."
            : state.LoadFailure ?? (loading.Length > 0 ? loading[0].Sentence : state.IsReady ? "" : "The model is being loaded.");
        bool isReady = sentence.Length == 0;
        if (!isReady)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "2";
        }
        return JsonReply.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteString("status", isReady ? "ready" : "not ready");
            if (!isReady) json.WriteString("reason", sentence);
            json.WriteEndObject();
        }, context.RequestAborted);
    }
}
