using System;
using System.IO;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AhnSharp.Cli.Help;
using Spectre.Console;

namespace AhnSharp.Cli.Display;

/// <summary>
/// Where things are printed: answers and tables on standard output, everything about them on standard error. Nothing else of the
/// command writes to the console.
/// </summary>
/// <remarks>
/// Names, texts and sentences come from files and hubs: here, and nowhere else, <see cref="TerminalText"/> takes out of
/// them what is no text to look at.
/// </remarks>
internal static class Terminal
{
    // In every object, and raised when a member is renamed, removed or means something else; new members do not raise it.
    internal const int Format = 1;
    private const string FormatName = "format";
    private const int NarrowestWidth = 20;

    // Colours of the standard palette, as terminals number them.
    private const string Grey = "90", Red = "31", Yellow = "33";

    /// <summary>Standard error, for progress and notes; plain text where it is not a terminal.</summary>
    internal static IAnsiConsole Errors { get; } = AnsiConsole.Create(
        new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>Standard output, for tables; plain text where it is not a terminal.</summary>
    internal static IAnsiConsole Out { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });

    /// <summary>Standard error for who draws a person's input, row by row.</summary>
    internal static TextWriter Screen => Console.Error;

    /// <summary>True where standard error is a terminal, so that progress may be drawn.</summary>
    internal static bool DrawsProgress => !Console.IsErrorRedirected;

    /// <summary>Columns of the terminal that standard output goes to; null where it is none.</summary>
    internal static int? Width => Console.IsOutputRedirected ? null : Out.Profile.Width;

    /// <summary>Columns for text that is read: the terminal's, also where a pager stands before it; 80 where there is none.</summary>
    internal static int ReadingWidth => Width ?? (Console.IsErrorRedirected ? 80 : Errors.Profile.Width);

    /// <summary>How much is told beside answers: as the command line and the settings say.</summary>
    internal static Verbosity Verbosity { get; set; } = Verbosity.Normal;

    /// <summary>Whether somebody sits there: questions may be asked, answers are seen.</summary>
    internal static bool IsInteractive => !Console.IsInputRedirected && !Console.IsOutputRedirected && !Console.IsErrorRedirected;

    /// <summary>A line on standard output; on a terminal that is narrower it breaks between words.</summary>
    internal static void Print(string line = "")
    {
        string clean = TerminalText.Line(line);
        if (Width is not { } width || Cells.Of(clean) <= width)
        {
            Console.WriteLine(clean);
            return;
        }
        int blanks = clean.Length - clean.TrimStart(' ').Length;
        foreach (string part in HelpText.Wrapped(clean, Math.Max(NarrowestWidth, width), blanks == 0 ? 0 : blanks + 2))
            Console.WriteLine(part);
    }

    /// <summary>A line on standard output that stays one, whatever the width: a row of columns, a line of a script.</summary>
    internal static void PrintWhole(string line) => Console.WriteLine(TerminalText.Line(line));

    /// <summary>The name of a file on a line of its own, for the next command: as it is where a program reads it.</summary>
    internal static void PrintPath(string path) => Console.WriteLine(Console.IsOutputRedirected ? path : TerminalText.Line(path));

    /// <summary>The beginning of a line on standard output, which something else ends.</summary>
    internal static void PrintStart(string text) => Console.Write(TerminalText.Line(text));

    /// <summary>What stands between two parts of a line on standard output: blanks, or the end of a line and blanks.</summary>
    internal static void PrintGap(string gap) => Console.Write(gap);

    /// <summary>A text of documents: as it is into files and pipes; a terminal gets <paramref name="shown"/> and a line's end.</summary>
    internal static void PrintText(string text, Func<string, string> shown) =>
        Console.Write(Console.IsOutputRedirected ? text : shown(text) + Environment.NewLine);

    /// <summary>
    /// What takes the pieces of an answer to standard output: into files and pipes as the model wrote them; to a terminal without what
    /// would command it, its words unbroken and its marks as what they mean.
    /// </summary>
    internal static AnswerPrinter? NewAnswer() => Console.IsOutputRedirected ? null
        : new AnswerPrinter(Console.Out, static () => Math.Max(NarrowestWidth, Out.Profile.Width), Out.Profile.Capabilities.Ansi);

    /// <summary>A piece of an answer, by what <see cref="NewAnswer"/> gave.</summary>
    internal static void PrintAnswer(AnswerPrinter? printer, string piece)
    {
        if (printer is null) Console.Write(piece);
        else printer.Write(TerminalText.Answer(piece));
    }

    /// <summary>A table; where a terminal is too narrow for it, a line for each of its values. Files and pipes are as wide as it.</summary>
    internal static void Print(Table table)
    {
        if (Width is { } width)
        {
            if (NarrowTable.Of(table, width) is { } narrow) foreach (string line in narrow) Print(line);
            else Out.Write(table);
            return;
        }
        int assumed = Out.Profile.Width;
        Out.Profile.Width = Math.Max(assumed, NarrowTable.NaturalWidth(table));
        Out.Write(table);
        Out.Profile.Width = assumed;
    }

    /// <summary>A text in a style, for tables and lines of several styles.</summary>
    internal static Text Cell(string text, Style? style = null) => new(TerminalText.Line(text), style);

    /// <summary>One grey line on standard error, which --quiet leaves out.</summary>
    internal static void Note(string line) => Note(line, 0);

    /// <summary>The same; where a narrower terminal breaks it, so many blanks stand before each further part.</summary>
    internal static void Note(string line, int indent)
    {
        if (Verbosity != Verbosity.Quiet) WriteError(line, Grey, indent);
    }

    /// <summary>One grey line on standard error, for those who ask for it with --verbose.</summary>
    internal static void Detail(string line)
    {
        if (Verbosity == Verbosity.Verbose) WriteError(line, Grey);
    }

    /// <summary>A sentence on standard error about something that goes on, though it may not end well.</summary>
    internal static void Warn(string sentence) => WriteError(sentence, Yellow);

    /// <summary>The sentence that says what went wrong, on standard error.</summary>
    internal static void Complain(string sentence) => WriteError($"ahn: {sentence}", Red);

    /// <summary>What stands before a person's input, on standard error.</summary>
    internal static void Prompt(string prompt) => Errors.Write(Cell(prompt, new Style(Color.Green)));

    /// <summary>One JSON object on standard output; <paramref name="members"/> writes what is between its braces.</summary>
    internal static void PrintJson(Action<Utf8JsonWriter> members)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(
            stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteNumber(FormatName, Format);
            members(writer);
            writer.WriteEndObject();
        }
        PrintJson(Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length));
    }

    /// <summary>A value as JSON on standard output.</summary>
    internal static void PrintJson<T>(T value, JsonTypeInfo<T> type) => PrintJson(JsonSerializer.Serialize(value, type));

    /// <summary>JSON that a serializer wrote, on standard output.</summary>
    internal static void PrintJson(string json) => Console.WriteLine(TerminalText.Json(json));

    /// <summary>Gives a terminal back its cursor, where the process leaves in the middle of a bar.</summary>
    internal static void Restore()
    {
        if (DrawsProgress && Errors.Profile.Capabilities.Ansi) Console.Error.Write("\e[0m\r\e[K\e[?25h");
    }

    // Lines break between words on a terminal and nowhere else, and never within one: names of files stay whole.
    private static void WriteError(string line, string color, int indent = 0)
    {
        string clean = TerminalText.Line(line);
        if (!DrawsProgress)
        {
            Console.Error.WriteLine(clean);
            return;
        }
        bool isStyled = Errors.Profile.Capabilities.Ansi;
        foreach (string part in HelpText.Wrapped(clean, Math.Max(NarrowestWidth, Errors.Profile.Width), indent))
            Console.Error.WriteLine(isStyled ? $"\e[{color}m{part}\e[0m" : part);
    }
}
