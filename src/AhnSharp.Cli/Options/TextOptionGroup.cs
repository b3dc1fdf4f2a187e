using System;
using System.Buffers;
using System.CommandLine;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;

namespace AhnSharp.Cli.Options;

/// <summary>What the model reads: <c>-f FILE</c> ('-' is standard input), <c>--prompt</c>, <c>--system</c>.</summary>
/// <param name="prompt">What --prompt is, where it is no question that follows a file's text.</param>
internal sealed class TextOptionGroup(string? prompt = null)
{
    private readonly DocumentOptionGroup _documents = new();

    internal Option<string?> File { get; } = Choice.Text(
        "--file", "Text or document to read, as 'ahn read' takes them; '-' is standard input.", "FILE", "-f");

    internal Option<string?> Prompt { get; } = Choice.Text(
        "--prompt", prompt ?? "The question or instruction; with --file it follows the file's text.", "TEXT", "-p");

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

    /// <summary>The text of a document that is named later.</summary>
    internal Task<string> ReadDocumentAsync(ParseResult parsed, string path, CancellationToken cancellationToken) => path == "-"
        ? throw new UsageException("standard input has the turns of the conversation: name a file.")
        : _documents.ReadAsync(parsed, path, cancellationToken);

    /// <summary>
    /// The text of a file or, for '-', of standard input. Bytes that are no UTF-8 are an error, never a replacement character.
    /// </summary>
    internal static async Task<string> ReadTextAsync(string path, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path)) throw new UsageException($"{path}: expected a text file, found a folder.");
        if (path != "-" && !IsFile(path)) throw new FileNotFoundException($"There is no file {path}.", path);
        Stream bytes = path == "-" ? StandardStreams.OpenInput() : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            using MemoryStream all = new();
            // A pipe that nobody writes to does not notice cancellation: wait beside it.
            await bytes.CopyToAsync(all, cancellationToken).WaitAsync(cancellationToken);
            return TextOf(all.GetBuffer().AsSpan(0, (int)all.Length), path == "-" ? "standard input" : path);
        }
        finally
        {
            await bytes.DisposeAsync();
        }
    }

    private static bool IsFile(string path) => global::System.IO.File.Exists(path);

    // A mark at the beginning says UTF-8, UTF-16 or UTF-32; without one it is UTF-8.
    private static string TextOf(ReadOnlySpan<byte> bytes, string name)
    {
        Encoding[] marked =
        [
            new UTF32Encoding(bigEndian: false, byteOrderMark: true, throwOnInvalidCharacters: true),
            new UTF32Encoding(true, true, true),
            new UnicodeEncoding(false, true, true),
            new UnicodeEncoding(true, true, true),
        ];
        try
        {
            foreach (Encoding encoding in marked)
            {
                if (bytes.StartsWith(encoding.Preamble)) return encoding.GetString(bytes[encoding.Preamble.Length..]);
            }
            if (bytes.StartsWith(Encoding.UTF8.Preamble)) bytes = bytes[Encoding.UTF8.Preamble.Length..];
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            int at = FirstWrong(bytes);
            if (at < 0)
            {
                throw new InvalidDataException(
                    $"{name}: expected UTF-16 or UTF-32 text, as its first bytes say, found others; convert it (for example with iconv).",
                    e);
            }
            int line = bytes[..at].Count((byte)'\n') + 1;
            throw new InvalidDataException($"{name}: expected UTF-8 text, found the byte 0x{bytes[at]:X2} at {at} (line {line}); "
                + "mend that place, or let 'ahn text' find out the encoding.", e);
        }
    }

    private static int FirstWrong(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length;)
        {
            if (Rune.DecodeFromUtf8(bytes[i..], out _, out int length) != OperationStatus.Done) return i;
            i += length;
        }
        return -1;
    }
}
