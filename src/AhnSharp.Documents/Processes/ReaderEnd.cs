using System;
using System.Globalization;
using System.Linq;
using System.Text;

namespace AhnSharp.Documents.Processes;

/// <summary>The one sentence about a reading process that ended without a document.</summary>
internal static class ReaderEnd
{
    private const string Harm = "the file is damaged or made to harm";
    private const int MaxCharacters = 1000;

    // How a process ends whose stack is full: Windows by this code, Unix by SIGABRT after a line about it.
    private const int StackOverflowCode = unchecked((int)0xC00000FD), Signal = 128;

    public static DocumentException Memory(string name, DocumentLimits limits) =>
        new(name, $"reading it took more than {Size(limits.ReaderMemoryBytes)} of memory; "
            + $"if you trust the file, allow more (--reader-memory, DocumentLimits.ReaderMemoryBytes).");

    public static DocumentException Time(string name, DocumentLimits limits) =>
        new(name, $"reading it took more than {Seconds(limits.ReaderTime)} of processor time; "
            + $"if you trust the file, allow more (--reader-time, DocumentLimits.ReaderTime).");

    public static DocumentException Standstill(string name, DocumentLimits limits) =>
        new(name, $"reading it stood still for {Seconds(limits.ReaderStandstill)} and was ended; {Harm}.");

    public static DocumentException TooMuchText(string name, DocumentLimits limits) =>
        new(name, $"expected at most {Size(limits.ReaderTextBytes)} of text in it, found more; "
            + $"if you trust the file, allow more (DocumentLimits.ReaderTextBytes).");

    public static DocumentException Refused(string name, byte[] sentence)
    {
        string text = OneLine(Encoding.UTF8.GetString(sentence.AsSpan(0, Math.Min(sentence.Length, 4 * MaxCharacters))));
        return text.StartsWith(name + ": ", StringComparison.Ordinal) ? new DocumentException(text) : new DocumentException(name, text);
    }

    public static DocumentException Fault(string name, byte[] text) =>
        new(name, $"reading it failed in a way that nobody expected "
            + $"({OneLine(Encoding.UTF8.GetString(text.AsSpan(0, Math.Min(text.Length, 4 * MaxCharacters)))).TrimEnd('.')}); {Harm}.");

    public static DocumentException Nonsense(string name, Exception cause) =>
        new(name,
            $"the process that read it answered with what is no document ({OneLine(cause.Message).TrimEnd('.')}) and was ended; {Harm}.");

    /// <summary>From what is left of it: its exit code, and what the runtime said on its way out.</summary>
    public static DocumentException Of(string name, DocumentLimits limits, int exitCode, string errors, bool hadBegun)
    {
        if (!hadBegun)
        {
            string why = errors.Split('\n').Select(static line => OneLine(line)).FirstOrDefault(static line => line.Length > 0)
                ?? $"exit code {Number(exitCode)}, no word about it";
            return new DocumentException(
                name, $"the process that reads documents ended before it was ready ({why.TrimEnd('.')}); 'ahn doctor' tries it.");
        }
        if (exitCode == StackOverflowCode || errors.Contains("Stack overflow", StringComparison.OrdinalIgnoreCase))
            return Ended(name, "stack overflow");
        if (errors.Contains("Out of memory", StringComparison.OrdinalIgnoreCase)) return Memory(name, limits);
        const int CpuLimit = Signal + 24, Killed = Signal + 9;
        return exitCode switch
        {
            CpuLimit => Time(name, limits),
            Killed => Ended(name, "killed by the system, which may have had no more memory"),
            > Signal and < Signal + 65 => Ended(name, $"signal {Number(exitCode - Signal)}"),
            _ => Ended(name, $"exit code {Number(exitCode)}"),
        };
    }

    private static DocumentException Ended(string name, string how) => new(name, $"reading it ended the reader ({how}): {Harm}.");

    internal static string Size(long bytes) => bytes >= 1_000_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.#} GB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.#} MB");

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s");

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    // What another process wrote reaches a terminal: no control characters, no line ends, no marks that turn the writing direction.
    private static string OneLine(string text)
    {
        StringBuilder line = new();
        foreach (char c in text)
        {
            if (line.Length >= MaxCharacters) break;
            bool isPlain = !char.IsControl(c) && char.GetUnicodeCategory(c) is not (UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator);
            line.Append(isPlain ? c : ' ');
        }
        return string.Join(' ', line.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
