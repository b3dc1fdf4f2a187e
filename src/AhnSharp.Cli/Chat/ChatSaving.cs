using System;
using System.IO;
using System.Threading;
using AhnSharp.Cli.Display;
using AhnSharp.Files;
using AhnSharp.Snapshots;

namespace AhnSharp.Cli.Chat;

/// <summary><c>/save</c>: keeps a conversation in a file, over nothing that anybody still needs.</summary>
/// <param name="saving">How the session is kept; null: alone.</param>
/// <param name="inputs">Files that the conversation reads or that its command keeps: they are never written over.</param>
internal sealed class ChatSaving(SnapshotOptions? saving, string?[] inputs)
{
    private FileIdentity? _savedHere;

    /// <summary>Saves; what cannot be written is told, and the chat goes on: nothing of it is lost.</summary>
    internal void Save(TextSession session, string path, CancellationToken leaving)
    {
        const string Overwrite = " --overwrite";
        bool overwrite = path.EndsWith(Overwrite, StringComparison.Ordinal);
        if (overwrite) path = path[..^Overwrite.Length].TrimEnd();
        try
        {
            // What this chat saved before is its own, and may be saved again.
            OutputFile.Check(
                path, OutputKind.Session, overwrite || (_savedHere is not null && FileIdentity.Of(path) == _savedHere), inputs);
            using FileLock alone = FileLock.TryTake(path)
                ?? throw new IOException($"{path}: another command is changing it just now; save again, or to another file.");
            using IDisposable finishing = CtrlC.Finishing();
            session.Save(path, saving, leaving);
            _savedHere = FileIdentity.Of(path);
            Terminal.Note($"Saved to {path}, {ByteProgress.Size(new FileInfo(path).Length)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Terminal.Complain(Failure.Explain(e).Sentence);
        }
    }
}
