using System;
using System.Diagnostics;
using System.Linq;
using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Server.Tests;

/// <summary>Where one side says nothing for a while.</summary>
public sealed class SilenceTests
{
    [Fact]
    public async Task A_stream_whose_prompt_is_being_read_says_that_it_is_still_there()
    {
        DemoServer server = new(static options =>
        {
            options.StreamPatience = TimeSpan.FromMilliseconds(1);
            options.StreamSilence = TimeSpan.FromMilliseconds(5);
        });
        await server.InitializeAsync();
        try
        {
            string prompt = string.Join(' ', Enumerable.Range(0, 300).Select(static i => $"word{i % 97}"));
            using StringContent content = new(
                $"{{\"stream\":true,\"max_tokens\":2,\"messages\":[{{\"role\":\"user\",\"content\":\"{prompt}\"}}]}}", Encoding.UTF8,
                "application/json");
            using HttpResponseMessage response = await server.Http.PostAsync("/v1/chat/completions", content);
            string text = await response.Content.ReadAsStringAsync();
            Assert.StartsWith(": still here\n\n", text, StringComparison.Ordinal);
            Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_body_that_comes_too_slowly_is_not_waited_for()
    {
        DemoServer server = new(static options => options.LoadAtStart = false);
        await server.InitializeAsync();
        try
        {
            using TcpClient client = new("127.0.0.1", server.Address.Port);
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n{\"messages\":"));
            long started = Stopwatch.GetTimestamp();
            byte[] answer = new byte[1000];
            int count = await stream.ReadAsync(answer).AsTask().WaitAsync(TimeSpan.FromMinutes(1));
            Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 1, 50);
            // Refused with its status, or closed.
            if (count > 0) Assert.StartsWith("HTTP/1.1 408", Encoding.ASCII.GetString(answer, 0, count), StringComparison.Ordinal);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }
}
