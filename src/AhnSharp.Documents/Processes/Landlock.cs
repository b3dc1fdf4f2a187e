using System.Runtime.InteropServices;

namespace AhnSharp.Documents.Processes;

/// <summary>
/// Landlock's rules for the calling thread and all that it starts: no writing, no TCP, no signals to others. A second wall behind
/// <see cref="SystemCallFilter"/>.
/// </summary>
/// <remarks>Source: landlock(7), linux/landlock.h of Linux 6.12.</remarks>
internal static unsafe class Landlock
{
    // WRITE_FILE; REMOVE_DIR to MAKE_SYM; from version 2 REFER, from 3 TRUNCATE. Reading, listing and executing stay: the
    // runtime loads its libraries late.
    private const ulong Writing = 1UL << 1 | 0x1FF0, Refer = 1UL << 13, Truncate = 1UL << 14;

    // BIND_TCP, CONNECT_TCP; ABSTRACT_UNIX_SOCKET, SIGNAL.
    private const ulong Tcp = 3, Scopes = 3;

    [StructLayout(LayoutKind.Sequential)]
    private struct Ruleset
    {
        public ulong Files, Network, Scoped;
    }

    /// <summary>The version of Landlock whose rules hold now; 0 where the kernel has none.</summary>
    public static int Apply()
    {
        int version = (int)UnixCalls.SystemCall(SystemCallNumbers.LandlockCreateRuleset, 0, 0, 1, 0);
        if (version < 1) return 0;
        Ruleset rules = new()
        {
            Files = Writing | (version >= 2 ? Refer : 0) | (version >= 3 ? Truncate : 0),
            Network = version >= 4 ? Tcp : 0,
            Scoped = version >= 6 ? Scopes : 0,
        };
        // An older kernel knows a shorter structure.
        nint size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
        int file = (int)UnixCalls.SystemCall(SystemCallNumbers.LandlockCreateRuleset, (nint)(&rules), size, 0, 0);
        return file >= 0 && UnixCalls.SystemCall(SystemCallNumbers.LandlockRestrictSelf, file, 0, 0, 0) == 0 ? version : 0;
    }
}
