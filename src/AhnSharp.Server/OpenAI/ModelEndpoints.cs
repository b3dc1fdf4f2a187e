using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using AhnSharp.Server.Http;
using AhnSharp.Server.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AhnSharp.Server.OpenAI;

/// <summary><c>GET /v1/models</c> and <c>/v1/models/{id}</c>.</summary>
internal static class ModelEndpoints
{
    public static Task ListAsync(HttpContext context)
    {
        ModelRegistry models = context.RequestServices.GetRequiredService<ModelRegistry>();
        IReadOnlyList<ServedModel> all = models.Catalog.List();
        return JsonReply.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            foreach (ServedModel model in all) Write(json, model, models);
            json.WriteEndArray();
            json.WriteEndObject();
        }, context.RequestAborted);
    }

    public static Task GetAsync(HttpContext context)
    {
        ModelRegistry models = context.RequestServices.GetRequiredService<ModelRegistry>();
        ServedModel model = models.Catalog.Find((string?)context.Request.RouteValues["id"]);
        return JsonReply.WriteAsync(context.Response, json => Write(json, model, models), context.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, ServedModel model, ModelRegistry models)
    {
        json.WriteStartObject();
        json.WriteString("id", model.Id);
        json.WriteString("object", "model");
        json.WriteNumber("created", model.Created.ToUnixTimeSeconds());
        json.WriteString("owned_by", "ahnsharp");
        json.WriteNumber("bytes", model.Bytes);
        json.WriteBoolean("loaded", models.Loaded.Any(loaded => loaded.Served == model && loaded.Host.Model is not null));
        json.WriteEndObject();
    }
}
