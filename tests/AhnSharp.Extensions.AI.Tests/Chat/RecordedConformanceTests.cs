using System;
using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;

namespace AhnSharp.Extensions.AI.Tests.Chat;

/// <summary>The suite against OpenAI's client, whose service is a recording: its documented responses, whole and as a stream.</summary>
public sealed class RecordedConformanceTests : ChatClientConformance, IDisposable
{
    private readonly HttpClient _http = new(new Recording());

    public RecordedConformanceTests() => Client = new ChatClient("recorded", new ApiKeyCredential("none"), new OpenAIClientOptions
    {
        Transport = new HttpClientPipelineTransport(_http),
        Endpoint = new Uri("http://recorded.invalid/v1"),
    }).AsIChatClient();

    protected override IChatClient Client { get; }

    public void Dispose()
    {
        Client.Dispose();
        _http.Dispose();
    }

    private sealed class Recording : HttpMessageHandler
    {
        private const string Head = "\"id\":\"chatcmpl-1\",\"created\":1700000000,\"model\":\"recorded\"";
        private const string Usage = "\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":5,\"total_tokens\":17}";
        private const string Call =
            "{\"index\":0,\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\\\"day\\\":3}\"}}";

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            using JsonDocument asked = JsonDocument.Parse(await request.Content!.ReadAsByteArrayAsync(cancellation));
            bool streams = asked.RootElement.TryGetProperty("stream", out JsonElement stream) && stream.GetBoolean();
            JsonElement messages = asked.RootElement.GetProperty("messages");
            bool calls = asked.RootElement.TryGetProperty("tool_choice", out _)
                && messages[messages.GetArrayLength() - 1].GetProperty("role").GetString() == "user";
            string body = streams ? Stream(calls) : Whole(calls);
            return new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent(body, Encoding.UTF8, streams ? "text/event-stream" : "application/json"),
            };
        }

        private static string Whole(bool calls) =>
            $"{{{Head},\"object\":\"chat.completion\",{Usage},\"choices\":[{{\"index\":0,\"finish_reason\":\"{Reason(calls)}\",\"message\":"
            + $"{{\"role\":\"assistant\",\"content\":{(calls ? $"null,\"tool_calls\":[{Call}]" : "\"The sky is blue.\"")}}}}}]}}";

        private static string Stream(bool calls)
        {
            string[] deltas = calls
                ? [$"{{\"role\":\"assistant\",\"tool_calls\":[{Call}]}}"]
                : ["{\"role\":\"assistant\",\"content\":\"The sky\"}", "{\"content\":\" is blue.\"}"];
            StringBuilder events = new();
            foreach (string delta in deltas) Event(events, $"\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":null}}]");
            Event(events, $"\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"{Reason(calls)}\"}}]");
            Event(events, $"\"choices\":[],{Usage}");
            return events.Append("data: [DONE]\n\n").ToString();
        }

        private static void Event(StringBuilder events, string rest) =>
            events.Append("data: {").Append(Head).Append(",\"object\":\"chat.completion.chunk\",").Append(rest).Append("}\n\n");

        private static string Reason(bool calls) => calls ? "tool_calls" : "stop";
    }
}
