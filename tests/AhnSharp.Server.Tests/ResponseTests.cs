using System;
using System.ClientModel;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Text.Json;
using System.Threading.Tasks;
using OpenAI.Responses;
using Xunit;

#pragma warning disable OPENAI001 // OpenAI says of its client that it may change.

namespace AhnSharp.Server.Tests;

public sealed class ResponseTests(DemoServer server) : IClassFixture<DemoServer>
{
    private const string Path = "/v1/responses";

    private static string TextOf(JsonElement response) => string.Concat(response.GetProperty("output").EnumerateArray().Where(
        static item => item.GetProperty("type").GetString() == "message").SelectMany(
            static item => item.GetProperty("content").EnumerateArray()).Select(static part => part.GetProperty("text").GetString()));

    private static string Ask(string input, string more = "") =>
        $"{{\"model\":\"demo\",\"input\":{JsonSerializer.Serialize(input)}{(more.Length > 0 ? "," + more : "")}}}";

    [Fact]
    public async Task The_next_request_brings_only_what_is_new()
    {
        string instructions = $"\"instructions\":{JsonSerializer.Serialize(DemoText.System)}";
        (HttpStatusCode status, JsonElement first) = await server.PostAsync(
            Path, Ask(DemoText.BookWithCode + "\n\n" + DemoText.Question, instructions));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(DemoText.Answer, TextOf(first).Trim());
        string id = first.GetProperty("id").GetString()!;
        (_, JsonElement next) = await server.PostAsync(Path, Ask("Again?", $"{instructions},\"previous_response_id\":\"{id}\""));
        int before = first.GetProperty("usage").GetProperty("input_tokens").GetInt32();
        JsonElement usage = next.GetProperty("usage");
        Assert.True(usage.GetProperty("input_tokens").GetInt32() > before);
        Assert.InRange(usage.GetProperty("input_tokens").GetInt32()
            - usage.GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32(), 1, 60);
        Assert.Equal(id, next.GetProperty("previous_response_id").GetString());

        (_, JsonElement kept) = await server.GetAsync($"{Path}/{id}");
        Assert.Equal(TextOf(first), TextOf(kept));
        (_, JsonElement brought) = await server.GetAsync($"{Path}/{next.GetProperty("id").GetString()}/input_items");
        Assert.Equal("Again?", Assert.Single(brought.GetProperty("data").EnumerateArray())
            .GetProperty("content")[0].GetProperty("text").GetString());
        using (var deleted = await server.Http.DeleteAsync($"{Path}/{id}")) Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        (status, _) = await server.GetAsync($"{Path}/{id}");
        Assert.Equal(HttpStatusCode.NotFound, status);
        (status, JsonElement gone) = await server.PostAsync(Path, Ask("And?", $"\"previous_response_id\":\"{id}\""));
        Assert.Equal((HttpStatusCode.NotFound, "response_not_found"), (status, gone.GetProperty("error").GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("..%2f..%2fetc%2fpasswd")]
    [InlineData("resp_%00")]
    [InlineData("resp_1/../../x")]
    public async Task No_name_becomes_a_path(string id)
    {
        using var response = await server.Http.GetAsync($"{Path}/{id}");
        Assert.Contains(response.StatusCode, (HttpStatusCode[])[HttpStatusCode.NotFound, HttpStatusCode.BadRequest]);
    }

    [Fact]
    public async Task OpenAIs_client_streams_calls_and_goes_on()
    {
        ResponsesClient client = new(new ApiKeyCredential("none"), new ResponsesClientOptions { Endpoint = new Uri(server.Address, "v1") });
        CreateResponseOptions options = new() { Model = DemoServer.Model, MaxOutputTokenCount = 24, Temperature = 0 };
        options.InputItems.Add(ResponseItem.CreateUserMessageItem("The wind rose, and"));
        ResponseResult whole = await client.CreateResponseAsync(options);
        options.StreamingEnabled = true;
        string text = "";
        ResponseResult? told = null;
        IAsyncEnumerable<StreamingResponseUpdate> updates = await client.CreateResponseStreamingAsync(options);
        await foreach (StreamingResponseUpdate update in updates)
        {
            if (update is StreamingResponseOutputTextDeltaUpdate delta) text += delta.Delta;
            if (update is StreamingResponseIncompleteUpdate incomplete) told = incomplete.Response;
        }
        Assert.Equal(whole.GetOutputText(), text);
        Assert.Equal(text, told!.GetOutputText());
        Assert.Equal(24, whole.Usage.OutputTokenCount);

        CreateResponseOptions next =
            new() { Model = DemoServer.Model, MaxOutputTokenCount = 64, Temperature = 0, PreviousResponseId = whole.Id };
        next.InputItems.Add(ResponseItem.CreateUserMessageItem("How is the weather in Whitby?"));
        next.Tools.Add(ResponseTool.CreateFunctionTool("weather", BinaryData.FromString(
            "{\"type\":\"object\",\"properties\":{\"place\":{\"type\":\"string\",\"enum\":[\"Whitby\"]}},\"required\":[\"place\"]}"),
            false));
        next.ToolChoice = ResponseToolChoice.CreateRequiredChoice();
        next.ParallelToolCallsEnabled = false;
        ResponseResult calls = await client.CreateResponseAsync(next);
        FunctionCallResponseItem call = Assert.Single(calls.OutputItems.OfType<FunctionCallResponseItem>());
        Assert.Contains("Whitby", call.FunctionArguments.ToString());
        CreateResponseOptions result = new() { Model = DemoServer.Model, MaxOutputTokenCount = 8, PreviousResponseId = calls.Id };
        result.InputItems.Add(ResponseItem.CreateFunctionCallOutputItem(call.CallId, "storm"));
        Assert.NotEmpty((await client.CreateResponseAsync(result)).Value.GetOutputText());
    }

    [Fact]
    public async Task Events_are_numbered_and_name_what_they_are()
    {
        string[] events = await server.StreamAsync(Path, Ask("Who?", "\"stream\":true,\"max_output_tokens\":6,\"store\":false"));
        JsonElement[] told = [.. events.Select(static data => JsonDocument.Parse(data).RootElement)];
        Assert.Equal(Enumerable.Range(0, told.Length), told.Select(static one => one.GetProperty("sequence_number").GetInt32()));
        List<string> names = [.. told.Select(static one => one.GetProperty("type").GetString()!).Distinct()];
        Assert.Equal("response.created", names[0]);
        Assert.Contains("response.output_text.delta", names);
        Assert.Equal("response.incomplete", names[^1]);
        (HttpStatusCode status, _) = await server.GetAsync($"{Path}/{told[0].GetProperty("response").GetProperty("id").GetString()}");
        Assert.Equal(HttpStatusCode.NotFound, status); // store was false
    }
}
