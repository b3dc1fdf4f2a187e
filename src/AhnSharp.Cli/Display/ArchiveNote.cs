using System;
using System.Globalization;
using System.IO;
using AhnSharp.Machine;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Display;

/// <summary>The sentence before documents are read into an archive: what it will take of a disk, and what is free there.</summary>
internal static class ArchiveNote
{
    /// <summary>Prints it; nothing where the session has no archive.</summary>
    /// <param name="plan">The session.</param>
    /// <param name="total">Tokens that it will have read.</param>
    /// <param name="read">Tokens that it has read before, and that lie in a file.</param>
    /// <param name="unsaved">The most tokens between two checkpoints: their blocks are written, then copied to the file.</param>
    /// <param name="folder">Where the file is to lie.</param>
    /// <exception cref="IOException">There is not so much room.</exception>
    internal static void Show(SessionPlan plan, long total, long read, long unsaved, string folder)
    {
        if (plan.Archive is not { } archive) return;
        long bytes = plan.ArchiveBytes(total), more = bytes - plan.ArchiveBytes(read), free = FreeBytesOf(folder);
        // What is not copied yet lies on the disk twice for a moment.
        long needed = more + Math.Min(more, plan.ArchiveBytes(unsaved + plan.Window + plan.Sinks));
        if (needed > free)
        {
            throw new IOException(
                $"{folder}: expected {ByteProgress.Size(needed)} of room for the archive of {Count(total)} tokens, found "
                    + $"{ByteProgress.Size(free)}; make room, write to another disk, or leave the archive out with --no-archive.");
        }
        long index = plan.ArchiveIndexBytes(total), memory = MachineMemory.Read().AvailableBytes;
        long block = plan.ArchiveBytes((long)plan.Window + plan.Sinks + archive.BlockTokens);
        Terminal.Note(
            $"archive: {ByteProgress.Size(block / archive.BlockTokens)} per token, {ByteProgress.Size(bytes)} for {Count(total)} tokens, "
                + $"of {ByteProgress.Size(free)} free in {folder}; its index takes "
                + $"{ByteProgress.Size(index)} of memory");
        if (index > memory)
        {
            Terminal.Warn(
                $"The index is more than the {ByteProgress.Size(memory)} of memory that are free: --archive-limit bounds it too.");
        }
    }

    private static long FreeBytesOf(string folder) => new DriveInfo(folder).AvailableFreeSpace;

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
