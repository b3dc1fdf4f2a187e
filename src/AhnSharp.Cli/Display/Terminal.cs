using System;
using System.IO;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace AhnSharp.Cli.Display;

/// <summary>Where things are printed: answers and tables on standard output, everything about them on standard error.</summary>
internal static class Terminal
{
    // Colours of the standard palette, as terminals number them.
    private const string Grey = "90", Red = "31", Yellow = "33";

    /// <summary>Standard error, for progress and notes; plain text where it is not a terminal.</summary>
    internal static IAnsiConsole Errors { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>Standard output, for tables; plain text where it is not a terminal.</summary>
    internal static IAnsiConsole Out { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });

    /// <summary>True where standard error is a terminal, so that progress may be drawn.</summary>
    internal static bool DrawsProgress => !Console.IsErrorRedirected;

    /// <summary>One grey line on standard error.</summary>
    internal static void Note(string line) => WriteError(line, Grey);

    /// <summary>A sentence on standard error about something that goes on, though it may not end well.</summary>
    internal static void Warn(string sentence) => WriteError(sentence, Yellow);

    /// <summary>The sentence that says what went wrong, on standard error.</summary>
    internal static void Complain(string sentence) => WriteError($"ahn: {sentence}", Red);

    /// <summary>What stands before a person's input, on standard error.</summary>
    internal static void Prompt(string prompt) => Errors.Write(new Text(prompt, new Style(Color.Green)));

    /// <summary>One JSON object on standard output; <paramref name="members"/> writes what is between its braces.</summary>
    internal static void PrintJson(Action<Utf8JsonWriter> members)
    {
        using (Stream stream = Console.OpenStandardOutput())
        using (Utf8JsonWriter writer = new(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        Console.WriteLine();
    }

    /// <summary>A value as JSON on standard output.</summary>
    internal static void PrintJson<T>(T value, JsonTypeInfo<T> type) => Console.WriteLine(JsonSerializer.Serialize(value, type));

    // Written past Spectre, which breaks lines at the width of the terminal: one line stays one when it is copied.
    private static void WriteError(string line, string color) =>
        Console.Error.WriteLine(DrawsProgress && Errors.Profile.Capabilities.Ansi ? $"\e[{color}m{line}\e[0m" : line);
}
