using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading.Tasks;

namespace AhnSharp.Testing;

/// <summary>One request as it came over the line, and the means to answer it, rightly or not.</summary>
internal sealed record HttpCall(string Method, string Target, IReadOnlyDictionary<string, string> Headers, Stream Line)
{
    /// <summary>The path without the query.</summary>
    public string Path => Uri.UnescapeDataString(Target.Split('?')[0]);

    public string? Range => Headers.GetValueOrDefault("range");

    /// <summary>The first byte that is asked for.</summary>
    public int From => Range is { } range ? int.Parse(range["bytes=".Length..].Split('-')[0], CultureInfo.InvariantCulture) : 0;

    /// <summary>The last byte that is asked for; null: the file's.</summary>
    public int? To => Range?.Split('-')[1] is { Length: > 0 } to ? int.Parse(to, CultureInfo.InvariantCulture) : null;

    /// <summary>Status line, headers and a body; the length is the body's unless a header says otherwise.</summary>
    public async Task AnswerAsync(int status, byte[] body, params (string Name, string Value)[] headers)
    {
        await HeadAsync(status, body.Length, headers);
        await Line.WriteAsync(body);
    }

    public Task AnswerAsync(int status, string json, params (string Name, string Value)[] headers) =>
        AnswerAsync(status, Encoding.UTF8.GetBytes(json), [("Content-Type", "application/json; charset=utf-8"), .. headers]);

    /// <summary>Status line and headers alone.</summary>
    public async Task HeadAsync(int status, long length, params (string Name, string Value)[] headers)
    {
        StringBuilder head = new(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Answer\r\nConnection: close\r\n"));
        bool hasLength = Array.Exists(headers, header => header.Name is "Content-Length" or "Transfer-Encoding");
        if (!hasLength) head.Append(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n");
        foreach ((string name, string value) in headers) head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        await Line.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()));
    }

    /// <summary>
    /// A file as a right server gives it: whole, or the range that was asked for; at most <paramref name="most"/>
    /// bytes of it before the line is cut.
    /// </summary>
    public async Task FileAsync(byte[] content, int most = int.MaxValue, params (string Name, string Value)[] headers)
    {
        int from = From;
        if (from >= content.Length && Range is not null)
        {
            await AnswerAsync(416, "", ("Content-Range", $"bytes */{content.Length}"));
            return;
        }
        int end = Math.Min(content.Length, (To ?? content.Length - 1) + 1);
        (string, string)[] range = Range is null ? [] : [("Content-Range", $"bytes {from}-{end - 1}/{content.Length}")];
        await HeadAsync(Range is null ? 200 : 206, end - from, [.. headers, .. range]);
        await Line.WriteAsync(content.AsMemory(from, Math.Min(most, end - from)));
    }

    public Task RedirectAsync(string location, params (string Name, string Value)[] headers) =>
        AnswerAsync(302, [], [("Location", location), .. headers]);
}
