using System;
using System.Linq;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Server.Tests;

public sealed class ChatCompletionTests(DemoServer server) : IClassFixture<DemoServer>
{
    private const string Path = "/v1/chat/completions";

    private static JsonArray Book =>
    [
        new JsonObject { ["role"] = "system", ["content"] = DemoText.System },
        new JsonObject { ["role"] = "user", ["content"] = DemoText.BookWithCode + "\n\n" + DemoText.Question },
    ];

    private static string Body(JsonArray messages, string more = "")
    {
        string body = new JsonObject { ["model"] = DemoServer.Model, ["messages"] = messages }.ToJsonString();
        return more.Length == 0 ? body : $"{body[..^1]},{more}}}";
    }

    private static string Say(string text, string more = "") => Body([new JsonObject { ["role"] = "user", ["content"] = text }], more);

    [Fact]
    public async Task It_answers_from_what_the_messages_say_and_reads_a_beginning_once()
    {
        (HttpStatusCode status, JsonElement answer) = await server.PostAsync(Path, Body(Book));
        Assert.Equal(HttpStatusCode.OK, status);
        JsonElement choice = answer.GetProperty("choices")[0];
        Assert.Equal(DemoText.Answer, choice.GetProperty("message").GetProperty("content").GetString()!.Trim());
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        int prompt = answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32();
        (_, JsonElement again) = await server.PostAsync(Path, Body(Book));
        JsonElement usage = again.GetProperty("usage");
        Assert.Equal(prompt, usage.GetProperty("prompt_tokens").GetInt32());
        Assert.InRange(prompt - usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32(), 1, 600);
        (_, JsonElement fresh) = await server.PostAsync(Path, Body(Book, "\"cache_prompt\":false"));
        Assert.Equal(0, fresh.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
        Assert.Equal(choice.GetProperty("message").ToString(), fresh.GetProperty("choices")[0].GetProperty("message").ToString());
    }

    [Fact]
    public async Task A_stream_says_what_the_whole_answer_says()
    {
        (_, JsonElement whole) = await server.PostAsync(Path, Say("The wind rose, and", "\"max_tokens\":24"));
        string[] events = await server.StreamAsync(
            Path, Say("The wind rose, and", "\"max_tokens\":24,\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
        Assert.Equal("[DONE]", events[^1]);
        JsonElement[] chunks = [.. events[..^1].Select(static data => JsonDocument.Parse(data).RootElement)];
        string text = string.Concat(chunks.SelectMany(static chunk => chunk.GetProperty("choices").EnumerateArray()).Select(
            static choice => choice.GetProperty("delta").TryGetProperty("content", out JsonElement content) ? content.GetString() : ""));
        JsonElement expected = whole.GetProperty("choices")[0];
        Assert.Equal(expected.GetProperty("message").GetProperty("content").GetString(), text);
        Assert.Equal("length", expected.GetProperty("finish_reason").GetString());
        Assert.Equal("length", chunks[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(24, chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Single(chunks.Select(static chunk => chunk.GetProperty("id").GetString()).Distinct());
    }

    [Fact]
    public async Task A_schema_holds_and_several_answers_share_their_prompt()
    {
        const string schema = """
            "n":3,"temperature":2,"seed":5,"max_tokens":200,
            "response_format":{"type":"json_schema","json_schema":{"name":"person","strict":true,"schema":{"type":"object",
            "properties":{"name":{"type":"string","maxLength":12},"age":{"type":"integer","minimum":0,"maximum":120}},
            "required":["name","age"]}}}
            """;
        (HttpStatusCode status, JsonElement answer) = await server.PostAsync(Path, Say("Who?", schema));
        Assert.Equal(HttpStatusCode.OK, status);
        JsonElement[] choices = [.. answer.GetProperty("choices").EnumerateArray()];
        Assert.Equal([0, 1, 2], choices.Select(static choice => choice.GetProperty("index").GetInt32()));
        foreach (JsonElement choice in choices)
        {
            JsonElement person = JsonDocument.Parse(choice.GetProperty("message").GetProperty("content").GetString()!).RootElement;
            Assert.InRange(person.GetProperty("age").GetInt32(), 0, 120);
            Assert.Equal(2, person.EnumerateObject().Count());
        }
        Assert.True(choices.Select(static choice => choice.GetProperty("message").ToString()).Distinct().Count() > 1);
    }

    [Fact]
    public async Task An_answer_by_a_schema_is_whole_at_its_last_token_and_refused_where_it_cannot_be()
    {
        static string Least(int most) => $$$$"""
            "n":6,"temperature":2,"seed":5,"max_tokens":{{{{most}}}},
            "response_format":{"type":"json_schema","json_schema":{"name":"text","strict":true,"schema":{"type":"object",
            "properties":{"text":{"type":"string"}},"required":["text"],"additionalProperties":false}}}
            """;
        (_, JsonElement answer) = await server.PostAsync(Path, Say("Tell a story.", Least(24)));
        JsonElement[] choices = [.. answer.GetProperty("choices").EnumerateArray()];
        // The model likes to go on: some of six are closed, and all are whole.
        Assert.Contains(choices, static choice => choice.GetProperty("finish_reason").GetString() == "length");
        foreach (JsonElement choice in choices)
        {
            JsonElement text = JsonDocument.Parse(choice.GetProperty("message").GetProperty("content").GetString()!).RootElement;
            Assert.Equal(JsonValueKind.String, text.GetProperty("text").ValueKind);
        }
        (HttpStatusCode status, answer) = await server.PostAsync(Path, Say("Tell a story.", Least(3)));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        string? message = answer.GetProperty("error").GetProperty("message").GetString();
        Assert.Matches("MaxTokens: expected at least [0-9]+ tokens.*found 3", message);
    }

    [Fact]
    public async Task A_tool_is_called_and_its_result_is_read()
    {
        const string tools = """
            "tools":[{"type":"function","function":{"name":"weather","description":"Of a place.","parameters":{"type":"object",
            "properties":{"place":{"type":"string","enum":["London","Whitby"]}},"required":["place"]}}}],"tool_choice":"required"
            """;
        (_, JsonElement answer) = await server.PostAsync(
            Path, Say("How is the weather in Whitby?", tools + ",\"parallel_tool_calls\":false"));
        JsonElement choice = answer.GetProperty("choices")[0], call = choice.GetProperty("message").GetProperty("tool_calls")[0];
        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("message").GetProperty("content").ValueKind);
        string arguments = call.GetProperty("function").GetProperty("arguments").GetString()!;
        Assert.Contains(JsonDocument.Parse(arguments).RootElement.GetProperty("place").GetString(), (string[])["London", "Whitby"]);
        string[] events = await server.StreamAsync(
            Path, Say("How is the weather in Whitby?", tools + ",\"parallel_tool_calls\":false,\"stream\":true"));
        string streamed = string.Concat(events[..^1].Select(static data => JsonDocument.Parse(data).RootElement.GetProperty("choices")[0]
            .GetProperty("delta")).Where(static delta => delta.TryGetProperty("tool_calls", out _)).Select(static delta =>
                delta.GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString()));
        Assert.Equal(arguments, streamed);
        JsonArray messages =
        [
            new JsonObject { ["role"] = "user", ["content"] = "How is the weather in Whitby?" },
            JsonNode.Parse(choice.GetProperty("message").GetRawText()),
            new JsonObject { ["role"] = "tool", ["tool_call_id"] = call.GetProperty("id").GetString(), ["content"] = "Storm." },
        ];
        (HttpStatusCode status, JsonElement next) = await server.PostAsync(Path, Body(messages, "\"max_tokens\":8"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.NotEmpty(next.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!);
    }

    [Fact]
    public async Task Probabilities_come_with_the_tokens()
    {
        (_, JsonElement answer) = await server.PostAsync(Path, Say("The", "\"max_tokens\":6,\"logprobs\":true,\"top_logprobs\":3"));
        JsonElement choice = answer.GetProperty("choices")[0];
        JsonElement[] tokens = [.. choice.GetProperty("logprobs").GetProperty("content").EnumerateArray()];
        Assert.Equal(choice.GetProperty("message").GetProperty("content").GetString(),
            string.Concat(tokens.Select(static token => token.GetProperty("token").GetString())));
        Assert.All(tokens, static token => Assert.Equal(3, token.GetProperty("top_logprobs").GetArrayLength()));
        Assert.All(tokens, static token => Assert.True(token.GetProperty("logprob").GetDouble() <= 0));
    }

    [Theory]
    [InlineData("\"temperature\":\"hot\"", "temperature", "invalid_value")]
    [InlineData("\"temperature\":-1", "temperature", "invalid_value")]
    [InlineData("\"n\":1000000", "n", "invalid_value")]
    [InlineData("\"n_discard\":5", "n_discard", "unknown_parameter")]
    [InlineData("\"max_tokens\":0", "max_tokens", "invalid_value")]
    [InlineData("\"top_logprobs\":3", "top_logprobs", "invalid_value")]
    [InlineData("\"store\":true", "store", "unsupported_parameter")]
    [InlineData("\"audio\":{\"voice\":\"x\"}", "audio", "unsupported_parameter")]
    [InlineData("\"modalities\":[\"text\",\"audio\"]", "modalities", "unsupported_parameter")]
    [InlineData("\"logit_bias\":{\"a\":1}", "logit_bias", "invalid_value")]
    [InlineData("\"response_format\":{\"type\":\"xml\"}", "response_format.type", "invalid_value")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\"}", "response_format.json_schema", "missing_required_parameter")]
    [InlineData("\"tools\":[{\"type\":\"code_interpreter\"}]", "tools[0].type", "unsupported_parameter")]
    [InlineData("\"grammar\":\"root ::=\",\"regex\":\"a\"", null, null)]
    [InlineData("\"documents\":[\"doc_1\"]", null, null)]
    public async Task What_cannot_be_followed_is_refused_by_its_name(string more, string? parameter, string? code)
    {
        (HttpStatusCode status, JsonElement body) = await server.PostAsync(Path, Say("Hello", more));
        JsonElement error = body.GetProperty("error");
        Assert.InRange((int)status, 400, 404);
        Assert.Equal(4, error.EnumerateObject().Count());
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        if (parameter is null) return;
        Assert.Equal((parameter, code), (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
        Assert.Contains(parameter, error.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"messages\":[]}")]
    [InlineData("{\"messages\":[{\"role\":\"pirate\",\"content\":\"x\"}]}")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:,\"}}]}]}")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"content\":\"y\"}]}")]
    public async Task A_body_that_is_no_request_is_refused(string body)
    {
        (HttpStatusCode status, JsonElement answer) = await server.PostAsync(Path, body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.NotEmpty(answer.GetProperty("error").GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task A_model_that_is_not_served_is_named_with_those_that_are()
    {
        (HttpStatusCode status, JsonElement body) = await server.PostAsync(
            Path, "{\"model\":\"gpt-9\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}");
        Assert.Equal((HttpStatusCode.NotFound, "model_not_found"), (status, body.GetProperty("error").GetProperty("code").GetString()));
        Assert.Contains(DemoServer.Model, body.GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task What_a_file_in_a_message_says_is_read()
    {
        string data = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(DemoText.BookWithCode));
        JsonArray messages =
        [
            new JsonObject { ["role"] = "system", ["content"] = DemoText.System },
            new JsonObject
            {
                ["role"] = "user",
                ["content"] = new JsonArray(
                    new JsonObject
                    {
                        ["type"] = "file",
                        ["file"] = new JsonObject { ["filename"] = "book.txt", ["file_data"] = $"data:text/plain;base64,{data}" },
                    },
                    new JsonObject { ["type"] = "text", ["text"] = DemoText.Question }),
            },
        ];
        (HttpStatusCode status, JsonElement answer) = await server.PostAsync(Path, Body(messages));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(DemoText.Answer, answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!.Trim());
    }
}
