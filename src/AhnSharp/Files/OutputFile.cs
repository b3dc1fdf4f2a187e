using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace AhnSharp.Files;

/// <summary>The one place that decides whether a file may be written, so that nothing that somebody still needs is written over.</summary>
/// <remarks>
/// Never replaced, whatever is asked for: a file that the work reads (by any of its names), what stands in a folder that it reads, a pipe
/// or device, a model by what is no model, a session by what is no session and the other way round, weights of another format. Replaced
/// only where it is asked for: everything else.
/// </remarks>
internal static class OutputFile
{
    private static readonly string[] s_weightEndings = [".safetensors", ".pt", ".pth", ".onnx"];
    private static readonly EnumerationOptions s_everything =
        new() { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = true };

    /// <summary>Opens the file to write, once it is known that it may be.</summary>
    /// <inheritdoc cref="Check"/>
    public static PartialFile Create(string path, OutputKind kind, bool overwrite = false, params IEnumerable<string?> inputs)
    {
        Check(path, kind, overwrite, inputs);
        return new PartialFile(path, mayReplace: overwrite);
    }

    /// <summary>Says what is in the way of writing a file, before any work.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">What it will be.</param>
    /// <param name="overwrite">Whether somebody said that what stands there may go.</param>
    /// <param name="inputs">Files and folders that the work reads; null and missing ones are none.</param>
    /// <exception cref="IOException">It may not be written; the message is one sentence.</exception>
    public static void Check(string path, OutputKind kind, bool overwrite = false, params IEnumerable<string?> inputs)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(inputs);
        if (FileIdentity.Of(path) is not { } there) return;
        CheckUnread(path, there, kind, inputs);
        CheckKind(path, kind);
        if (!overwrite) throw new IOException($"{path} exists: --overwrite replaces it.");
    }

    /// <summary>The same for a file that is gone on with, not replaced: it is no input, no model and no session.</summary>
    /// <exception cref="IOException">It may not be written; the message is one sentence.</exception>
    public static void CheckContinued(string path, params IEnumerable<string?> inputs)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(inputs);
        if (FileIdentity.Of(path) is not { } there) return;
        CheckUnread(path, there, OutputKind.Other, inputs, isContinued: true);
        CheckKind(path, OutputKind.Other);
    }

    /// <summary>The same for a library's saving, which replaces a session that stands there, and nothing else.</summary>
    /// <exception cref="IOException">Another file stands there; the message is one sentence.</exception>
    public static PartialFile CreateOverSession(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (FileIdentity.Of(path) is not null) CheckKind(path, OutputKind.Session);
        return new PartialFile(path);
    }

    private enum Content
    {
        Empty,
        Model,
        Weights,
        Session,
        Other,
    }

    private static void CheckUnread(string path, FileIdentity there, OutputKind kind, IEnumerable<string?> inputs, bool isContinued = false)
    {
        foreach (string input in inputs.OfType<string>())
        {
            if (FileIdentity.Of(input) is { } read && read == there)
                throw new IOException($"{path}: expected another file to write than {input}, which is read.");
            if (!Directory.Exists(input) || isContinued) continue;
            // Of its own kind is what earlier runs of the same command wrote there: no reader of the folder takes it.
            Content content = ContentOf(path);
            bool isOwn = (kind, content) is (OutputKind.Model, Content.Model) or (OutputKind.Session, Content.Session);
            if (!isOwn && LiesIn(path, there, input))
                throw new IOException($"{path}: expected a file outside of {input}, which is read, or a new name in it.");
        }
    }

    private static void CheckKind(string path, OutputKind kind)
    {
        if (FileIdentity.Of(path) is { IsRegular: false })
            throw new IOException($"{path}: expected the name of a file to write, found a pipe or a device.");
        string? what = (ContentOf(path), kind) switch
        {
            (Content.Model, not OutputKind.Model) => "a GGUF model",
            (Content.Weights, _) => "weights of a model",
            (Content.Session, not OutputKind.Session) => "a saved session",
            (Content.Other, OutputKind.Session) => "what is no saved session",
            _ => null,
        };
        if (what is not null) throw new IOException($"{path}: expected a file that may be replaced, found {what}; name another one.");
    }

    private static bool LiesIn(string path, FileIdentity there, string folder)
    {
        string root = Path.TrimEndingDirectorySeparator(RealFolder(Path.GetFullPath(folder))) + Path.DirectorySeparatorChar;
        string full = Path.GetFullPath(path), real = File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
        if ((RealFolder(Path.GetDirectoryName(real)!) + Path.DirectorySeparatorChar).StartsWith(root, StringComparison.Ordinal))
            return true;
        if (Path.GetDirectoryName(full) is { } named
            && (RealFolder(named) + Path.DirectorySeparatorChar).StartsWith(root, StringComparison.Ordinal)) return true;
        // A link in the folder, or a second name of a file of it, leads out of the folder to the file.
        return Directory.EnumerateFiles(folder, "*", s_everything).Any(file => FileIdentity.Of(file) == there);
    }

    // Links of every folder on the way are followed.
    private static string RealFolder(string folder)
    {
        string real = Path.GetPathRoot(folder) ?? "";
        foreach (string part in folder[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, part);
            try
            {
                real = Directory.ResolveLinkTarget(real, returnFinalTarget: true)?.FullName ?? real;
            }
            catch (IOException)
            {
                // A loop of links, or a part that is gone: the name stands for itself.
            }
        }
        return real;
    }

    private static Content ContentOf(string path)
    {
        if (FileIdentity.Of(path) is not { IsRegular: true }) return Content.Other;
        Span<byte> start = stackalloc byte[16];
        int read;
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        }
        catch (UnauthorizedAccessException)
        {
            return Content.Other;
        }
        if (read == 0) return Content.Empty;
        start = start[..read];
        if (start.StartsWith("GGUF"u8)) return Content.Model;
        if (start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'A', (byte)'H', (byte)'N', 0x0D, 0x0A, 0x1A, 0x0A])) return Content.Session;
        // Eight bytes of length, then JSON: safetensors under whatever name.
        bool isSafetensors = read == 16 && start[8..].StartsWith("{\""u8) && start[5] == 0 && start[6] == 0 && start[7] == 0;
        return isSafetensors
            || s_weightEndings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase) ? Content.Weights : Content.Other;
    }
}
