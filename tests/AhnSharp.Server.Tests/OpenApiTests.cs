using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace AhnSharp.Server.Tests;

public sealed class OpenApiTests(DemoServer server) : IClassFixture<DemoServer>
{
    [Fact]
    public async Task The_description_names_every_path_and_no_other()
    {
        JsonElement description = (await server.GetAsync("/openapi.json")).Body;
        SortedSet<string> described = [.. description.GetProperty("paths").EnumerateObject().SelectMany(static path =>
            path.Value.EnumerateObject().Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}"))];
        SortedSet<string> mapped = [.. server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(static endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []).Select(
                method => $"{method} {endpoint.RoutePattern.RawText!.Replace("**", "")}"))
            .Where(static one => !one.StartsWith("HEAD ", System.StringComparison.Ordinal)
                && !one.StartsWith("OPTIONS ", System.StringComparison.Ordinal))];
        Assert.Equal(mapped, described);
    }

    [Fact]
    public async Task Every_field_that_it_names_is_taken()
    {
        JsonElement description = (await server.GetAsync("/openapi.json")).Body,
            schemas = description.GetProperty("components").GetProperty("schemas");
        int asked = 0;
        foreach (JsonProperty path in description.GetProperty("paths").EnumerateObject())
        {
            if (!path.Value.TryGetProperty("post", out JsonElement post) || !post.TryGetProperty("requestBody", out JsonElement body)
                || !body.GetProperty("content").TryGetProperty("application/json", out JsonElement json)) continue;
            JsonElement schema = schemas.GetProperty(json.GetProperty("schema").GetProperty("$ref").GetString()!.Split('/')[^1]);
            foreach (JsonProperty field in schema.GetProperty("properties").EnumerateObject())
            {
                asked++;
                JsonObject request = [];
                if (schema.TryGetProperty("required", out JsonElement required))
                {
                    foreach (JsonElement name in required.EnumerateArray())
                        request[name.GetString()!] = Right(path.Name, name.GetString()!);
                }
                // What no field takes: whatever is wrong with it, it must not be that nobody knows it.
                request[field.Name] = new JsonObject { ["?"] = 1 };
                string answer = (await server.PostAsync(path.Name, request.ToJsonString())).Body.ToString();
                Assert.True(!answer.Contains("there is no such parameter", System.StringComparison.Ordinal)
                    || answer.Contains("?: there is no such parameter", System.StringComparison.Ordinal), $"{path.Name}: {answer}");
            }
        }
        Assert.True(asked > 100, $"{asked} fields");
    }

    private static JsonNode Right(string path, string name) => name switch
    {
        "messages" => new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "x" }),
        "documents" => new JsonArray("x"),
        "tokens" => new JsonArray(1),
        "model" => DemoServer.Model,
        _ => path.StartsWith("/v1/messages", System.StringComparison.Ordinal) && name == "max_tokens" ? 1 : "x",
    };
}
