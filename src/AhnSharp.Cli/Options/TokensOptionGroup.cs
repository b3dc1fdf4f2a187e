using System.CommandLine;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Evaluation;
using AhnSharp.Tokenizer;

namespace AhnSharp.Cli.Options;

/// <summary>The tokens that are measured: a text or ids, and how many of them.</summary>
internal sealed class TokensOptionGroup(string command)
{
    private readonly Option<string?> _file = Choice.Text(
        "--file", "Text to read, UTF-8; '-' is standard input. Nothing is added to it.", "FILE", "-f");
    private readonly Option<string?> _ids = Choice.Text(
        "--ids", "Token ids to read as they are: decimal numbers between white space; '-' is standard input.", "FILE");
    private readonly Option<int?> _tokens = Choice.WholeNumber(
        "--tokens", "Reads this many tokens of it, or all where there are fewer (default: all).", 2);

    internal void AddTo(Command parent)
    {
        parent.Add(_file);
        parent.Add(_ids);
        parent.Add(_tokens);
    }

    /// <summary>What was named, for people: the file's name.</summary>
    internal string NameOf(ParseResult parsed) =>
        (parsed.GetValue(_file) ?? parsed.GetValue(_ids)) is { } path && path != "-" ? Path.GetFileName(path) : "standard input";

    /// <summary>The files that are read, which are never written over.</summary>
    internal string?[] Inputs(ParseResult parsed) => [Named(parsed.GetValue(_file)), Named(parsed.GetValue(_ids))];

    private static string? Named(string? path) => path is null or "-" ? null : path;

    /// <summary>The text of <c>-f</c>, or null where ids are given instead; one of the two is.</summary>
    internal async Task<string?> ReadTextAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string? file = parsed.GetValue(_file);
        if (file is null == parsed.GetValue(_ids) is null)
            throw new UsageException($"ahn {command} needs one of -f FILE (text) and --ids FILE (token ids).");
        return file is null ? null : await TextOptionGroup.ReadTextAsync(file, cancellationToken);
    }

    /// <summary>The ids of <c>--ids</c>.</summary>
    internal async Task<int[]> ReadIdsAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string path = parsed.GetValue(_ids)!;
        return Cut(TokenIds.Read(
            new StringReader(await TextOptionGroup.ReadTextAsync(path, cancellationToken)), path == "-" ? "standard input" : path), parsed);
    }

    /// <summary>The ids of a text.</summary>
    internal int[] Encode(QwenTokenizer tokenizer, string text, ParseResult parsed) => Cut(tokenizer.Encode(text), parsed);

    private int[] Cut(int[] ids, ParseResult parsed) => parsed.GetValue(_tokens) is { } most && most < ids.Length ? ids[..most] : ids;
}
