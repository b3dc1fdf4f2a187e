using System;
using System.Diagnostics;
using System.IO;

namespace AhnSharp.Documents.Processes;

/// <summary>What a reader gives up before it sees a byte of a document.</summary>
internal static class Restraint
{
    private static int s_landlock;

    /// <summary>To be called on the thread that starts all others.</summary>
    /// <returns>False where the process that asked has gone already.</returns>
    public static unsafe bool Apply(int parent)
    {
        if (OperatingSystem.IsWindows()) return true;
        if (OperatingSystem.IsLinux())
        {
            const int SetParentDeathSignal = 1, SetDumpable = 4, Kill = 9;
            _ = UnixCalls.ProcessControl(SetParentDeathSignal, Kill, 0, 0, 0);
            if (parent != 0 && UnixCalls.ParentId() != parent) return false;
            // A core goes to a program that the system names, whatever the limit says.
            _ = UnixCalls.ProcessControl(SetDumpable, 0, 0, 0, 0);
        }
        // A file that cannot grow is not written; pipes are no files.
        SetLimit(UnixCalls.LimitCore, 0);
        SetLimit(UnixCalls.LimitFileSize, 0);
        if (OperatingSystem.IsLinux())
        {
            const int SetNoNewPrivileges = 38;
            _ = UnixCalls.ProcessControl(SetNoNewPrivileges, 1, 0, 0, 0);
            s_landlock = Landlock.Apply();
            SystemCallFilter.Apply();
        }
        return true;
    }

    /// <summary>
    /// The system's own end of a process that computes for too long: behind the watch of the process that
    /// asked, should that one stand still.
    /// </summary>
    public static void LimitTime(TimeSpan time)
    {
        if (!OperatingSystem.IsWindows()) SetLimit(UnixCalls.LimitCpu, (ulong)Math.Clamp(Math.Ceiling(time.TotalSeconds) + 2, 3, 1e9));
    }

    /// <summary>Tries what should not be possible any more.</summary>
    public static DocumentSandbox Try() => new(IsDenied(Write), IsDenied(Connect), IsDenied(Start), s_landlock);

    private static unsafe void SetLimit(int resource, ulong value)
    {
        UnixCalls.Limit limit = new() { Soft = value, Hard = value };
        _ = UnixCalls.SetLimit(resource, &limit);
    }

    private static void Write() => new FileStream(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        Options = FileOptions.DeleteOnClose,
    }).Dispose();

    // Somebody would have to listen for a connection: a socket is all that is asked for. Windows has nothing that takes it away here.
    private static void Connect()
    {
        const int Internet = 2, Stream = 1;
        if (!OperatingSystem.IsWindows() && UnixCalls.Socket(Internet, Stream, 0) < 0) throw new IOException("no socket");
    }

    private static void Start()
    {
        using Process process = Process.Start(new ProcessStartInfo(
            OperatingSystem.IsWindows() ? "hostname" : "true")
        { UseShellExecute = false, RedirectStandardOutput = true })!;
        process.WaitForExit();
    }

    private static bool IsDenied(Action attempt)
    {
        try
        {
            attempt();
            return false;
        }
#pragma warning disable CA1031 // However the system says no.
        catch (Exception)
#pragma warning restore CA1031
        {
            return true;
        }
    }
}
