using System;
using System.IO;
using AhnSharp.Cli.Display;

namespace AhnSharp.Cli.Chat;

/// <summary>The last conversation of a terminal, kept when it is left, for <c>ahn chat --resume</c>.</summary>
/// <remarks>Beside the session lies what its model was. Nothing is kept where 'ahn config' says history off.</remarks>
internal static class LastChat
{
    /// <summary>Above this a session is not kept by itself: writing it would make one wait.</summary>
    private const long MostBytes = 1_000_000_000;

    internal static string SessionPath { get; } = Path.Combine(LineHistory.Folder, "last-chat.ahn");

    private static string ModelPath => SessionPath + ".model";

    /// <summary>Model and memory of the kept conversation, as they were named; null: the demo model, or no memory.</summary>
    internal static (string? Model, string? Ahn) Model()
    {
        if (!File.Exists(SessionPath) || !File.Exists(ModelPath))
            throw new UsageException("--resume: no conversation was kept yet; one is whenever a chat in a terminal is left.");
        string[] lines = File.ReadAllLines(ModelPath);
        return (Named(lines, 0), Named(lines, 1));
    }

    internal static void Keep(TextSession session, string? model, string? ahn)
    {
        if (session.State.Position == 0 || session.State.StateBytes > MostBytes) return;
        try
        {
            Directory.CreateDirectory(LineHistory.Folder);
            using IDisposable finishing = CtrlC.Finishing();
            session.Save(SessionPath);
            File.WriteAllText(ModelPath, $"{model}\n{ahn}\n");
            if (OperatingSystem.IsWindows()) return;
            foreach (string path in (string[])[SessionPath, ModelPath])
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            Terminal.Warn($"The conversation was not kept: {Failure.Explain(refused).Sentence}");
        }
    }

    private static string? Named(string[] lines, int i) => i < lines.Length && lines[i].Length > 0 ? lines[i] : null;
}
