using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AhnSharp.Cli.Options;
using AhnSharp.Server;

namespace AhnSharp.Cli.Serve;

/// <summary>Where a server listens, to whom it answers, and within which limits.</summary>
internal sealed class ServeOptionGroup
{
    private const int DefaultPort = 8080;
    private const string KeyVariable = "AHN_API_KEY";

    private readonly Option<string?> _host = Choice.Text(
        "--host", "Address to listen on; 0.0.0.0 is every address of this machine (default: loopback alone).", "ADDRESS");

    private readonly Option<int?> _port = Choice.WholeNumber(
        "--port", $"Port to listen on (default {DefaultPort}).", 0, IPEndPoint.MaxPort, "-p");
    private readonly Option<string?> _keys = Choice.Text("--api-keys",
        $"File with the keys of those who may ask, a line each: KEY or sha256:HASH, then NAME and limits, as answers=2 priority=1. "
            + $"{KeyVariable} holds a single one (default: none is needed).", "FILE");

    private readonly Option<string[]> _hosts = Several(
        "--allow-host", "Name of this server that a Host header may say; '*' is any.", "NAME");
    private readonly Option<string[]> _origins = Several(
        "--allow-origin", "Origin of pages that may ask from a browser, as https://example.org; '*' is any.", "ORIGIN");

    private readonly Option<int?> _parallel = Choice.WholeNumber(
        "--parallel", $"Answers of one model at the same time (default {new AhnServerOptions().MaxAnswers}).", 1, 1024);

    private readonly Option<int?> _queue = Choice.WholeNumber(
        "--queue", $"Requests that may wait for their turn; further ones get 429 (default {new AhnServerOptions().MaxWaiting}).", 0);

    private readonly Option<TimeSpan?> _pause = DurationOption.Create("--longest-pause",
        "Most that a running answer waits for its next token because prompts of others are read (default 250ms).");

    private readonly Option<int?> _piece = Choice.WholeNumber("--piece",
        "Most tokens of a prompt in one pass (default: measured when a model is loaded, so that --longest-pause holds).", 1);

    private readonly Option<TimeSpan?> _keepAlive = DurationOption.Create(
        "--keep-alive", "Unloads a model that nobody has asked for this long (default: when its memory is needed).");

    private readonly Option<long?> _memory = ByteOption.Create(
        "--memory-limit", "Most that loaded models and their answers may be planned to take (default: what is free).");

    private readonly Option<long?> _cache = ByteOption.Create(
        "--cache", "Kept beginnings of conversations, of each model; 0 keeps none (default 1GiB).", mayBeNone: true);
    private readonly Option<long?> _body = ByteOption.Create("--max-body", "Longest body of a request (default 32MiB).");
    private readonly Option<long?> _upload = ByteOption.Create("--max-upload", "Longest document (default 512MiB).");
    private readonly Option<string?> _data = Choice.Text(
        "--data", "Folder of documents and kept answers (default: in the user's data).", "FOLDER");
    private readonly Option<string?> _certificate = Choice.Text("--tls-cert", "Certificate for https, PEM.", "FILE");
    private readonly Option<string?> _certificateKey = Choice.Text("--tls-key", "Its key, PEM.", "FILE");
    private readonly Option<bool> _logTexts = Choice.Switch("--log-texts", "Writes questions and answers into the log.");

    /// <summary>Whether the log is JSON, a line each.</summary>
    internal Option<bool> LogJson { get; } = Choice.Switch("--log-json", "Writes the log as JSON, an object per line.");

    internal void AddTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            _host, _port, _keys, _hosts, _origins, _parallel, _queue, _pause, _piece, _keepAlive, _memory, _cache, _body, _upload, _data,
            _certificate, _certificateKey, _logTexts, LogJson,
        }) command.Add(option);
    }

    internal ServerListening Listening(ParseResult parsed)
    {
        IPAddress? address = null;
        if (parsed.GetValue(_host) is { } host && host is not ("localhost" or "loopback") && !IPAddress.TryParse(host, out address))
            throw new UsageException($"--host: expected an address, such as 127.0.0.1 or 0.0.0.0, found '{host}'.");
        int port = parsed.GetValue(_port) ?? DefaultPort;
        // A free port is chosen for one address.
        if (port == 0) address ??= IPAddress.Loopback;
        return new ServerListening(port, address, Certificate(parsed));
    }

    internal void Apply(ParseResult parsed, AhnServerOptions options)
    {
        options.MaxAnswers = parsed.GetValue(_parallel) ?? options.MaxAnswers;
        options.MaxWaiting = parsed.GetValue(_queue) ?? options.MaxWaiting;
        options.LongestPause = parsed.GetValue(_pause) ?? options.LongestPause;
        options.PieceTokens = parsed.GetValue(_piece) ?? options.PieceTokens;
        options.KeepAlive = parsed.GetValue(_keepAlive) ?? options.KeepAlive;
        options.MemoryBytes = parsed.GetValue(_memory) ?? options.MemoryBytes;
        options.CacheBytes = parsed.GetValue(_cache) ?? options.CacheBytes;
        options.MaxBodyBytes = parsed.GetValue(_body) ?? options.MaxBodyBytes;
        options.MaxUploadBytes = parsed.GetValue(_upload) ?? options.MaxUploadBytes;
        options.DataFolder = parsed.GetValue(_data) ?? options.DataFolder;
        options.LogTexts = parsed.GetValue(_logTexts);
        foreach (string name in parsed.GetValue(_hosts) ?? []) options.Hosts.Add(name);
        foreach (string origin in parsed.GetValue(_origins) ?? []) options.Origins.Add(Origin(origin));
        foreach (ApiKey key in Keys(parsed)) options.Keys.Add(key);
    }

    private static Option<string[]> Several(string name, string description, string helpName) => new(name)
    {
        Description = $"{description} May be given several times.",
        HelpName = helpName,
        Arity = ArgumentArity.OneOrMore,
    };

    private static string Origin(string text) =>
        text == "*" || (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && uri.PathAndQuery == "/")
            ? text
            : throw new UsageException($"--allow-origin: expected an origin, such as https://example.org, found '{text}'.");

    private List<ApiKey> Keys(ParseResult parsed)
    {
        List<ApiKey> keys = [];
        if (Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } single) keys.Add(Key(KeyVariable, single, KeyVariable));
        if (parsed.GetValue(_keys) is not { } path) return keys;
        if (!File.Exists(path)) throw new UsageException($"--api-keys: expected a file, found none at {path}.");
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0].StartsWith('#')) continue;
            keys.Add(Key($"{path}, line {number}", words[0], null, words[1..]));
        }
        return keys.Count > 0 ? keys : throw new UsageException($"--api-keys: expected one key at least in {path}, found none.");
    }

    private static ApiKey Key(string where, string key, string? name, params string[] words)
    {
        int? answers = null;
        int priority = 0;
        foreach (string word in words)
        {
            string[] pair = word.Split('=', 2);
            if (pair.Length == 1) name = word;
            else if (pair[0] == "answers" && int.TryParse(pair[1], out int most) && most > 0) answers = most;
            else if (pair[0] == "priority" && int.TryParse(pair[1], out int first)) priority = first;
            else throw new UsageException($"{where}: expected a name, answers=N or priority=N behind a key, found '{word}'.");
        }
        try
        {
            return ApiKey.Of(key, name, answers, priority);
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException($"{where}: {wrong.Message.Split(" (Parameter")[0]}");
        }
    }

    private X509Certificate2? Certificate(ParseResult parsed)
    {
        string? certificate = parsed.GetValue(_certificate), key = parsed.GetValue(_certificateKey);
        if (certificate is null && key is null) return null;
        if (certificate is null || key is null) throw new UsageException("--tls-cert and --tls-key belong together: give both.");
        foreach (string path in (string[])[certificate, key])
        {
            if (!File.Exists(path)) throw new UsageException($"--tls-cert, --tls-key: expected a file, found none at {path}.");
        }
        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key);
        }
        catch (CryptographicException wrong)
        {
            throw new UsageException($"--tls-cert: {certificate} with {key} is no certificate with its key: {wrong.Message}");
        }
    }
}
