using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Server.Tests;

/// <summary>Connections that are opened and never ask.</summary>
public sealed class ConnectionTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Thousands_of_open_connections_hold_nobody_up()
    {
        // Both ends are this process's: two files a connection, of what the machine gives it.
        int count = Math.Min(9_000, (MostFiles() - 1_000) / 2);
        Assert.True(count >= 10, $"expected a limit of open files of some thousands, found {MostFiles()}");
        using TemporaryFolder data = new();
        await using WebApplication app = await StartAsync(data, new ServerListening(0, IPAddress.Loopback));
        Uri address = new(app.Urls.First());
        List<TcpClient> open = [];
        try
        {
            long before = Stopwatch.GetTimestamp();
            for (int i = 0; i < count; i++)
            {
                TcpClient client = new();
                open.Add(client);
                await client.ConnectAsync(IPAddress.Loopback, address.Port);
                // Half of them say half a request.
                if (i % 2 == 0) await client.GetStream().WriteAsync("GET /health HT"u8.ToArray());
            }
            double opened = Stopwatch.GetElapsedTime(before).TotalSeconds, slowest = 0;
            for (int i = 0; i < 20; i++)
            {
                before = Stopwatch.GetTimestamp();
                using HttpClient http = new() { BaseAddress = address, Timeout = TimeSpan.FromSeconds(20) };
                using HttpResponseMessage answer = await http.GetAsync("/v1/models");
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                slowest = Math.Max(slowest, Stopwatch.GetElapsedTime(before).TotalSeconds);
            }
            output.WriteLine($"{count} connections in {opened:f1} s; the slowest of 20 answers beside them took {slowest * 1000:f0} ms");
            // They take milliseconds; what waits for others waits for the time that a header may take.
            Assert.InRange(slowest, 0, 10);
        }
        finally
        {
            foreach (TcpClient client in open) client.Dispose();
        }
    }

    [Fact]
    public async Task More_than_the_bound_are_closed_at_once_and_others_may_come_when_some_have_left()
    {
        using TemporaryFolder data = new();
        await using WebApplication app = await StartAsync(data, new ServerListening(0, IPAddress.Loopback, MaxConnections: 8));
        int port = new Uri(app.Urls.First()).Port;
        List<TcpClient> open = [];
        try
        {
            for (int i = 0; i < 8; i++)
            {
                open.Add(new TcpClient("127.0.0.1", port));
                Assert.StartsWith("HTTP/1.1 200", await AskAsync(open[^1]), StringComparison.Ordinal);
            }
            using (TcpClient further = new("127.0.0.1", port)) Assert.Equal("", await AskAsync(further));
            open[0].Dispose();
            string answer = "";
            for (int i = 0; i < 100 && answer.Length == 0; i++)
            {
                await Task.Delay(50);
                using TcpClient later = new("127.0.0.1", port);
                answer = await AskAsync(later);
            }
            Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        }
        finally
        {
            foreach (TcpClient client in open) client.Dispose();
        }
    }

    private static async Task<WebApplication> StartAsync(TemporaryFolder data, ServerListening listening)
    {
        WebApplication app = ServerHost.Build(listening, options =>
        {
            options.Models.Add(new ServedModel(DemoServer.Model, DemoText.ModelPath));
            options.DataFolder = data.Path;
            options.LoadAtStart = false;
        });
        await app.StartAsync();
        return app;
    }

    // What the server answers; empty where it closes.
    private static async Task<string> AskAsync(TcpClient client)
    {
        byte[] answer = new byte[4_096];
        try
        {
            await client.GetStream().WriteAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
            int count = await client.GetStream().ReadAsync(answer).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
            return Encoding.ASCII.GetString(answer, 0, count);
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static int MostFiles()
    {
        const string limits = "/proc/self/limits";
        string? line = File.Exists(limits)
            ? File.ReadLines(limits).FirstOrDefault(static one => one.StartsWith("Max open files", StringComparison.Ordinal)) : null;
        string[] words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Length < 4 ? 4_096 : int.TryParse(words[3], CultureInfo.InvariantCulture, out int most) ? most : int.MaxValue;
    }
}
