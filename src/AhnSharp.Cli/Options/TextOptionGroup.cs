using System;
using System.CommandLine;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace AhnSharp.Cli.Options;

/// <summary>What the model reads: <c>-f FILE</c> ('-' is standard input), <c>--prompt</c>, <c>--system</c>.</summary>
internal sealed class TextOptionGroup
{
    private readonly DocumentOptionGroup _documents = new();

    internal Option<string?> File { get; } = Choice.Text("--file", "Text or document to read, as 'ahn read' takes them; '-' is standard input.", "FILE", "-f");

    internal Option<string?> Prompt { get; } = Choice.Text("--prompt", "The question or instruction; with --file it follows the file's text.", "TEXT", "-p");

    internal Option<string?> System { get; } = Choice.Text("--system", "The system turn, for files with a chat template.", "TEXT");

    internal void AddTo(Command command)
    {
        command.Add(File);
        command.Add(Prompt);
        command.Add(System);
        _documents.AddTo(command);
    }

    /// <summary>The text of <c>--file</c>, or null where the option is absent.</summary>
    internal async Task<string?> ReadFileAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        parsed.GetValue(File) is { } path ? await _documents.ReadAsync(parsed, path, cancellationToken) : null;

    /// <summary>The text of a file or, for '-', of standard input. Bytes that are no UTF-8 are an error, never a replacement character.</summary>
    internal static async Task<string> ReadTextAsync(string path, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path)) throw new UsageException($"{path}: expected a text file, found a folder.");
        UTF8Encoding strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        Stream bytes = path == "-" ? Console.OpenStandardInput() : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            using StreamReader reader = new(bytes, strict, detectEncodingFromByteOrderMarks: true);
            // A pipe that nobody writes to does not notice cancellation: wait beside it.
            return await reader.ReadToEndAsync(cancellationToken).WaitAsync(cancellationToken);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"{(path == "-" ? "standard input" : path)}: expected UTF-8 text, found other bytes ('ahn text' makes text of documents and of other encodings).", e);
        }
    }
}
