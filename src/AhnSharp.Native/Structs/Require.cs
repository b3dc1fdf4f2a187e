using System;
using AhnSharp.Archive;
using AhnSharp.Attention;
using AhnSharp.Sessions;

namespace AhnSharp.Native.Structs;

/// <summary>Members of options that say 0 for the default: their meaning, or a sentence that names the member.</summary>
internal static class Require
{
    // In the order of the header, behind the default.
    private static readonly MemoryMode[] s_modes = [MemoryMode.Full, MemoryMode.Window, MemoryMode.Ahn];
    private static readonly KvType[] s_kvTypes = [KvType.F32, KvType.F16, KvType.Q8_0];

    private static readonly bool[] s_thinking = [true, false];

    private static readonly ArchiveType[] s_archives = [ArchiveType.EightBits, ArchiveType.FourBits];
    private static readonly ArchiveReading[] s_readings = [ArchiveReading.Ahn, ArchiveReading.Window];
    private static readonly ArchiveReadout[] s_readouts = [ArchiveReadout.Gated, ArchiveReadout.Off, ArchiveReadout.On];

    /// <summary>Threads of a team and tokens of a chunk: what is above costs memory before anything is read.</summary>
    internal const int MaxThreads = 1024, MaxChunkTokens = 1 << 16;

    internal static int AtLeastOneOr(int value, int otherwise, string name, int most = int.MaxValue)
    {
        if (value == 0) return otherwise;
        if (value > 0 && value <= most) return value;
        string range = most == int.MaxValue ? "of at least 1" : $"from 1 to {most}";
        throw new ArgumentException($"{name}: expected a whole number {range}, or 0 for the default, found {value}.");
    }

    internal static bool Flag(int value, string name) => value switch
    {
        0 => false,
        1 => true,
        _ => throw new ArgumentException($"{name}: expected 0 or 1, found {value}."),
    };

    internal static bool? Thinking(int value, string name) => OneOf(s_thinking, value, name);

    internal static MemoryMode? Memory(int value, string name) => OneOf(s_modes, value, name);

    internal static KvType? Kv(int value, string name) => OneOf(s_kvTypes, value, name);

    internal static ArchiveType? TypeOfArchive(int value, string name) => OneOf(s_archives, value, name);

    internal static ArchiveReading Reading(int value, string name) => From0(s_readings, value, name);

    internal static ArchiveReadout Readout(int value, string name) => From0(s_readouts, value, name);

    internal static int NumberOf(MemoryMode mode) => Array.IndexOf(s_modes, mode) + 1;

    internal static int NumberOf(KvType kv) => Array.IndexOf(s_kvTypes, kv) + 1;

    private static T From0<T>(T[] values, int value, string name) => (uint)value < (uint)values.Length
        ? values[value] : throw new ArgumentException($"{name}: expected a number from 0 to {values.Length - 1}, found {value}.");

    private static T? OneOf<T>(T[] values, int value, string name) where T : struct =>
        (uint)value <= (uint)values.Length
            ? value == 0 ? null : values[value - 1]
            : throw new ArgumentException($"{name}: expected a number from 0 to {values.Length}, found {value}.");
}
