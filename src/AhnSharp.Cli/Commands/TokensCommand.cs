using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Gguf;
using AhnSharp.Tokenizer;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn tokens</c>: how many tokens a text has for a model, and which. Loads the tokenizer alone.</summary>
internal sealed class TokensCommand
{
    private readonly Argument<string[]> _words = Choice.Words(
        "text", "The text; without one, -f FILE or standard input.", ArgumentArity.ZeroOrMore);

    private readonly Option<string?> _file = Choice.Text(
        "--file", "Text or document to count, as 'ahn read' takes them; '-' is standard input.", "FILE", "-f");

    private readonly Option<bool> _ids = Choice.Switch(
        "--ids", "Prints the ids alone, between blanks: what --ids of 'ahn perplexity' takes.");
    private readonly Option<bool> _show = Choice.Switch("--show", "Prints each token on a line: its id and its piece of the text.");
    private readonly Option<bool> _specials = Choice.Switch(
        "--specials", "Names of special tokens, as <|im_start|>, are these tokens; else they are text.");

    private readonly DocumentOptionGroup _documents = new();
    private readonly ModelOptionGroup _model = new();
    private readonly Option<bool> _json = JsonOption.Create();

    private TokensCommand()
    {
    }

    internal static Command Create()
    {
        TokensCommand tokens = new();
        Command command = new("tokens", "Counts the tokens of a text as a model sees it, and shows them.")
        {
            tokens._words, tokens._file, tokens._ids, tokens._show, tokens._specials, tokens._model.Model,
        };
        tokens._documents.AddTo(command);
        command.Add(tokens._json);
        command.SetAction(tokens.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string[] words = parsed.GetValue(_words) ?? [];
        string? file = parsed.GetValue(_file);
        if (words.Length > 0 && file is not null)
            throw new UsageException("-f names a file, and the line has a text: give one of the two.");
        if (parsed.GetValue(_ids) && parsed.GetValue(_show))
            throw new UsageException("--ids prints ids alone, and --show pieces too: give one of the two.");
        if (words.Length == 0 && file is null && !Console.IsInputRedirected)
            throw new UsageException("ahn tokens needs a text: ahn tokens \"A text\", -f FILE, or a text on standard input.");
        string text = words.Length > 0 ? string.Join(' ', words)
            : file is not null && file != "-" ? await _documents.ReadAsync(parsed, file, cancellationToken)
            : await TextOptionGroup.ReadTextAsync("-", cancellationToken);
        QwenTokenizer tokenizer;
        using (GgufFile model = GgufFile.Open(_model.ModelPath(parsed))) tokenizer = QwenTokenizer.FromGguf(model.Metadata);
        int[] ids = parsed.GetValue(_specials) ? tokenizer.EncodeWithSpecials(text) : tokenizer.Encode(text);
        if (parsed.GetValue(_json)) Terminal.PrintJson(json => Write(json, text, ids, tokenizer, parsed.GetValue(_show)));
        else if (parsed.GetValue(_ids)) Terminal.Print(string.Join(' ', ids.Select(Number)));
        else
        {
            if (parsed.GetValue(_show))
            {
                foreach ((int id, string piece) in Pieces(ids, tokenizer)) Terminal.Print($"{Number(id),8}  {Quoted(piece)}");
            }
            Terminal.Print(string.Create(
                CultureInfo.InvariantCulture,
                $"{ids.Length:N0} {(ids.Length == 1 ? "token" : "tokens")}, {text.Length:N0} characters ({_model.NameOf(parsed)})"));
        }
        return AhnCommand.Done;
    }

    private static void Write(Utf8JsonWriter json, string text, int[] ids, QwenTokenizer tokenizer, bool shows)
    {
        json.WriteNumber("tokens", ids.Length);
        json.WriteNumber("characters", text.Length);
        json.WriteStartArray("ids");
        foreach (int id in ids) json.WriteNumberValue(id);
        json.WriteEndArray();
        if (!shows) return;
        json.WriteStartArray("pieces");
        foreach ((_, string piece) in Pieces(ids, tokenizer)) json.WriteStringValue(piece);
        json.WriteEndArray();
    }

    // A token may be a part of a character: then its piece is U+FFFD.
    private static IEnumerable<(int Id, string Piece)> Pieces(int[] ids, QwenTokenizer tokenizer) =>
        ids.Select(id => (id, tokenizer.Decode([id])));

    private static string Quoted(string piece) =>
        $"\"{piece.Replace("\n", "\\n", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal)}\"";

    private static string Number(int id) => id.ToString(CultureInfo.InvariantCulture);
}
