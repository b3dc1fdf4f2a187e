using System.Collections.Generic;

namespace AhnSharp.Cli.Chat;

/// <summary>The commands of a conversation, with what each does.</summary>
internal static class ChatWords
{
    internal static IReadOnlyList<(string Word, string Line)> All { get; } =
    [
        ("/help", "/help, /?          these lines"),
        ("/file", "/file FILE         reads a document into the conversation"),
        ("/sources", "/sources           the passages of the archive that the last answer was read from"),
        ("/set", "/set NAME VALUE    temperature, top-p, top-k, min-p, repeat-penalty, max-tokens or seed; /set alone shows them"),
        ("/system", "/system TEXT       begins anew with this system turn"),
        ("/undo", "/undo              removes the last turn and its answer"),
        ("/retry", "/retry             asks the last turn again"),
        ("/reset", "/reset             forgets the conversation"),
        ("/stats", "/stats             what the session holds, and what the last answer took"),
        ("/save", "/save FILE         keeps the conversation for 'ahn chat --session FILE'; --overwrite behind it replaces one"),
        ("/exit", "/exit, /bye        leaves (so do /quit, Ctrl-D and the end of the input); 'ahn chat --resume' goes on"),
        ("//", "//…                a turn that begins with /"),
    ];

    /// <summary>Columns before what a word does.</summary>
    internal const int Indent = 19;

    /// <summary>What the keys do.</summary>
    internal const string Keys =
        "\"\"\" … \"\"\" is a turn of several lines; so is a \\ at a line's end, and what is pasted. Ctrl-C stops an answer; twice leaves.";
}
