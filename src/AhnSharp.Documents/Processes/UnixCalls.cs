using System.Runtime.InteropServices;

namespace AhnSharp.Documents.Processes;

/// <summary>What a reader asks of a Unix system about itself.</summary>
internal static unsafe partial class UnixCalls
{
    // Of Linux and macOS alike.
    public const int LimitCpu = 0, LimitFileSize = 1, LimitCore = 4;

    [StructLayout(LayoutKind.Sequential)]
    public struct Limit
    {
        public ulong Soft, Hard;
    }

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    public static partial int SetLimit(int resource, Limit* limit);

    [LibraryImport("libc", EntryPoint = "getppid")]
    public static partial int ParentId();

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    public static partial int ProcessControl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial nint SystemCall(nint number, nint a, nint b, nint c, nint d);
}
