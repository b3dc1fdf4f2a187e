using System;
using System.Linq;

namespace AhnSharp.Hub;

/// <summary>
/// Reads a model's name out of the address of its page, or of a file on it, as people copy it from a browser or from
/// another program's command line.
/// </summary>
internal static class ModelAddress
{
    // The hub's own, its short form, and what the tools of other programs write before a name.
    private static readonly string[] s_hosts = ["huggingface.co/", "www.huggingface.co/", "hf.co/", "hf://"];

    /// <summary>
    /// OWNER/REPO[:WHAT] of <c>hf.co/OWNER/REPO:TYPE</c>, <c>https://huggingface.co/OWNER/REPO/blob/main/FILE</c> and their like, and the
    /// branch in it (null: none is named). Null where a text is no address; an empty name where the address is that of something else.
    /// </summary>
    public static (string Name, string? Revision)? Read(string text)
    {
        string rest = text.Trim();
        bool hasScheme = false;
        foreach (string scheme in new[] { "https://", "http://" })
        {
            if (!rest.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) continue;
            rest = rest[scheme.Length..];
            hasScheme = true;
        }
        if (s_hosts.FirstOrDefault(host => rest.StartsWith(host, StringComparison.OrdinalIgnoreCase)) is not { } known) return null;
        if (hasScheme && known.EndsWith("//", StringComparison.Ordinal)) return ("", null);
        rest = rest[known.Length..];
        int end = rest.AsSpan().IndexOfAny('?', '#');
        if (end >= 0) rest = rest[..end];
        rest = rest.TrimEnd('/');
        if (rest.StartsWith("models/", StringComparison.Ordinal)) rest = rest["models/".Length..];
        string[] parts = rest.Split('/');
        if (parts.Length == 2) return (rest, null);
        // OWNER/REPO/(tree|blob|resolve|raw)/BRANCH[/FILE]: slashes of a branch are written %2F there.
        if (parts.Length < 4 || parts[2] is not ("tree" or "blob" or "resolve" or "raw")) return ("", null);
        string repo = $"{parts[0]}/{parts[1]}", file = Uri.UnescapeDataString(string.Join('/', parts[4..]));
        return (file.Length == 0 ? repo : $"{repo}:{file}", Uri.UnescapeDataString(parts[3]));
    }
}
