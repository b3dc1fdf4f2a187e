using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace AhnSharp.Hub;

/// <summary>Which hub, by whose leave, into which folder: by the environment variables of the hub's own tools.</summary>
/// <remarks>
/// Names and defaults: huggingface_hub ee0a4510, constants.py and utils/_auth.py. Proxies (HTTP_PROXY, HTTPS_PROXY,
/// ALL_PROXY, NO_PROXY) are .NET's part.
/// </remarks>
public sealed partial record HubSettings
{
    /// <summary>The hub where HF_ENDPOINT names no other.</summary>
    public static readonly Uri DefaultEndpoint = new("https://huggingface.co/");

    /// <summary>HF_ENDPOINT: the hub or a mirror of it. Ends with a slash.</summary>
    public Uri Endpoint { get; init; } = DefaultEndpoint;

    /// <summary>HF_TOKEN, or the file that the hub's own login leaves; null for none. Sent to <see cref="Endpoint"/> alone.</summary>
    public string? Token { get; init; }

    /// <summary>Where the token came from, for sentences about it.</summary>
    public string TokenSource { get; init; } = "HF_TOKEN";

    /// <summary>HF_HUB_CACHE, or <c>hub</c> in HF_HOME.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>HF_HUB_OFFLINE: nothing is asked over the network.</summary>
    public bool Offline { get; init; }

    /// <summary>False under HF_HUB_DISABLE_SYMLINKS, and tried no further: files then lie in the snapshots themselves.</summary>
    public bool Symlinks { get; init; } = true;

    /// <summary>
    /// HF_HUB_DOWNLOAD_TIMEOUT: a connection that brings nothing for so long is cut, and the work goes on over a new one.
    /// </summary>
    public TimeSpan StallLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What is tried again, and when.</summary>
    public RetryPolicy Retry { get; init; } = new();

    /// <summary>True where the proxies of the environment are used.</summary>
    internal bool UseProxy { get; init; } = true;

    /// <summary>Bytes that may still be written to the disk of a folder, which need not exist yet.</summary>
    public Func<string, long> FreeBytes { get; init; } = FreeBytesOf;

    /// <summary>The settings of this process's environment.</summary>
    /// <exception cref="HubException">A variable has a value that cannot be meant; the sentence names it.</exception>
    public static HubSettings FromEnvironment() => From(Environment.GetEnvironmentVariable);

    /// <summary>The settings of an environment; <paramref name="variable"/> gives null where one is not set.</summary>
    /// <exception cref="HubException">A variable has a value that cannot be meant; the sentence names it.</exception>
    public static HubSettings From(Func<string, string?> variable)
    {
        string? Text(params ReadOnlySpan<string> names)
        {
            foreach (string name in names)
            {
                if (variable(name)?.Trim() is { Length: > 0 } value) return value;
            }
            return null;
        }

        bool IsOn(string name) => Text(name) is { } value && IsTrue(value);

        string userCache = Text("XDG_CACHE_HOME") ?? Path.Combine("~", ".cache");
        string home = Text("HF_HOME") ?? Path.Combine(userCache, "huggingface");
        (string? token, string source) = FindToken(variable, Text, Path.Combine(home, "token"));
        return new HubSettings
        {
            Endpoint = EndpointOf(Text("HF_ENDPOINT")),
            Token = token,
            TokenSource = source,
            CacheFolder = Expanded(Text("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") ?? Path.Combine(home, "hub"), variable),
            Offline = IsOn("HF_HUB_OFFLINE") || IsOn("TRANSFORMERS_OFFLINE"),
            Symlinks = !IsOn("HF_HUB_DISABLE_SYMLINKS"),
            StallLimit = StallLimitOf(Text("HF_HUB_DOWNLOAD_TIMEOUT")),
        };
    }

    /// <summary>True where an address is the endpoint's own, and so may see the token: same scheme, host and port.</summary>
    internal bool IsEndpoint(Uri address) =>
        Uri.Compare(address, Endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static long FreeBytesOf(string folder)
    {
        string there = Path.GetFullPath(folder);
        while (!Directory.Exists(there) && Path.GetDirectoryName(there) is { } parent) there = parent;
        return new DriveInfo(there).AvailableFreeSpace;
    }

    private delegate string? Variables(params ReadOnlySpan<string> names);

    private static (string? Token, string Source) FindToken(Func<string, string?> variable, Variables text, string defaultFile)
    {
        if (text("HF_HUB_DISABLE_IMPLICIT_TOKEN") is { } value && IsTrue(value)) return (null, "HF_TOKEN");
        if (text("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN") is { } token) return (Checked(token, "HF_TOKEN"), "HF_TOKEN");
        string file = Expanded(text("HF_TOKEN_PATH") ?? defaultFile, variable);
        return File.Exists(file)
            && File.ReadAllText(file).Trim() is { Length: > 0 } stored ? (Checked(stored, file), file) : (null, "HF_TOKEN");
    }

    // It becomes a header: a line break in it would become further headers.
    private static string Checked(string token, string source) => token.All(c => c is > ' ' and <= '~')
        ? token
        : throw new HubException($"{source}: expected a token of printable ASCII characters without spaces, found others in it.");

    private static Uri EndpointOf(string? text)
    {
        if (text is null) return DefaultEndpoint;
        bool isAddress = Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
            && address.Host.Length > 0;
        if (!isAddress || address!.Query.Length > 0 || address.Fragment.Length > 0 || address.UserInfo.Length > 0)
        {
            throw new HubException(
                $"HF_ENDPOINT: expected an address such as {DefaultEndpoint.OriginalString.TrimEnd('/')}, found '{text}'.");
        }
        return address;
    }

    private static TimeSpan StallLimitOf(string? text)
    {
        if (text is null) return TimeSpan.FromSeconds(30);
        bool isNumber = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
            && seconds is > 0 and <= 86_400;
        return isNumber ? TimeSpan.FromSeconds(seconds) : throw new HubException(
            $"HF_HUB_DOWNLOAD_TIMEOUT: expected seconds from 1 to 86400, found '{text}'.");
    }

    private static bool IsTrue(string value) => value.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    // As Python's expanduser, then expandvars: a variable that is not set stays as it was written.
    private static string Expanded(string path, Func<string, string?> variable)
    {
        bool isBelowHome = path == "~" || path.StartsWith("~/", StringComparison.Ordinal)
            || path.StartsWith(@"~\", StringComparison.Ordinal);
        string below = isBelowHome ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..] : path;
        string named = VariableName().Replace(below, match => variable(match.Groups["name"].Value) ?? match.Value);
        return Path.GetFullPath(OperatingSystem.IsWindows() ? Environment.ExpandEnvironmentVariables(named) : named);
    }

    [GeneratedRegex(@"\$(?:(?<name>[A-Za-z0-9_]+)|\{(?<name>[^{}]+)\})")]
    private static partial Regex VariableName();
}
