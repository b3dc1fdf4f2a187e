using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Documents;
using AhnSharp.Documents.Reading;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn text</c>: what a model would be given of documents, without a model.</summary>
internal sealed class TextCommand
{
    private readonly Argument<string[]> _paths = Choice.Words(
        "paths", $"{ReadCommand.Kinds}; '-' is standard input.", ArgumentArity.OneOrMore);
    private readonly DocumentOptionGroup _documents = new();
    private readonly Option<bool> _json = JsonOption.Create();

    private TextCommand()
    {
    }

    internal static Command Create()
    {
        TextCommand text = new();
        Command command = new("text", "Prints the text of documents exactly as 'ahn read' gives it to a model; "
            + "what is left out is told on standard error.") { text._paths };
        text._documents.AddTo(command);
        command.Add(text._json);
        command.SetAction(text.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        List<Document> documents = await _documents.OpenAsync(parsed, parsed.GetValue(_paths)!, cancellationToken);
        string text = new DocumentPrompt(documents).Text;
        if (parsed.GetValue(_json))
        {
            Terminal.PrintJson(json =>
            {
                json.WriteStartArray("documents");
                foreach (Document document in documents) DocumentEntry.Of(document).Write(json);
                json.WriteEndArray();
                json.WriteNumber("characters", text.Length);
                json.WriteString("text", text);
            });
            return AhnCommand.Done;
        }
        DocumentReport.Announce(documents);
        // Exactly the text into files and pipes; a terminal gets a line's end, and no control character of a stranger's file.
        Terminal.PrintText(text, Shown);
        return AhnCommand.Done;
    }

    private static string Shown(string text)
    {
        if (!text.Any(IsControl)) return text;
        StringBuilder shown = new(text.Length);
        foreach (char c in text) shown.Append(IsControl(c) ? '\uFFFD' : c);
        return shown.ToString();
    }

    // Direction marks and overrides too: they rewrite the line for the eye.
    private static bool IsControl(char c) => (char.IsControl(c) && c is not ('\n' or '\t'))
        || c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u2028' or '\u2029';
}
