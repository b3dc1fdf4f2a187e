using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;

namespace AhnSharp.Testing;

/// <summary>
/// A server on loopback that answers byte by byte as a test says, and remembers what it was asked. Raw, so that it can misbehave.
/// </summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<HttpCall, Task> _answer;

    public LoopbackServer(Func<HttpCall, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    public Uri Address => new($"http://127.0.0.1:{Port}/");

    public ConcurrentQueue<HttpCall> Calls { get; } = new();

    /// <summary>What went wrong in a test's own answers; a cut line is none.</summary>
    public ConcurrentQueue<Exception> Faults { get; } = new();

    public void Dispose()
    {
        // A test may close it early, to see what a dead line gives.
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception closed) when (closed is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream line = client.GetStream();
                if (await ReadAsync(line) is not { } call) return;
                Calls.Enqueue(call);
                await _answer(call);
                await line.FlushAsync();
            }
            catch (Exception cut) when (cut is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
            {
            }
            catch (Exception fault)
            {
                Faults.Enqueue(fault);
            }
        }
    }

    private static async Task<HttpCall?> ReadAsync(Stream line)
    {
        List<string> lines = [];
        List<byte> bytes = [];
        byte[] one = new byte[1];
        while (await line.ReadAsync(one) == 1)
        {
            if (one[0] != '\n')
            {
                if (one[0] != '\r') bytes.Add(one[0]);
                continue;
            }
            if (bytes.Count == 0) break;
            lines.Add(System.Text.Encoding.ASCII.GetString([.. bytes]));
            bytes.Clear();
        }
        if (lines.Count == 0) return null;
        string[] request = lines[0].Split(' ');
        Dictionary<string, string> headers = lines.Skip(1)
            .Select(header => header.Split(": ", 2)).ToDictionary(
                header => header[0], header => header[^1], StringComparer.OrdinalIgnoreCase);
        return new HttpCall(request[0], request[1], headers, line);
    }
}
